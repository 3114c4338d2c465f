//! The HTTP side: routes, authentication, error bodies, metrics export, TLS.
//!
//! One file per API group under [`routes`], registered in one table there. The same tree answers at `/`, at `/api` and with a
//! leading `/confluent.cloud` taken off, because real clients use all three. Handlers turn wire types into calls of the
//! control plane and back; they decide nothing.

mod auth;
mod error;
mod extract;
mod openapi;
mod paging;
mod paths;
pub mod routes;
pub mod service;
mod state;
pub mod tls;

pub use service::{Handle, Options, Service};
pub use state::AppState;
