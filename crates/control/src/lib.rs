//! The control plane: resources and their store, statement life cycle, scheduler, keys, access.
//!
//! The API writes target states and returns; loops carry them out and write back what is. Decisions (life cycle, scheduling,
//! access) are pure; sockets, clock and processes are handed in.

pub mod clock;
pub mod error;
pub mod ids;
pub mod keys;
pub mod resources;
pub mod statement;
pub mod store;

pub use error::ControlError;

#[cfg(test)]
mod tests;
