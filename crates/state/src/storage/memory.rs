//! Storage in memory, for tests and simulation.

use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;

use super::{Creation, Storage};
use crate::error::StateError;

#[derive(Debug, Default)]
pub struct MemoryStorage {
    files: Mutex<BTreeMap<String, Bytes>>,
}

#[async_trait]
impl Storage for MemoryStorage {
    async fn put(&self, path: &str, content: Bytes) -> Result<(), StateError> {
        self.files.lock().insert(path.to_owned(), content);
        Ok(())
    }

    async fn create(&self, path: &str, content: Bytes) -> Result<Creation, StateError> {
        let mut files = self.files.lock();
        if files.contains_key(path) {
            return Ok(Creation::Exists);
        }
        files.insert(path.to_owned(), content);
        Ok(Creation::Created)
    }

    async fn get(&self, path: &str) -> Result<Option<Bytes>, StateError> {
        Ok(self.files.lock().get(path).cloned())
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StateError> {
        let folder = format!("{prefix}/");
        Ok(self.files.lock().keys().filter(|path| path.starts_with(&folder)).cloned().collect())
    }

    async fn delete(&self, path: &str) -> Result<(), StateError> {
        self.files.lock().remove(path);
        Ok(())
    }
}
