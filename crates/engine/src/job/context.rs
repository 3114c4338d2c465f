//! [`JobContext`]: what a job is given to work with. Everything outside the process comes through here.

use std::sync::Arc;

use async_trait::async_trait;
use nutkin_formats::RegisteredSchema;
use nutkin_state::CheckpointStore;

use crate::clock::{Clock, SystemClock};
use crate::cluster::Clusters;
use crate::error::Failure;
use crate::memory::MemoryTables;

#[derive(Debug, Clone)]
pub struct JobContext {
    /// Kafka clusters by id.
    pub clusters: Arc<dyn Clusters>,
    /// Schemas that records name and the plan does not hold.
    pub schemas: Arc<dyn SchemaSource>,
    pub checkpoints: CheckpointStore,
    pub clock: Arc<dyn Clock>,
    /// Tables whose connector is memory; a service has none.
    pub memory: MemoryTables,
}

impl JobContext {
    /// A context on the machine's clock.
    pub fn new(
        clusters: Arc<dyn Clusters>,
        schemas: Arc<dyn SchemaSource>,
        checkpoints: CheckpointStore,
    ) -> JobContext {
        JobContext { clusters, schemas, checkpoints, clock: Arc::new(SystemClock), memory: MemoryTables::default() }
    }
}

/// Looks up registered schemas. Called from source tasks, once per schema id and task.
#[async_trait]
pub trait SchemaSource: Send + Sync + std::fmt::Debug {
    /// The schema with its references; Ok(None) when the registry has no such id, which makes the records that name it
    /// undecodable. Ids are counted in each schema context by itself: `subject` is one of the context that the records' ids
    /// are of.
    ///
    /// # Errors
    /// When the registry cannot be asked now: the job restarts.
    async fn schema(
        &self,
        registry_id: &str,
        subject: &str,
        schema_id: i32,
    ) -> Result<Option<RegisteredSchema>, Failure>;

    /// The schema that has this GUID in every context; its id is of no meaning. What it refers to is looked for in the
    /// context of `subject`.
    ///
    /// # Errors
    /// As [`SchemaSource::schema`].
    async fn schema_of_guid(
        &self,
        registry_id: &str,
        subject: &str,
        guid: [u8; 16],
    ) -> Result<Option<RegisteredSchema>, Failure>;
}

/// A source without schemas, for statements that read raw tables or none.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSchemas;

#[async_trait]
impl SchemaSource for NoSchemas {
    async fn schema(&self, _: &str, _: &str, _: i32) -> Result<Option<RegisteredSchema>, Failure> {
        Ok(None)
    }

    async fn schema_of_guid(&self, _: &str, _: &str, _: [u8; 16]) -> Result<Option<RegisteredSchema>, Failure> {
        Ok(None)
    }
}
