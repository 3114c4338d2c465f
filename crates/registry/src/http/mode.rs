//! `/mode`: what may be done to a subject, a context, the registry (S002-051).

use axum::extract::Request;
use axum::routing::get;
use axum::{RequestExt, Router};
use serde_json::{Value, json};

use super::body::{self, Body};
use super::reply::{Answer, Reply};
use super::request::Call;
use crate::access::Action;
use crate::core;
use crate::error::Error;
use crate::handle::Handle;
use crate::model::Mode;

pub(super) fn routes() -> Router<Handle> {
    let mode = || get(show).put(update).delete(delete);
    Router::new().route("/mode", mode()).route("/mode/", mode()).route("/mode/{subject}", mode())
}

async fn show(call: Call) -> Answer<Value> {
    let scope = call.scope(Action::Read)?;
    let inherit = call.flag("defaultToGlobal")?;
    let mode = call.handle.read(|state| if inherit { Some(state.mode(&scope)) } else { state.own_mode(&scope) });
    let mode = mode.ok_or_else(|| Error::ModeNotFound(scope.to_string()))?;
    Ok(Reply(json!({"mode": mode.name()})))
}

async fn update(call: Call, request: Request) -> Answer<Value> {
    let scope = call.scope(Action::Config)?;
    let force = call.flag("force")?;
    let fields = body::object(request.extract().await as Body)?;
    if let Some(unknown) = fields.keys().find(|name| *name != "mode") {
        return Err(Error::UnknownField(unknown.clone()));
    }
    let mode = match fields.get("mode") {
        Some(Value::String(name)) => Some(Mode::parse(name)?),
        Some(Value::Null) => None,
        _ => return Err(Error::InvalidMode),
    };
    call.handle.inner.write(move |state, _| core::set_mode(state, &scope, mode, force)).await?;
    Ok(Reply(json!({"mode": mode.map(Mode::name)})))
}

async fn delete(call: Call) -> Answer<Value> {
    let scope = call.scope(Action::Config)?;
    let recursive = call.flag("recursive")?;
    let old = call.handle.inner.write(move |state, _| core::delete_mode(state, &scope, recursive)).await?;
    Ok(Reply(match old {
        Some(mode) => json!({"mode": mode.name()}),
        None => json!({}),
    }))
}
