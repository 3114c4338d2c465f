//! The registry as a pure machine: a state, and decisions over it.
//!
//! [`State`] answers reads. Everything that changes it is a function from the state and a request to
//! a [`Decision`]: the entries to commit and the answer to give once they are durable. Nothing here
//! waits or touches the outside, so every rule can be tested with values.

mod delete;
mod read;
mod references;
mod register;
mod settings;
mod state;

pub(crate) use delete::{delete_context, delete_subject, delete_version};
pub(crate) use read::{Deleted, VersionSelector};
pub(crate) use references::resolve as resolve_references;
pub(crate) use register::{Registration, find, incompatibilities, prepare, register};
pub(crate) use settings::{delete_config, delete_mode, set_config, set_mode};
pub(crate) use state::State;

use crate::store::Entry;

/// What to make durable, and what to answer then.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Decision<T> {
    /// Committed as one batch; empty when nothing changes.
    pub entries: Vec<Entry>,
    /// The answer.
    pub output: T,
}

/// Bounds on what a request may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Bytes of a schema's text.
    pub schema_bytes: usize,
    /// Schemas a schema refers to, directly and through others.
    pub references: usize,
}
