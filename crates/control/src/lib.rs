//! The control plane: resources and their store, statement life cycle, scheduler, keys, access.
//!
//! The API writes target states and returns; loops carry them out and write back what is. Decisions (life cycle, scheduling,
//! access) are pure; sockets, clock and processes are handed in.

pub mod access;
mod checkpoints;
pub mod clock;
pub mod clusters;
pub mod control;
pub mod data_dir;
pub mod error;
pub mod ids;
mod key_file;
pub mod keys;
pub mod options;
pub mod pools;
pub mod provision;
pub mod resources;
pub mod scheduler;
pub mod seal;
pub mod spool;
pub mod statement;
pub mod store;

pub use access::{Access, Door, Principal};
pub use control::Control;
pub use data_dir::DataDir;
pub use error::ControlError;
pub use options::Options;

#[cfg(test)]
mod tests;
