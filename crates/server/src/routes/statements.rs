//! `sql/v1`: statements (spec statements.md 3.1).

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use nutkin_api::List;
use nutkin_api::sql::{ScalingStatus, Statement, StatementException, StatementMeta, StatementSpec, StatementStatus};
use nutkin_control::ControlError;
use nutkin_control::resources::{self, Stored};
use nutkin_control::statement::traits::rfc3339;
use nutkin_control::statement::{self, Desired, NewStatement, Phase, StatementUpdate};
use serde::{Deserialize, Serialize};

use crate::auth::Caller;
use crate::error::Result;
use crate::extract::{Json, Query};
use crate::paging::{PageQuery, list};
use crate::state::AppState;

const VERSION: &str = "sql/v1";
/// Statements with this label are left out of lists, unless the list asks for it (spec L-08).
const HIDDEN: &str = "user.confluent.io/hidden";

pub fn routes() -> Router<AppState> {
    const BASE: &str = "/sql/v1/organizations/{organization}/environments/{environment}/statements";
    Router::new()
        .route(BASE, get(list_statements).post(create_statement))
        .route(
            &format!("{BASE}/{{name}}"),
            get(read_statement).put(update_statement).patch(patch_statement).delete(delete_statement),
        )
        .route(&format!("{BASE}/{{name}}/exceptions"), get(list_exceptions))
}

pub(super) fn path(state: &AppState, environment: &str, name: &str) -> String {
    let organization = state.control.organization();
    format!("/sql/v1/organizations/{organization}/environments/{environment}/statements/{name}")
}

fn to_wire(state: &AppState, stored: Stored<statement::Statement>) -> Statement {
    let detail = state.control.statements.detail(&stored);
    let statement = stored.resource;
    let phase = statement.state.phase;
    let exhausted =
        phase == Phase::Pending && statement.state.placement == statement::Placement::Waiting && !detail.is_empty();
    let scaling = ScalingStatus {
        scaling_state: if exhausted { "POOL_EXHAUSTED" } else { "OK" }.to_owned(),
        last_updated: rfc3339(stored.updated_at),
    };
    Statement {
        api_version: VERSION.to_owned(),
        kind: "Statement".to_owned(),
        metadata: StatementMeta {
            self_link: Some(state.url(&path(state, &statement.environment, &statement.name))),
            resource_name: Some(
                state.resource_name(&[("environment", &statement.environment), ("statement", &statement.name)]),
            ),
            created_at: Some(rfc3339(stored.created_at)),
            updated_at: Some(rfc3339(stored.updated_at)),
            resource_version: Some(stored.version.to_string()),
            uid: Some(stored.id),
            labels: statement.labels,
        },
        name: statement.name,
        organization_id: state.control.organization().to_owned(),
        environment_id: statement.environment,
        spec: StatementSpec {
            statement: statement.sql,
            properties: statement.properties,
            compute_pool_id: Some(statement.compute_pool),
            principal: Some(statement.principal),
            stopped: statement.state.desired == Desired::Stop,
            execution_mode: None,
        },
        status: Some(StatementStatus {
            phase: phase.name().to_owned(),
            scaling_status: Some(scaling),
            detail,
            warnings: statement.warnings,
            traits: statement.traits,
            network_kind: Some("PUBLIC".to_owned()),
            latest_offsets: statement.latest_offsets,
            latest_offsets_timestamp: statement.latest_offsets_at.map(rfc3339),
        }),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct StatementQuery {
    page_size: Option<u32>,
    page_token: Option<String>,
    #[serde(rename = "spec.compute_pool_id")]
    compute_pool: Option<String>,
    label_selector: Option<String>,
    /// RUNNING, PENDING, ...
    #[serde(rename = "status.phase")]
    phase: Option<String>,
}

async fn list_statements(
    State(state): State<AppState>,
    Caller(principal): Caller,
    Path((organization, environment)): Path<(String, String)>,
    Query(query): Query<StatementQuery>,
) -> Result<Json<List<Statement>>> {
    state.control.check_statements(&principal, &organization, &environment)?;
    state.control.resources.require::<resources::Environment>(&environment).await?;
    let paging = PageQuery { page_size: query.page_size.or(Some(100)), page_token: query.page_token.clone() };
    let limit = paging.limit()? as usize;
    let (mut data, mut after, mut next) = (Vec::new(), paging.after().map(str::to_owned), None);
    // Filters leave rows out, so a page may take several pages of the store.
    'pages: loop {
        let page = state.control.statements.page(&environment, after.as_deref(), 100).await?;
        let mut last = after.clone();
        for stored in page.items {
            if data.len() == limit {
                next = last;
                break 'pages;
            }
            last = Some(stored.id.clone());
            if matches(&stored.resource, &query) {
                data.push(to_wire(&state, stored));
            }
        }
        match page.next {
            Some(token) => after = Some(token),
            None => break,
        }
    }
    let base = format!("/sql/v1/organizations/{organization}/environments/{environment}/statements");
    let filters: Vec<String> = [
        query.compute_pool.map(|pool| format!("spec.compute_pool_id={pool}")),
        query.label_selector.map(|labels| format!("label_selector={labels}")),
        query.phase.map(|phase| format!("status.phase={phase}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let path = if filters.is_empty() { base } else { format!("{base}?{}", filters.join("&")) };
    Ok(Json(list(&state, VERSION, "StatementList", &path, &paging, data, next)))
}

fn matches(statement: &statement::Statement, query: &StatementQuery) -> bool {
    let labels = query.label_selector.as_deref().unwrap_or_default();
    let selected = labels.split(',').filter(|part| !part.is_empty()).all(|part| {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        statement.labels.get(key.trim()).is_some_and(|held| value.is_empty() || held == value.trim_start_matches('='))
    });
    let hidden = statement.labels.get(HIDDEN).is_some_and(|value| value == "true") && !labels.contains(HIDDEN);
    selected
        && !hidden
        && query.compute_pool.as_ref().is_none_or(|pool| *pool == statement.compute_pool)
        && query.phase.as_ref().is_none_or(|phase| phase.eq_ignore_ascii_case(statement.state.phase.name()))
}

async fn create_statement(
    State(state): State<AppState>,
    Caller(principal): Caller,
    Path((organization, environment)): Path<(String, String)>,
    Json(body): Json<Statement>,
) -> Result<(StatusCode, Json<Statement>)> {
    state.control.check_statements(&principal, &organization, &environment)?;
    let asked = body.spec.principal.filter(|asked| !asked.is_empty() && *asked != principal.id);
    if asked.is_some() && !principal.is_admin {
        let text = "Only an administrator may submit a statement that runs as another principal.".to_owned();
        return Err(ControlError::Forbidden(text).into());
    }
    let new = NewStatement {
        environment,
        name: body.name,
        sql: body.spec.statement,
        properties: body.spec.properties,
        compute_pool: body.spec.compute_pool_id,
        principal: asked.unwrap_or(principal.id),
        labels: body.metadata.labels,
        stopped: body.spec.stopped,
    };
    let stored = state.control.statements.create(new).await?;
    Ok((StatusCode::CREATED, Json(to_wire(&state, stored))))
}

async fn read_statement(
    State(state): State<AppState>,
    Caller(principal): Caller,
    Path((organization, environment, name)): Path<(String, String, String)>,
) -> Result<Json<Statement>> {
    state.control.check_statements(&principal, &organization, &environment)?;
    Ok(Json(to_wire(&state, state.control.statements.get(&environment, &name).await?)))
}

async fn update_statement(
    State(state): State<AppState>,
    Caller(principal): Caller,
    Path((organization, environment, name)): Path<(String, String, String)>,
    Json(body): Json<Statement>,
) -> Result<(StatusCode, Json<Statement>)> {
    state.control.check_statements(&principal, &organization, &environment)?;
    let version = match body.metadata.resource_version.as_deref().filter(|version| !version.is_empty()) {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| {
            ControlError::Conflict(format!("metadata.resource_version '{text}' is not one that was given out."))
        })?),
    };
    let update = StatementUpdate {
        version,
        sql: body.spec.statement,
        properties: body.spec.properties,
        stopped: body.spec.stopped,
        compute_pool: body.spec.compute_pool_id,
        principal: body.spec.principal.filter(|principal| !principal.is_empty()),
    };
    let stored = state.control.statements.update(&environment, &name, update).await?;
    Ok((StatusCode::ACCEPTED, Json(to_wire(&state, stored))))
}

/// One operation of a JSON Patch (RFC 6902).
#[derive(Debug, Deserialize)]
struct PatchOperation {
    op: String,
    path: String,
    #[serde(default)]
    value: serde_json::Value,
}

/// Changes `spec.stopped`, `spec.compute_pool_id` and `spec.principal` by a JSON Patch (spec L-05).
async fn patch_statement(
    State(state): State<AppState>,
    Caller(principal): Caller,
    Path((organization, environment, name)): Path<(String, String, String)>,
    body: axum::body::Bytes,
) -> Result<Json<Statement>> {
    state.control.check_statements(&principal, &organization, &environment)?;
    let operations: Vec<PatchOperation> = serde_json::from_slice(&body)
        .map_err(|e| ControlError::Invalid(format!("The body is no JSON Patch (RFC 6902): {e}")))?;
    let current = state.control.statements.get(&environment, &name).await?;
    let mut update = StatementUpdate {
        version: None,
        stopped: current.resource.state.desired == Desired::Stop,
        sql: current.resource.sql,
        properties: current.resource.properties,
        compute_pool: None,
        principal: None,
    };
    for operation in operations {
        let refused = || {
            let text = "A statement's /spec/stopped, /spec/compute_pool_id and /spec/principal can be replaced, with a value of \
                        the field's type; nothing else can be patched.";
            ControlError::Invalid(format!("{} of {}: {text}", operation.op, operation.path))
        };
        if !matches!(operation.op.as_str(), "replace" | "add") {
            return Err(refused().into());
        }
        let text = operation.value.as_str().map(str::to_owned);
        match operation.path.as_str() {
            "/spec/stopped" => update.stopped = operation.value.as_bool().ok_or_else(refused)?,
            "/spec/compute_pool_id" => update.compute_pool = Some(text.ok_or_else(refused)?),
            "/spec/principal" => update.principal = Some(text.ok_or_else(refused)?),
            _ => return Err(refused().into()),
        }
    }
    let stored = state.control.statements.update(&environment, &name, update).await?;
    Ok(Json(to_wire(&state, stored)))
}

async fn delete_statement(
    State(state): State<AppState>,
    Caller(principal): Caller,
    Path((organization, environment, name)): Path<(String, String, String)>,
) -> Result<StatusCode> {
    state.control.check_statements(&principal, &organization, &environment)?;
    state.control.statements.delete(&environment, &name).await?;
    Ok(StatusCode::ACCEPTED)
}

#[derive(Debug, Serialize)]
struct ExceptionList {
    api_version: &'static str,
    kind: &'static str,
    metadata: ExceptionMeta,
    data: Vec<StatementException>,
}

#[derive(Debug, Serialize)]
struct ExceptionMeta {
    #[serde(rename = "self")]
    self_link: String,
}

async fn list_exceptions(
    State(state): State<AppState>,
    Caller(principal): Caller,
    Path((organization, environment, name)): Path<(String, String, String)>,
) -> Result<Json<ExceptionList>> {
    state.control.check_statements(&principal, &organization, &environment)?;
    let stored = state.control.statements.get(&environment, &name).await?;
    let to_wire = |exception: statement::record::StatementException| StatementException {
        kind: "StatementException".to_owned(),
        name: exception.name,
        message: exception.message,
        timestamp: rfc3339(exception.at),
    };
    Ok(Json(ExceptionList {
        api_version: VERSION,
        kind: "StatementExceptionList",
        metadata: ExceptionMeta { self_link: state.url(&format!("{}/exceptions", path(&state, &environment, &name))) },
        data: stored.resource.exceptions.into_iter().map(to_wire).collect(),
    }))
}
