//! `sql/v1`: results of a statement, page by page (spec statements.md 3.3).

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use nutkin_api::sql::{ResultMeta, ResultPage, ResultRow, StatementResult};
use nutkin_control::ControlError;
use nutkin_control::statement::traits::rfc3339;
use serde::Deserialize;

use crate::auth::Caller;
use crate::error::Result;
use crate::extract::{Json, Query};
use crate::state::AppState;

pub fn routes() -> Router<AppState> {
    Router::new().route(
        "/sql/v1/organizations/{organization}/environments/{environment}/statements/{name}/results",
        get(read_results),
    )
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ResultQuery {
    page_token: Option<String>,
}

async fn read_results(
    State(state): State<AppState>,
    Caller(principal): Caller,
    Path((organization, environment, name)): Path<(String, String, String)>,
    Query(query): Query<ResultQuery>,
) -> Result<Json<StatementResult>> {
    state.control.check_statements(&principal, &organization, &environment)?;
    let token = match query.page_token.as_deref().filter(|token| !token.is_empty()) {
        None => 0,
        Some(text) => text
            .parse()
            .map_err(|_| ControlError::Invalid(format!("page_token '{text}' is not one that was given out.")))?,
    };
    let results = state.control.statements.results(&environment, &name, token).await?;
    let url = state.url(&format!("{}/results", super::statements::path(&state, &environment, &name)));
    let data = results.rows.into_iter().map(|row| ResultRow { op: row.op, row: row.row }).collect();
    Ok(Json(StatementResult {
        api_version: "sql/v1".to_owned(),
        kind: "StatementResult".to_owned(),
        metadata: ResultMeta {
            self_link: format!("{url}?page_token={token}"),
            next: results.next.map_or(String::new(), |next| format!("{url}?page_token={next}")),
            created_at: rfc3339(state.control.resources.now()),
        },
        results: ResultPage { data },
    }))
}
