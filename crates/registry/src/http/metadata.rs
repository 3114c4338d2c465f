//! `/` and `/v1/metadata`: who is there.

use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};

use super::reply::{Answer, Reply};
use super::request::Call;
use crate::handle::Handle;

pub(super) fn routes() -> Router<Handle> {
    Router::new().route("/", get(root)).route("/v1/metadata/id", get(id)).route("/v1/metadata/version", get(version))
}

async fn root(_call: Call) -> Answer<Value> {
    Ok(Reply(json!({})))
}

async fn id(call: Call) -> Answer<Value> {
    let cluster = call.handle.inner.options.cluster_id.to_string();
    Ok(Reply(json!({"scope": {"path": [], "clusters": {"schema-registry-cluster": cluster}}})))
}

async fn version(_call: Call) -> Answer<Value> {
    Ok(Reply(json!({"version": env!("CARGO_PKG_VERSION"), "commitId": "unknown"})))
}
