//! [`Store`]: where target states live.
//!
//! One table of records: kind, id, parent, name, version and a JSON body. Names are unique within kind and parent. A write
//! names the version it was based on, so of two writers one is told [`StoreError::Stale`] and reads again. Reads see every
//! write that was answered before. The three forms (memory for simulation, SQLite embedded, PostgreSQL for several replicas)
//! pass one conformance suite; domain types live above, in `resources`.

use async_trait::async_trait;

mod memory;
mod postgres;
mod sql;
mod sqlite;

pub use memory::MemoryStore;
pub use postgres::PostgresStore;
pub use sqlite::SqliteStore;

/// A resource as stored. Times are milliseconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub kind: String,
    pub id: String,
    /// Id of the resource that holds this one; empty at the top.
    pub parent: String,
    /// Unique among records of this kind and parent.
    pub name: String,
    /// 1 at first, one more with each update.
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
    pub body: String,
}

/// What a new record is made of.
#[derive(Debug, Clone)]
pub struct NewRecord {
    pub kind: &'static str,
    pub id: String,
    pub parent: String,
    pub name: String,
    pub body: String,
    pub now: i64,
}

/// A page of a list: records of `kind` with ids after `after`, in id order.
#[derive(Debug, Clone, Default)]
pub struct Query<'a> {
    pub kind: &'a str,
    pub parent: Option<&'a str>,
    pub after: Option<&'a str>,
    pub limit: u32,
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{kind} {name} exists already")]
    Exists { kind: String, name: String },
    #[error("{kind} {id} does not exist")]
    NotFound { kind: String, id: String },
    #[error("{kind} {id} was changed meanwhile: read it again")]
    Stale { kind: String, id: String },
    #[error("NUTKIN-6001: the state database failed: {0}")]
    Database(String),
}

#[async_trait]
pub trait Store: Send + Sync {
    /// Adds a record with version 1. [`StoreError::Exists`] when its id, or its name under its parent, is taken.
    async fn insert(&self, record: NewRecord) -> Result<Record, StoreError>;

    async fn get(&self, kind: &str, id: &str) -> Result<Option<Record>, StoreError>;

    async fn find(&self, kind: &str, parent: &str, name: &str) -> Result<Option<Record>, StoreError>;

    /// Replaces name and body of the record if its version still is `version`.
    async fn update(&self, record: &Record, name: &str, body: &str, now: i64) -> Result<Record, StoreError>;

    /// Removes the record if its version still is that of `record`.
    async fn delete(&self, record: &Record) -> Result<(), StoreError>;

    async fn list(&self, query: Query<'_>) -> Result<Vec<Record>, StoreError>;
}
