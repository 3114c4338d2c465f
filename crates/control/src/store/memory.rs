//! The store in memory, for tests and simulation.

use std::collections::BTreeMap;

use async_trait::async_trait;
use parking_lot::Mutex;

use super::{NewRecord, Query, Record, Store, StoreError};

#[derive(Debug, Default)]
pub struct MemoryStore {
    records: Mutex<BTreeMap<(String, String), Record>>,
}

#[async_trait]
impl Store for MemoryStore {
    async fn insert(&self, new: NewRecord) -> Result<Record, StoreError> {
        let mut records = self.records.lock();
        let taken = records
            .values()
            .any(|r| r.kind == new.kind && (r.id == new.id || (r.parent == new.parent && r.name == new.name)));
        if taken {
            return Err(StoreError::Exists { kind: new.kind.to_owned(), name: new.name });
        }
        let record = Record {
            kind: new.kind.to_owned(),
            id: new.id,
            parent: new.parent,
            name: new.name,
            version: 1,
            created_at: new.now,
            updated_at: new.now,
            body: new.body,
        };
        records.insert((record.kind.clone(), record.id.clone()), record.clone());
        Ok(record)
    }

    async fn get(&self, kind: &str, id: &str) -> Result<Option<Record>, StoreError> {
        Ok(self.records.lock().get(&(kind.to_owned(), id.to_owned())).cloned())
    }

    async fn find(&self, kind: &str, parent: &str, name: &str) -> Result<Option<Record>, StoreError> {
        let records = self.records.lock();
        Ok(records.values().find(|r| r.kind == kind && r.parent == parent && r.name == name).cloned())
    }

    async fn update(&self, record: &Record, name: &str, body: &str, now: i64) -> Result<Record, StoreError> {
        let mut records = self.records.lock();
        let clash = records
            .values()
            .any(|r| r.kind == record.kind && r.parent == record.parent && r.name == name && r.id != record.id);
        if clash {
            return Err(StoreError::Exists { kind: record.kind.clone(), name: name.to_owned() });
        }
        let stored = current(&mut records, record)?;
        stored.version += 1;
        stored.updated_at = now;
        stored.name = name.to_owned();
        stored.body = body.to_owned();
        Ok(stored.clone())
    }

    async fn delete(&self, record: &Record) -> Result<(), StoreError> {
        let mut records = self.records.lock();
        current(&mut records, record)?;
        records.remove(&(record.kind.clone(), record.id.clone()));
        Ok(())
    }

    async fn list(&self, query: Query<'_>) -> Result<Vec<Record>, StoreError> {
        let records = self.records.lock();
        let wanted = records.values().filter(|r| {
            r.kind == query.kind
                && query.parent.is_none_or(|parent| r.parent == parent)
                && query.after.is_none_or(|after| r.id.as_str() > after)
        });
        Ok(wanted.take(query.limit as usize).cloned().collect())
    }
}

/// The stored record, if it still has the version of `seen`.
fn current<'a>(
    records: &'a mut BTreeMap<(String, String), Record>,
    seen: &Record,
) -> Result<&'a mut Record, StoreError> {
    let (kind, id) = (seen.kind.clone(), seen.id.clone());
    match records.get_mut(&(kind.clone(), id.clone())) {
        None => Err(StoreError::NotFound { kind, id }),
        Some(stored) if stored.version != seen.version => Err(StoreError::Stale { kind, id }),
        Some(stored) => Ok(stored),
    }
}
