//! The one interface to a registry, whether it is in this process or behind HTTP.

use std::sync::Arc;

use async_trait::async_trait;

use crate::error::Error;
use crate::model::{CompatibilityLevel, RegisteredSchema, Schema};

/// What other rooms ask of a registry. Implemented by [`crate::Handle`] and [`crate::Client`];
/// both give the same errors ([`Error::error_code`]).
#[async_trait]
pub trait Schemas: Send + Sync {
    /// Registers `schema` under `subject`, or finds it there. Gives at least the id.
    async fn register(&self, subject: &str, schema: &Schema, normalize: bool) -> Result<RegisteredSchema, Error>;

    /// The schema with an id, its references not resolved. `subject` names the context, if not the default one.
    async fn by_id(&self, id: i32, subject: Option<&str>) -> Result<Arc<Schema>, Error>;

    /// The newest version of `subject`.
    async fn latest(&self, subject: &str) -> Result<RegisteredSchema, Error>;

    /// A version of `subject`; soft-deleted ones only with `deleted`.
    async fn version(&self, subject: &str, version: i32, deleted: bool) -> Result<RegisteredSchema, Error>;

    /// Finds `schema` under `subject` without registering it.
    async fn lookup(&self, subject: &str, schema: &Schema, normalize: bool) -> Result<RegisteredSchema, Error>;

    /// Subjects whose qualified name starts with `prefix`; `None` lists every context.
    async fn subjects(&self, prefix: Option<&str>) -> Result<Vec<String>, Error>;

    /// Versions of `subject`, ascending.
    async fn versions(&self, subject: &str) -> Result<Vec<i32>, Error>;

    /// Deletes `subject`, softly or (after a soft delete) for good. Gives the versions deleted.
    async fn delete_subject(&self, subject: &str, permanent: bool) -> Result<Vec<i32>, Error>;

    /// Deletes one version likewise.
    async fn delete_version(&self, subject: &str, version: i32, permanent: bool) -> Result<i32, Error>;

    /// What keeps `schema` from being registered under `subject`; empty when it is compatible.
    async fn incompatibilities(&self, subject: &str, schema: &Schema) -> Result<Vec<String>, Error>;

    /// The compatibility level that holds for `subject`, inherited or its own.
    async fn compatibility(&self, subject: &str) -> Result<CompatibilityLevel, Error>;

    /// Sets the level of `subject`, or of the whole registry.
    async fn set_compatibility(&self, subject: Option<&str>, level: CompatibilityLevel) -> Result<(), Error>;

    /// A schema's references with theirs, each after those it uses: name and schema.
    async fn resolve_references(&self, subject: &str, schema: &Schema) -> Result<Vec<(String, Schema)>, Error>;
}
