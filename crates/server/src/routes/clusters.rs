//! `cmk/v2`: Kafka clusters.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use nutkin_api::cmk::{Cluster, ClusterConfig, ClusterEndpoint, ClusterSpec, ClusterStatus};
use nutkin_api::{List, ObjectMeta, Reference};
use nutkin_control::ControlError;
use nutkin_control::resources::{ClusterFlavour, KafkaCluster, Stored};
use nutkin_control::statement::traits::rfc3339;
use serde::Deserialize;

use crate::auth::Administrator;
use crate::error::Result;
use crate::extract::{Json, Query};
use crate::paging::{PageQuery, list};
use crate::state::AppState;

const VERSION: &str = "cmk/v2";

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/cmk/v2/clusters", get(list_clusters).post(create_cluster))
        .route("/cmk/v2/clusters/{id}", get(read_cluster).patch(update_cluster).delete(delete_cluster))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ClusterQuery {
    environment: Option<String>,
    page_size: Option<u32>,
    page_token: Option<String>,
}

/// The cluster as the API shows it; of an attached one nothing that is secret.
pub(super) fn to_wire(state: &AppState, stored: Stored<KafkaCluster>) -> Cluster {
    let cluster = stored.resource;
    let mut endpoints = BTreeMap::new();
    let mut endpoint = |name: &str, kafka_bootstrap_endpoint: String, connection_type: &str| {
        let connection_type = connection_type.to_owned();
        endpoints.insert(name.to_owned(), ClusterEndpoint { kafka_bootstrap_endpoint, connection_type });
    };
    let (bootstrap, http) = match &cluster.flavour {
        ClusterFlavour::Embedded { port, anonymous_port } => {
            if let Some(port) = anonymous_port.filter(|_| state.control.options.anonymous_kafka) {
                let address = format!("PLAINTEXT://127.0.0.1:{port}");
                endpoint("loopback-without-login", address, "LOOPBACK_WITHOUT_LOGIN");
            }
            // As the original writes it. The port also serves clients that do not use TLS.
            let protocol = if state.control.options.kafka_tls.is_some() { "SASL_SSL" } else { "SASL_PLAINTEXT" };
            (format!("{protocol}://{}:{port}", state.control.options.advertised_host), Some(state.url("")))
        }
        ClusterFlavour::Attached { bootstrap_servers, security_protocol, .. } => {
            let address = format!("{security_protocol}://{bootstrap_servers}");
            endpoint("attached", address.clone(), "ATTACHED");
            (address, None)
        }
    };
    let parts = [("environment", cluster.environment.as_str()), ("cloud-cluster", &stored.id), ("kafka", &stored.id)];
    Cluster {
        api_version: VERSION.to_owned(),
        kind: "Cluster".to_owned(),
        metadata: ObjectMeta {
            self_link: Some(state.url(&format!("/cmk/v2/clusters/{}?environment={}", stored.id, cluster.environment))),
            resource_name: Some(state.resource_name(&parts)),
            created_at: Some(rfc3339(stored.created_at)),
            updated_at: Some(rfc3339(stored.updated_at)),
            resource_version: Some(stored.version.to_string()),
        },
        id: stored.id,
        spec: ClusterSpec {
            display_name: cluster.display_name,
            availability: cluster.availability,
            cloud: cluster.cloud,
            region: cluster.region,
            config: ClusterConfig { kind: cluster.kind },
            kafka_bootstrap_endpoint: Some(bootstrap),
            http_endpoint: http,
            endpoints,
            environment: Some(Reference::to(cluster.environment)),
        },
        status: Some(ClusterStatus { phase: "PROVISIONED".to_owned() }),
    }
}

async fn list_clusters(
    State(state): State<AppState>,
    _: Administrator,
    Query(query): Query<ClusterQuery>,
) -> Result<Json<List<Cluster>>> {
    let paging = PageQuery { page_size: query.page_size, page_token: query.page_token };
    let environment = query.environment.as_deref();
    let page = state.control.resources.page::<KafkaCluster>(environment, paging.after(), paging.limit()?).await?;
    let data = page.items.into_iter().map(|stored| to_wire(&state, stored)).collect();
    let path = environment.map_or("/cmk/v2/clusters".to_owned(), |e| format!("/cmk/v2/clusters?environment={e}"));
    Ok(Json(list(&state, VERSION, "ClusterList", &path, &paging, data, page.next)))
}

async fn create_cluster(
    State(state): State<AppState>,
    _: Administrator,
    Json(body): Json<Cluster>,
) -> Result<(StatusCode, Json<Cluster>)> {
    let spec = body.spec;
    let missing = || ControlError::Invalid("spec.environment.id is missing.".to_owned());
    let environment = spec.environment.ok_or_else(missing)?.id;
    let kind = if spec.config.kind.is_empty() { "Basic" } else { &spec.config.kind };
    let availability = if spec.availability.is_empty() { "SINGLE_ZONE" } else { &spec.availability };
    let provision = &state.control.provision;
    let stored = provision
        .create_cluster(&environment, &spec.display_name, &spec.cloud, &spec.region, kind, availability)
        .await?;
    Ok((StatusCode::ACCEPTED, Json(to_wire(&state, stored))))
}

async fn read_cluster(
    State(state): State<AppState>,
    _: Administrator,
    Path(id): Path<String>,
    Query(query): Query<ClusterQuery>,
) -> Result<Json<Cluster>> {
    let stored = state.control.resources.require::<KafkaCluster>(&id).await?;
    if query.environment.is_some_and(|environment| environment != stored.resource.environment) {
        return Err(ControlError::not_found("Kafka cluster", id).into());
    }
    Ok(Json(to_wire(&state, stored)))
}

async fn update_cluster(
    State(state): State<AppState>,
    _: Administrator,
    Path(id): Path<String>,
    Json(body): Json<Cluster>,
) -> Result<Json<Cluster>> {
    Ok(Json(to_wire(&state, state.control.provision.rename_cluster(&id, &body.spec.display_name).await?)))
}

async fn delete_cluster(State(state): State<AppState>, _: Administrator, Path(id): Path<String>) -> Result<StatusCode> {
    state.control.provision.delete_cluster(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}
