//! [`Storage`]: where checkpoint files live.
//!
//! Paths are `/`-separated and relative. `create` must be atomic and durable: when it returns `Created`, the whole content
//! survives a crash of the machine and no other caller was or will be told `Created` for the same path. A store that cannot
//! promise this must not implement the trait; one that only claims to is found out by [`prove`].

use async_trait::async_trait;
use bytes::Bytes;

use crate::error::StateError;

mod directory;
mod memory;
mod probe;
mod s3;

pub use directory::DirectoryStorage;
pub use memory::MemoryStorage;
pub use probe::prove;
pub use s3::{Limits, S3Options, S3Storage};

/// Answer of [`Storage::create`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    Created,
    /// Somebody else was first; nothing was written.
    Exists,
}

#[async_trait]
pub trait Storage: Send + Sync + std::fmt::Debug {
    /// Writes `content` durably, replacing what was there.
    async fn put(&self, path: &str, content: Bytes) -> Result<(), StateError>;

    /// Writes `content` durably, unless the path exists. After an error the outcome is unknown.
    async fn create(&self, path: &str, content: Bytes) -> Result<Creation, StateError>;

    /// The content, or None.
    async fn get(&self, path: &str) -> Result<Option<Bytes>, StateError>;

    /// Paths of all files below the folder `prefix`, in any order. Sees every file whose writing has returned.
    async fn list(&self, prefix: &str) -> Result<Vec<String>, StateError>;

    /// Removes the file; no error when it is not there.
    async fn delete(&self, path: &str) -> Result<(), StateError>;

    /// Removes many files. After an error some of them may remain.
    async fn delete_all(&self, paths: Vec<String>) -> Result<(), StateError> {
        for path in &paths {
            self.delete(path).await?;
        }
        Ok(())
    }
}
