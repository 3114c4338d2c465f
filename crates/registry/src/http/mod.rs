//! Confluent's REST API.
//!
//! One file an endpoint group, each with its routes; [`router`] is the table of groups. Every path
//! also exists under `/contexts/{context}`, where plain subject names are of that context. The
//! [`request::Call`] extractor authenticates and gives path, query and context to the endpoints;
//! [`body`] reads JSON bodies and refuses fields that are not known or not built.

mod body;
mod compatibility;
mod config;
mod contexts;
mod metadata;
mod mode;
mod reply;
mod request;
mod schemas;
mod subjects;
mod versions;

pub(crate) use reply::CONTENT_TYPE;

use axum::Router;

use crate::error::Error;
use crate::handle::Handle;

/// The endpoint groups.
const GROUPS: [fn() -> Router<Handle>; 7] = [
    subjects::routes,
    versions::routes,
    schemas::routes,
    config::routes,
    mode::routes,
    compatibility::routes,
    metadata::routes,
];

/// The API over a registry.
pub(crate) fn router(handle: Handle) -> Router {
    let limit = handle.inner.options.max_body_bytes;
    let groups = || GROUPS.iter().fold(Router::new(), |router, group| router.merge(group()));
    groups()
        .merge(contexts::routes())
        .nest("/contexts/{context}", groups())
        .fallback(|| async { reply::failure(&Error::NoRoute) })
        .method_not_allowed_fallback(|| async { reply::failure(&Error::MethodNotAllowed) })
        .layer(axum::extract::DefaultBodyLimit::max(limit))
        .with_state(handle)
}
