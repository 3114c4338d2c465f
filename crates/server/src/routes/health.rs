//! Liveness, and the answer for paths that are not there.

use axum::Router;
use axum::http::{Method, Uri};
use axum::routing::get;
use nutkin_control::ControlError;

use crate::error::Failure;
use crate::state::AppState;

pub fn routes() -> Router<AppState> {
    Router::new().route("/health", get(|| async { "ok" }))
}

pub async fn not_found(uri: Uri) -> Failure {
    Failure(ControlError::not_found("Path", uri.path()))
}

pub async fn method_not_allowed(method: Method, uri: Uri) -> Failure {
    let text =
        format!("{method} is not served at {}. The OpenAPI document at /openapi.json lists what is.", uri.path());
    Failure(ControlError::MethodNotAllowed(text))
}
