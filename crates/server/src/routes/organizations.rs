//! `org/v2`: organizations and environments.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use nutkin_api::org::{Environment, Organization, StreamGovernance};
use nutkin_api::{List, ObjectMeta};
use nutkin_control::ControlError;
use nutkin_control::resources;
use nutkin_control::resources::Stored;
use nutkin_control::statement::traits::rfc3339;

use crate::auth::{Administrator, Caller};
use crate::error::Result;
use crate::extract::{Json, Query};
use crate::paging::{PageQuery, list};
use crate::state::AppState;

const VERSION: &str = "org/v2";

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/org/v2/organizations", get(list_organizations))
        .route("/org/v2/organizations/{id}", get(read_organization))
        .route("/org/v2/environments", get(list_environments).post(create_environment))
        .route("/org/v2/environments/{id}", get(read_environment).patch(update_environment).delete(delete_environment))
}

async fn organization(state: &AppState) -> Result<Organization> {
    let id = state.control.organization();
    let stored = state.control.resources.require::<resources::Organization>(id).await?;
    Ok(Organization {
        api_version: VERSION.to_owned(),
        kind: "Organization".to_owned(),
        id: id.to_owned(),
        metadata: ObjectMeta {
            self_link: Some(state.url(&format!("/org/v2/organizations/{id}"))),
            resource_name: Some(state.resource_name(&[])),
            created_at: Some(rfc3339(stored.created_at)),
            updated_at: Some(rfc3339(stored.updated_at)),
            resource_version: None,
        },
        display_name: stored.resource.display_name,
        jit_enabled: false,
    })
}

async fn list_organizations(
    State(state): State<AppState>,
    _: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<Organization>>> {
    let only = organization(&state).await?;
    Ok(Json(list(&state, VERSION, "OrganizationList", "/org/v2/organizations", &query, vec![only], None)))
}

async fn read_organization(
    State(state): State<AppState>,
    _: Caller,
    Path(id): Path<String>,
) -> Result<Json<Organization>> {
    if id != state.control.organization() {
        return Err(ControlError::not_found("Organization", id).into());
    }
    Ok(Json(organization(&state).await?))
}

fn to_wire(state: &AppState, stored: Stored<resources::Environment>) -> Environment {
    Environment {
        api_version: VERSION.to_owned(),
        kind: "Environment".to_owned(),
        metadata: ObjectMeta {
            self_link: Some(state.url(&format!("/org/v2/environments/{}", stored.id))),
            resource_name: Some(state.resource_name(&[("environment", &stored.id)])),
            created_at: Some(rfc3339(stored.created_at)),
            updated_at: Some(rfc3339(stored.updated_at)),
            resource_version: Some(stored.version.to_string()),
        },
        id: stored.id,
        display_name: stored.resource.display_name,
        stream_governance_config: Some(StreamGovernance { package: stored.resource.package }),
    }
}

async fn list_environments(
    State(state): State<AppState>,
    _: Administrator,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<Environment>>> {
    let page = state.control.resources.page::<resources::Environment>(None, query.after(), query.limit()?).await?;
    let data = page.items.into_iter().map(|stored| to_wire(&state, stored)).collect();
    Ok(Json(list(&state, VERSION, "EnvironmentList", "/org/v2/environments", &query, data, page.next)))
}

async fn create_environment(
    State(state): State<AppState>,
    _: Administrator,
    Json(body): Json<Environment>,
) -> Result<(StatusCode, Json<Environment>)> {
    let package = body.stream_governance_config.map_or("ESSENTIALS".to_owned(), |config| config.package.to_uppercase());
    let stored = state.control.provision.create_environment(&body.display_name, &package).await?;
    Ok((StatusCode::CREATED, Json(to_wire(&state, stored))))
}

async fn read_environment(
    State(state): State<AppState>,
    _: Administrator,
    Path(id): Path<String>,
) -> Result<Json<Environment>> {
    Ok(Json(to_wire(&state, state.control.resources.require::<resources::Environment>(&id).await?)))
}

async fn update_environment(
    State(state): State<AppState>,
    _: Administrator,
    Path(id): Path<String>,
    Json(body): Json<Environment>,
) -> Result<Json<Environment>> {
    Ok(Json(to_wire(&state, state.control.provision.rename_environment(&id, &body.display_name).await?)))
}

async fn delete_environment(
    State(state): State<AppState>,
    _: Administrator,
    Path(id): Path<String>,
) -> Result<StatusCode> {
    state.control.provision.delete_environment(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}
