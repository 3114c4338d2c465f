//! The routes: one file per API group, each with a function that gives its router.

use axum::Router;
use axum::extract::DefaultBodyLimit;

use crate::state::AppState;

mod attach;
mod clusters;
mod compute_pools;
mod endpoints;
mod health;
mod keys;
mod metrics;
mod organizations;
mod registries;
mod registry_mount;
mod results;
mod service_accounts;
mod statements;

/// Every group, in the order of the documentation.
const GROUPS: &[fn() -> Router<AppState>] = &[
    health::routes,
    organizations::routes,
    clusters::routes,
    attach::routes,
    registries::routes,
    compute_pools::routes,
    endpoints::routes,
    keys::routes,
    service_accounts::routes,
    statements::routes,
    results::routes,
    metrics::routes,
    registry_mount::routes,
    crate::openapi::routes,
];

/// Largest request: a statement of the longest text (spec L-03), escaped, and what is around it.
const MAX_BODY: usize = 16 << 20;

/// The whole API.
pub fn all(state: AppState) -> Router {
    let router = GROUPS.iter().fold(Router::new(), |router, group| router.merge(group()));
    router
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .fallback(health::not_found)
        .method_not_allowed_fallback(health::method_not_allowed)
        .with_state(state)
}

/// The first registry, for clients that expect one at the root of its port.
pub fn first_registry(state: AppState) -> Router {
    Router::new().fallback(registry_mount::first).with_state(state)
}
