//! Shell and verbs: clients of the public REST API, and of nothing else.
//!
//! [`shell`] and [`sql`] run statements, [`resource`] manages what they run on; all of them stand on [`client`], which any
//! other part of the binary may use as well. Their `run` functions are synchronous and make a runtime of their own.

mod caret;
pub mod client;
pub mod connection;
pub mod context;
mod error;
mod execution;
mod interrupt;
mod local;
mod materialized;
pub mod profile;
pub mod render;
pub mod resource;
mod script;
pub mod session;
pub mod shell;
pub mod sql;

pub use client::Client;
pub use connection::{Connection, ConnectionArguments};
pub use error::{Error, Result};
pub use profile::Profile;

use error::Context as _;

/// The runtime of a command.
fn runtime() -> Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().context("the runtime could not be started")
}

#[cfg(test)]
mod tests;
