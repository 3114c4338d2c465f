//! Checkpoints as files.
//!
//! - [`storage`]: a small key-value view of a directory or an object store whose one strong operation is *create if
//!   absent*. Everything that must not happen twice rests on it.
//! - [`lineage`]: per statement, one append-only log of entries numbered 0, 1, 2, ...: an entry either claims a generation
//!   (a job starts) or publishes a checkpoint's manifest. Whoever creates entry n first owns it, so a job that was replaced
//!   notices at its next entry and can neither publish nor commit: no lock, no lease, no clock.
//! - [`file`]: record batches as checksummed, compressed bytes.
//! - [`location`]: where a user wants them: a directory, or a bucket of an S3-compatible store.
//!
//! What a manifest says about sources, operators and sinks is the engine's business: here it is JSON plus the list of files
//! it refers to, which is what garbage collection needs.

pub mod error;
pub mod file;
pub mod lineage;
pub mod location;
pub mod storage;

pub use error::StateError;
pub use lineage::{CheckpointStore, Claim, FileRef, Lineage, Manifest};
pub use location::CheckpointLocation;
pub use storage::{DirectoryStorage, MemoryStorage, S3Options, S3Storage, Storage};

#[cfg(test)]
mod tests;
