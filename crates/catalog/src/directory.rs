//! What the catalog asks of the control plane: which environments and clusters there are, how to reach them, and a place for
//! its own records.

use std::sync::Arc;

use async_trait::async_trait;
use nutkin_kafka::Client;
use nutkin_registry::Schemas;

/// A catalog in SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// `env-...`
    pub id: String,
    pub name: String,
}

/// A database in SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// `lkc-...`
    pub id: String,
    pub name: String,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct DirectoryError(pub String);

/// A statement of an environment, for SHOW JOBS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub name: String,
    /// `RUNNING` and the like.
    pub phase: String,
    pub sql: String,
    /// `lfcp-...`
    pub compute_pool: String,
    /// RFC 3339.
    pub created_at: String,
    pub detail: String,
}

/// Environments and clusters that the caller may see.
#[async_trait]
pub trait Directory: Send + Sync {
    async fn environments(&self) -> Result<Vec<Environment>, DirectoryError>;

    /// Kafka clusters of an environment.
    async fn databases(&self, environment_id: &str) -> Result<Vec<Database>, DirectoryError>;

    /// A client of the cluster; the same one each time.
    async fn kafka(&self, cluster_id: &str) -> Result<Client, DirectoryError>;

    /// The statements of an environment.
    async fn jobs(&self, environment_id: &str) -> Result<Vec<Job>, DirectoryError>;

    /// Id (`lsrc-...`) of the environment's Schema Registry and a way to talk to it.
    async fn registry(&self, environment_id: &str) -> Result<(String, Arc<dyn Schemas>), DirectoryError>;
}

/// The catalog's own records: one JSON document per table, by cluster and table name.
#[async_trait]
pub trait Metastore: Send + Sync {
    async fn get(&self, cluster_id: &str, table: &str) -> Result<Option<serde_json::Value>, DirectoryError>;

    /// Adds or replaces.
    async fn put(&self, cluster_id: &str, table: &str, definition: serde_json::Value) -> Result<(), DirectoryError>;

    async fn delete(&self, cluster_id: &str, table: &str) -> Result<(), DirectoryError>;
}
