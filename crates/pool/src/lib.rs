//! The data plane of one compute pool.
//!
//! A pool is a process of its own, so that a statement that takes its process down takes down only its neighbours in the
//! pool. The control plane starts it ([`host`]), talks to it over a Unix socket with length-prefixed frames ([`protocol`]),
//! and the [`Service`] in the pool's process runs statements with the engine. Secrets come over the socket only. A pool never
//! opens the state database, and it dies with its parent.

pub mod cells;
pub mod connection;
pub mod host;
pub mod json;
pub mod kafka;
pub mod protocol;
pub mod service;

pub use connection::{PoolConnection, PoolError};
pub use host::{PoolHost, ProcessHost, StartedPool, TaskHost};
pub use protocol::{Connections, JobStatus, PoolEvent, Request, Response, ResultRow, StartJob};
pub use service::{SchemaSources, Service};

#[cfg(test)]
mod tests;
