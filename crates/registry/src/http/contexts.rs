//! `/contexts`: listing and deleting contexts.

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete as delete_route, get};
use http::StatusCode;

use super::reply::{Answer, Reply};
use super::request::Call;
use crate::access::Action;
use crate::core;
use crate::error::Error;
use crate::handle::Handle;
use crate::model::Subject;

pub(super) fn routes() -> Router<Handle> {
    Router::new().route("/contexts", get(list)).route("/contexts/{context}", delete_route(delete))
}

async fn list(call: Call) -> Answer<Vec<String>> {
    let prefix = call.query("contextPrefix").unwrap_or_default().to_owned();
    let contexts = call.handle.read(|state| state.contexts());
    Ok(Reply(call.page(contexts.into_iter().filter(|context| context.starts_with(&prefix)))?))
}

async fn delete(call: Call) -> Result<Response, Error> {
    let context = call.context.clone();
    call.require(Action::Delete, &Subject::of_context(&context).to_string())?;
    call.handle.inner.write(move |state, _| core::delete_context(state, &context)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
