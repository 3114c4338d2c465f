//! `iam/v2/service-accounts` (spec S002-027).

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use nutkin_api::iam::ServiceAccount;
use nutkin_api::{List, ObjectMeta};
use nutkin_control::ControlError;
use nutkin_control::resources::{self, Stored};
use nutkin_control::statement::traits::rfc3339;

use crate::auth::Administrator;
use crate::error::Result;
use crate::extract::{Json, Query};
use crate::paging::{PageQuery, list};
use crate::state::AppState;

const VERSION: &str = "iam/v2";

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/iam/v2/service-accounts", get(list_accounts).post(create_account))
        .route("/iam/v2/service-accounts/{id}", get(read_account).patch(update_account).delete(delete_account))
}

fn to_wire(state: &AppState, stored: Stored<resources::ServiceAccount>) -> ServiceAccount {
    ServiceAccount {
        api_version: VERSION.to_owned(),
        kind: "ServiceAccount".to_owned(),
        metadata: ObjectMeta {
            self_link: Some(state.url(&format!("/iam/v2/service-accounts/{}", stored.id))),
            resource_name: Some(state.resource_name(&[("service-account", &stored.id)])),
            created_at: Some(rfc3339(stored.created_at)),
            updated_at: Some(rfc3339(stored.updated_at)),
            resource_version: None,
        },
        id: stored.id,
        display_name: Some(stored.resource.display_name),
        description: Some(stored.resource.description),
    }
}

async fn list_accounts(
    State(state): State<AppState>,
    _: Administrator,
    Query(query): Query<PageQuery>,
) -> Result<Json<List<ServiceAccount>>> {
    let page = state.control.resources.page::<resources::ServiceAccount>(None, query.after(), query.limit()?).await?;
    let data = page.items.into_iter().map(|stored| to_wire(&state, stored)).collect();
    Ok(Json(list(&state, VERSION, "ServiceAccountList", "/iam/v2/service-accounts", &query, data, page.next)))
}

async fn create_account(
    State(state): State<AppState>,
    _: Administrator,
    Json(body): Json<ServiceAccount>,
) -> Result<(StatusCode, Json<ServiceAccount>)> {
    let missing = || ControlError::Invalid("display_name is missing.".to_owned());
    let name = body.display_name.ok_or_else(missing)?;
    let description = body.description.unwrap_or_default();
    let stored = state.control.provision.create_service_account(&name, &description).await?;
    Ok((StatusCode::CREATED, Json(to_wire(&state, stored))))
}

async fn read_account(
    State(state): State<AppState>,
    _: Administrator,
    Path(id): Path<String>,
) -> Result<Json<ServiceAccount>> {
    Ok(Json(to_wire(&state, state.control.resources.require::<resources::ServiceAccount>(&id).await?)))
}

async fn update_account(
    State(state): State<AppState>,
    _: Administrator,
    Path(id): Path<String>,
    Json(body): Json<ServiceAccount>,
) -> Result<Json<ServiceAccount>> {
    let description = body.description.unwrap_or_default();
    Ok(Json(to_wire(&state, state.control.provision.update_service_account(&id, &description).await?)))
}

async fn delete_account(State(state): State<AppState>, _: Administrator, Path(id): Path<String>) -> Result<StatusCode> {
    state.control.provision.delete_service_account(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}
