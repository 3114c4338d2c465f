//! A registry whose writes can fail.

use std::sync::Arc;

use async_trait::async_trait;
use nutkin_registry::model::{CompatibilityLevel, RegisteredSchema, Schema};
use nutkin_registry::{Error, Handle, Schemas};

use super::Fault;

pub(super) struct Faulty {
    pub inner: Handle,
    pub fault: Arc<Fault>,
}

impl Faulty {
    async fn step(&self) -> Result<(), Error> {
        if self.fault.step().await { Err(Error::Internal("injected".to_owned())) } else { Ok(()) }
    }
}

#[async_trait]
impl Schemas for Faulty {
    async fn register(&self, subject: &str, schema: &Schema, normalize: bool) -> Result<RegisteredSchema, Error> {
        self.step().await?;
        self.inner.register(subject, schema, normalize).await
    }

    async fn by_id(&self, id: i32, subject: Option<&str>) -> Result<Arc<Schema>, Error> {
        self.inner.by_id(id, subject).await
    }

    async fn latest(&self, subject: &str) -> Result<RegisteredSchema, Error> {
        self.inner.latest(subject).await
    }

    async fn version(&self, subject: &str, version: i32, deleted: bool) -> Result<RegisteredSchema, Error> {
        self.inner.version(subject, version, deleted).await
    }

    async fn lookup(&self, subject: &str, schema: &Schema, normalize: bool) -> Result<RegisteredSchema, Error> {
        self.inner.lookup(subject, schema, normalize).await
    }

    async fn subjects(&self, prefix: Option<&str>) -> Result<Vec<String>, Error> {
        self.inner.subjects(prefix).await
    }

    async fn versions(&self, subject: &str) -> Result<Vec<i32>, Error> {
        self.inner.versions(subject).await
    }

    async fn delete_subject(&self, subject: &str, permanent: bool) -> Result<Vec<i32>, Error> {
        self.step().await?;
        self.inner.delete_subject(subject, permanent).await
    }

    async fn delete_version(&self, subject: &str, version: i32, permanent: bool) -> Result<i32, Error> {
        self.inner.delete_version(subject, version, permanent).await
    }

    async fn incompatibilities(&self, subject: &str, schema: &Schema) -> Result<Vec<String>, Error> {
        self.inner.incompatibilities(subject, schema).await
    }

    async fn compatibility(&self, subject: &str) -> Result<CompatibilityLevel, Error> {
        self.inner.compatibility(subject).await
    }

    async fn set_compatibility(&self, subject: Option<&str>, level: CompatibilityLevel) -> Result<(), Error> {
        self.step().await?;
        self.inner.set_compatibility(subject, level).await
    }

    async fn resolve_references(&self, subject: &str, schema: &Schema) -> Result<Vec<(String, Schema)>, Error> {
        self.inner.resolve_references(subject, schema).await
    }
}
