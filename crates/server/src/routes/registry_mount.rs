//! Schema Registries at `/sr/<lsrc-id>`. They check access themselves, as Kafka clients send no control-plane keys.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use nutkin_control::ControlError;
use tower::ServiceExt;

use crate::error::Failure;
use crate::state::AppState;

pub fn routes() -> Router<AppState> {
    Router::new().route("/sr/{id}", any(forward_root)).route("/sr/{id}/{*rest}", any(forward))
}

async fn forward_root(state: State<AppState>, Path(id): Path<String>, request: Request<Body>) -> Response {
    answer(state.0, &id, request).await
}

async fn forward(state: State<AppState>, Path((id, _)): Path<(String, String)>, request: Request<Body>) -> Response {
    answer(state.0, &id, request).await
}

async fn answer(state: AppState, id: &str, mut request: Request<Body>) -> Response {
    let Some(router) = state.control.clusters.registry_routes(id) else {
        return Failure(ControlError::not_found("Schema Registry cluster", id)).into_response();
    };
    // Subjects keep their percent-encoding: the path is cut, not decoded.
    let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
    let rest = path.strip_prefix("/sr/").and_then(|p| p.strip_prefix(id)).unwrap_or("/");
    let rest = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
    match rest.parse::<Uri>() {
        Ok(uri) => *request.uri_mut() = uri,
        Err(_) => return Failure(ControlError::Invalid("The path is not valid.".to_owned())).into_response(),
    }
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The registry that was made first.
pub async fn first(State(state): State<AppState>, request: Request<Body>) -> Response {
    let router = match state.control.clusters.first_registry().await {
        Ok(id) => id.and_then(|id| state.control.clusters.registry_routes(&id)),
        Err(error) => return Failure(error).into_response(),
    };
    match router {
        None => Failure(ControlError::not_found("Schema Registry cluster", "(first)")).into_response(),
        Some(router) => match router.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        },
    }
}
