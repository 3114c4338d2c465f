//! `/compatibility`: would this schema be let in?

use axum::extract::Request;
use axum::routing::post;
use axum::{RequestExt, Router};
use serde_json::{Value, json};

use super::body::{self, Body};
use super::reply::{Answer, Reply};
use super::request::Call;
use crate::access::Action;
use crate::core::VersionSelector;
use crate::error::Error;
use crate::handle::Handle;

pub(super) fn routes() -> Router<Handle> {
    Router::new()
        .route("/compatibility/subjects/{subject}/versions", post(against_all))
        .route("/compatibility/subjects/{subject}/versions/{version}", post(against_one))
}

async fn against_all(call: Call, request: Request) -> Answer<Value> {
    check(call, request, None).await
}

async fn against_one(call: Call, request: Request) -> Answer<Value> {
    let version = call.version()?;
    check(call, request, Some(version)).await
}

async fn check(call: Call, request: Request, version: Option<VersionSelector>) -> Answer<Value> {
    let subject = call.subject(Action::Read)?;
    let verbose = call.flag("verbose")?;
    let request = body::registration(request.extract().await as Body, call.flag("normalize")?)?;
    let checked = call.handle.incompatibilities_at(subject, request.schema, version, request.normalize).await;
    let messages = match checked {
        // Asked to explain, the registry says no and why.
        Err(Error::InvalidSchema(why)) if verbose => vec![why],
        other => other?,
    };
    let mut answer = json!({"is_compatible": messages.is_empty()});
    if verbose {
        answer["messages"] = json!(messages);
    }
    Ok(Reply(answer))
}
