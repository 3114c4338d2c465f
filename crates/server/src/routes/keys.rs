//! `iam/v2/api-keys` (spec S002-041).

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use nutkin_api::iam::{ApiKey, ApiKeySpec};
use nutkin_api::{List, ObjectMeta, Reference};
use nutkin_control::ControlError;
use nutkin_control::resources::{self, KeyScope, Stored};
use nutkin_control::statement::traits::rfc3339;
use serde::Deserialize;

use crate::auth::Administrator;
use crate::error::Result;
use crate::extract::{Json, Query};
use crate::paging::{PageQuery, list};
use crate::state::AppState;

const VERSION: &str = "iam/v2";

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/iam/v2/api-keys", get(list_keys).post(create_key))
        .route("/iam/v2/api-keys/{id}", get(read_key).patch(update_key).delete(delete_key))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KeyQuery {
    #[serde(rename = "spec.owner")]
    owner: Option<String>,
    page_size: Option<u32>,
    page_token: Option<String>,
}

/// What `spec.resource` means: its id's prefix, or a region such as `aws.us-east-1` together with an environment.
fn scope_of(resource: Option<&Reference>) -> Result<KeyScope> {
    let Some(resource) = resource.filter(|resource| !resource.id.is_empty()) else { return Ok(KeyScope::Cloud) };
    let id = resource.id.clone();
    let scope = match id.split_once(['-', '.']) {
        _ if id == "global" => KeyScope::Global,
        _ if id == "cloud" => KeyScope::Cloud,
        Some(("lkc", _)) => KeyScope::Kafka { cluster: id },
        Some(("lsrc", _)) => KeyScope::Registry { cluster: id },
        Some(("aws" | "gcp" | "azure", _)) => {
            let missing =
                || ControlError::Invalid("spec.resource.environment is missing for a Flink API key.".to_owned());
            let environment = resource.environment.clone().ok_or_else(missing)?;
            KeyScope::Flink { environment, region: id }
        }
        _ => {
            let text = format!(
                "spec.resource.id '{id}' is not a Kafka cluster (lkc-), a Schema Registry (lsrc-), a Flink region such as \
                 aws.us-east-1, 'cloud' or 'global'."
            );
            return Err(ControlError::Invalid(text).into());
        }
    };
    Ok(scope)
}

fn resource_of(scope: &KeyScope) -> Reference {
    match scope {
        KeyScope::Global => Reference::to("global"),
        KeyScope::Cloud => Reference { kind: Some("Cloud".to_owned()), ..Reference::to("cloud") },
        KeyScope::Flink { environment, region } => Reference {
            environment: Some(environment.clone()),
            api_version: Some("fcpm/v2".to_owned()),
            kind: Some("Region".to_owned()),
            ..Reference::to(region.clone())
        },
        KeyScope::Kafka { cluster } => Reference {
            api_version: Some("cmk/v2".to_owned()),
            kind: Some("Cluster".to_owned()),
            ..Reference::to(cluster.clone())
        },
        KeyScope::Registry { cluster } => Reference {
            api_version: Some("srcm/v3".to_owned()),
            kind: Some("Cluster".to_owned()),
            ..Reference::to(cluster.clone())
        },
    }
}

fn to_wire(state: &AppState, stored: Stored<resources::ApiKey>, secret: Option<String>) -> ApiKey {
    let key = stored.resource;
    let kind = if key.owner.starts_with("sa-") { "ServiceAccount" } else { "User" };
    ApiKey {
        api_version: VERSION.to_owned(),
        kind: "ApiKey".to_owned(),
        metadata: ObjectMeta {
            self_link: Some(state.url(&format!("/iam/v2/api-keys/{}", stored.id))),
            resource_name: Some(state.resource_name(&[("api-key", &stored.id)])),
            created_at: Some(rfc3339(stored.created_at)),
            updated_at: Some(rfc3339(stored.updated_at)),
            resource_version: None,
        },
        spec: ApiKeySpec {
            secret,
            display_name: Some(key.display_name),
            description: Some(key.description),
            owner: Some(Reference {
                api_version: Some(VERSION.to_owned()),
                kind: Some(kind.to_owned()),
                ..Reference::to(key.owner)
            }),
            resource: Some(resource_of(&key.scope)),
        },
        id: stored.id,
    }
}

async fn list_keys(
    State(state): State<AppState>,
    _: Administrator,
    Query(query): Query<KeyQuery>,
) -> Result<Json<List<ApiKey>>> {
    let paging = PageQuery { page_size: query.page_size, page_token: query.page_token };
    let owner = query.owner.as_deref();
    let page = state.control.resources.page::<resources::ApiKey>(owner, paging.after(), paging.limit()?).await?;
    let data = page.items.into_iter().map(|stored| to_wire(&state, stored, None)).collect();
    let path = owner.map_or("/iam/v2/api-keys".to_owned(), |o| format!("/iam/v2/api-keys?spec.owner={o}"));
    Ok(Json(list(&state, VERSION, "ApiKeyList", &path, &paging, data, page.next)))
}

async fn create_key(
    State(state): State<AppState>,
    Administrator(principal): Administrator,
    Json(body): Json<ApiKey>,
) -> Result<(StatusCode, Json<ApiKey>)> {
    let spec = body.spec;
    let scope = scope_of(spec.resource.as_ref())?;
    let owner = spec.owner.map(|owner| owner.id).filter(|id| !id.is_empty()).unwrap_or(principal.id);
    let (name, description) = (spec.display_name.unwrap_or_default(), spec.description.unwrap_or_default());
    let key = state.control.provision.create_key(&owner, scope, &name, &description).await?;
    Ok((StatusCode::ACCEPTED, Json(to_wire(&state, key.stored, Some(key.secret)))))
}

async fn read_key(State(state): State<AppState>, _: Administrator, Path(id): Path<String>) -> Result<Json<ApiKey>> {
    Ok(Json(to_wire(&state, state.control.resources.require::<resources::ApiKey>(&id).await?, None)))
}

async fn update_key(
    State(state): State<AppState>,
    _: Administrator,
    Path(id): Path<String>,
    Json(body): Json<ApiKey>,
) -> Result<Json<ApiKey>> {
    let current = state.control.resources.require::<resources::ApiKey>(&id).await?.resource;
    let name = body.spec.display_name.unwrap_or(current.display_name);
    let description = body.spec.description.unwrap_or(current.description);
    Ok(Json(to_wire(&state, state.control.provision.update_key(&id, &name, &description).await?, None)))
}

async fn delete_key(State(state): State<AppState>, _: Administrator, Path(id): Path<String>) -> Result<StatusCode> {
    state.control.provision.delete_key(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}
