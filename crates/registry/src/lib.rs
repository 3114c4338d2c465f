//! Schema Registry: Confluent's, embedded, and a client for any.
//!
//! [`Service`] runs the registry over a [`store::SchemaStore`]; [`Service::router`] is Confluent's
//! REST API, [`Handle`] the same without HTTP. [`Client`] talks to a registry elsewhere. [`Schemas`]
//! is what `Handle` and `Client` have in common and what other rooms should ask for.
//!
//! Inside, [`compat`] knows the three schema languages, `core` is the registry as pure decisions over
//! a state, [`store`] keeps the state, `http` and [`client`] are the two ends of the wire.

pub mod access;
pub mod client;
pub mod compat;
mod core;
pub mod error;
mod handle;
mod http;
pub mod model;
mod options;
mod schemas;
mod service;
pub mod store;

#[cfg(test)]
mod tests;

pub use client::Client;
pub use error::Error;
pub use handle::Handle;
pub use options::Options;
pub use schemas::Schemas;
pub use service::Service;
