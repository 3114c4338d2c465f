//! `/subjects`: listing, look-up, deletion.

use axum::extract::Request;
use axum::routing::{get, post};
use axum::{RequestExt, Router};

use super::body::{self, Body};
use super::reply::{Answer, Reply};
use super::request::Call;
use super::versions::Shown;
use crate::access::Action;
use crate::core;
use crate::error::Error;
use crate::handle::Handle;

pub(super) fn routes() -> Router<Handle> {
    Router::new()
        .route("/subjects", get(list))
        .route("/subjects/{subject}", post(lookup).delete(delete))
        .route("/subjects/{subject}/metadata", get(by_metadata))
}

async fn list(call: Call) -> Answer<Vec<String>> {
    let prefix = prefix(&call, ":*:");
    let deleted = call.deleted()?;
    let names = call
        .handle
        .read(|state| -> Vec<_> { state.subjects(Some(&prefix), deleted).map(ToString::to_string).collect() });
    Ok(Reply(call.page(names.into_iter().filter(|name| call.allowed(Action::Read, name)))?))
}

/// The prefix asked for; within a context of the path, of that context.
pub(super) fn prefix(call: &Call, default: &str) -> String {
    let written = call.query("subjectPrefix");
    if call.context == crate::model::DEFAULT_CONTEXT {
        return written.unwrap_or(default).to_owned();
    }
    match written {
        Some(prefix) if prefix.starts_with(":.") || prefix.starts_with(":*:") => prefix.to_owned(),
        other => format!(":{}:{}", call.context, other.unwrap_or_default()),
    }
}

async fn lookup(call: Call, request: Request) -> Answer<Shown> {
    let subject = call.subject(Action::Read)?;
    let request = body::registration(request.extract().await as Body, call.flag("normalize")?)?;
    let found = call.handle.lookup_at(subject, request.schema, request.normalize, call.deleted()?).await?;
    Shown::of(&call, found).await.map(Reply)
}

async fn delete(call: Call) -> Answer<Vec<i32>> {
    let subject = call.subject(Action::Delete)?;
    let permanent = call.flag("permanent")?;
    let versions = call.handle.inner.write(move |state, _| core::delete_subject(state, &subject, permanent)).await?;
    Ok(Reply(versions))
}

/// The latest version with given metadata: schemas carry none here.
async fn by_metadata(call: Call) -> Answer<()> {
    call.subject(Action::Read)?;
    Err(Error::NotBuilt("look-up by metadata".into()))
}
