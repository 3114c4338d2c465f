//! A store that forgets: for tests and throw-away registries.

use async_trait::async_trait;
use parking_lot::Mutex;

use super::{Entry, Latest, SchemaStore, StoreError};

/// Entries in memory. Shared by clones of the `Arc` around it, so that a test can start a second
/// registry over what the first one left.
#[derive(Debug, Default)]
pub struct MemoryStore {
    entries: Mutex<Latest>,
}

#[async_trait]
impl SchemaStore for MemoryStore {
    async fn load(&self) -> Result<Vec<Entry>, StoreError> {
        Ok(self.entries.lock().to_vec())
    }

    async fn commit(&self, entries: Vec<Entry>) -> Result<(), StoreError> {
        let mut latest = self.entries.lock();
        entries.into_iter().for_each(|entry| latest.apply(entry));
        Ok(())
    }
}
