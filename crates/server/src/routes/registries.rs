//! `srcm/v3`: Schema Registry clusters.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use nutkin_api::cmk::ClusterStatus;
use nutkin_api::srcm::{Cluster, ClusterSpec};
use nutkin_api::{List, ObjectMeta, Reference};
use nutkin_control::resources::{Environment, RegistryCluster, Stored};
use nutkin_control::statement::traits::rfc3339;
use serde::Deserialize;

use crate::auth::Administrator;
use crate::error::Result;
use crate::extract::{Json, Query};
use crate::paging::{PageQuery, list};
use crate::state::AppState;

const VERSION: &str = "srcm/v3";

pub fn routes() -> Router<AppState> {
    Router::new().route("/srcm/v3/clusters", get(list_clusters)).route("/srcm/v3/clusters/{id}", get(read_cluster))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ClusterQuery {
    environment: Option<String>,
    page_size: Option<u32>,
    page_token: Option<String>,
}

async fn to_wire(state: &AppState, stored: Stored<RegistryCluster>) -> Result<Cluster> {
    let registry = stored.resource;
    let environment = state.control.resources.get::<Environment>(&registry.environment).await?;
    let package = environment.map_or("ESSENTIALS".to_owned(), |environment| environment.resource.package);
    let parts = [("environment", registry.environment.as_str()), ("schema-registry", &stored.id)];
    Ok(Cluster {
        api_version: VERSION.to_owned(),
        kind: "Cluster".to_owned(),
        metadata: ObjectMeta {
            self_link: Some(state.url(&format!("/srcm/v3/clusters/{}", stored.id))),
            resource_name: Some(state.resource_name(&parts)),
            created_at: Some(rfc3339(stored.created_at)),
            updated_at: Some(rfc3339(stored.updated_at)),
            resource_version: None,
        },
        spec: ClusterSpec {
            display_name: "Stream Governance Package".to_owned(),
            package,
            http_endpoint: state.url(&format!("/sr/{}", stored.id)),
            cloud: registry.cloud,
            region: registry.region,
            environment: Some(Reference::to(registry.environment)),
        },
        status: Some(ClusterStatus { phase: "PROVISIONED".to_owned() }),
        id: stored.id,
    })
}

async fn list_clusters(
    State(state): State<AppState>,
    _: Administrator,
    Query(query): Query<ClusterQuery>,
) -> Result<Json<List<Cluster>>> {
    let paging = PageQuery { page_size: query.page_size, page_token: query.page_token };
    let environment = query.environment.as_deref();
    let page = state.control.resources.page::<RegistryCluster>(environment, paging.after(), paging.limit()?).await?;
    let mut data = Vec::with_capacity(page.items.len());
    for stored in page.items {
        data.push(to_wire(&state, stored).await?);
    }
    let path = environment.map_or("/srcm/v3/clusters".to_owned(), |e| format!("/srcm/v3/clusters?environment={e}"));
    Ok(Json(list(&state, VERSION, "ClusterList", &path, &paging, data, page.next)))
}

async fn read_cluster(
    State(state): State<AppState>,
    _: Administrator,
    Path(id): Path<String>,
) -> Result<Json<Cluster>> {
    let stored = state.control.resources.require::<RegistryCluster>(&id).await?;
    Ok(Json(to_wire(&state, stored).await?))
}
