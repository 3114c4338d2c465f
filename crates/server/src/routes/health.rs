//! Liveness, and the answer for paths that are not there.

use axum::Router;
use axum::http::Uri;
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
