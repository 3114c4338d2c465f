//! Making a table: topic, schemas, compatibility levels, record, in this order; and undoing it when a step is refused.

use std::sync::Arc;

use nutkin_kafka::{Client, ErrorKind};
use nutkin_plan::TablePath;
use nutkin_registry::Schemas;
use nutkin_registry::model::CompatibilityLevel;

use super::definition::{Creation, NewSchema};
use super::without_topic::{self, List};
use crate::catalog::Inner;
use crate::error::CatalogError;
use crate::load;
use crate::record::{RecordState, TableRecord};

/// Where a table is made.
pub(super) struct Site<'a> {
    pub catalog: &'a Inner,
    pub environment_id: &'a str,
    pub cluster_id: &'a str,
    pub path: &'a TablePath,
}

/// What has been made so far, the last thing last.
#[derive(Default)]
struct Made {
    topic: bool,
    /// Subject, and the version that came with this table; None when all of the subject did.
    subjects: Vec<(String, Option<i32>)>,
}

impl Site<'_> {
    pub async fn put(&self, record: &TableRecord) -> Result<(), CatalogError> {
        let document = record.to_json(self.path)?;
        Ok(self.catalog.metastore.put(self.cluster_id, &self.path.name, document).await?)
    }

    async fn forget(&self) -> Result<(), CatalogError> {
        Ok(self.catalog.metastore.delete(self.cluster_id, &self.path.name).await?)
    }

    pub async fn registry(&self) -> Result<Arc<dyn Schemas>, CatalogError> {
        Ok(self.catalog.directory.registry(self.environment_id).await?.1)
    }

    pub async fn kafka(&self) -> Result<Client, CatalogError> {
        Ok(self.catalog.directory.kafka(self.cluster_id).await?)
    }

    /// Makes what is missing of `creation`. Nothing is left of it after an error.
    pub async fn make(&self, creation: &Creation) -> Result<(), CatalogError> {
        self.put(&creation.record).await?;
        let mut made = Made::default();
        match self.steps(creation, &mut made).await {
            Ok(()) => Ok(()),
            Err(error) => {
                self.undo(made).await;
                Err(error)
            }
        }
    }

    async fn steps(&self, creation: &Creation, made: &mut Made) -> Result<(), CatalogError> {
        let mut record = creation.record.in_state(RecordState::Ready);
        match &creation.topic {
            None => without_topic::add(self.catalog, self.cluster_id, List::Tables, &self.path.name).await?,
            Some(topic) => {
                let client = self.kafka().await?;
                match client.admin().create_topic(topic).await {
                    Ok(_) => made.topic = true,
                    // A first try made it; whoever else could have is kept out by the record.
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => made.topic = true,
                    Err(error) => return Err(error.into()),
                }
                let described = load::topic(&client, &self.path.name).await?;
                record.topic_id = described.filter(|topic| !topic.id.is_nil()).map(|topic| topic.id.to_string());
            }
        }
        if !creation.schemas.is_empty() {
            let registry = self.registry().await?;
            for schema in &creation.schemas {
                register(registry.as_ref(), schema, made).await?;
            }
        }
        self.put(&record).await
    }

    /// Best effort: what cannot be undone is reported to the log, the statement fails with the first error.
    async fn undo(&self, made: Made) {
        for (subject, version) in made.subjects.into_iter().rev() {
            let undone = match self.registry().await {
                Ok(registry) => unregister(registry.as_ref(), &subject, version).await,
                Err(error) => Err(error),
            };
            report(self.path, "schema", undone);
        }
        if made.topic {
            report(self.path, "topic", delete_topic(self, &self.path.name).await);
        }
        report(self.path, "definition", self.forget().await);
    }
}

fn report(path: &TablePath, what: &str, undone: Result<(), CatalogError>) {
    if let Err(error) = undone {
        tracing::warn!(table = %path, %error, "the {what} of a table that could not be created was not removed");
    }
}

/// Registers a schema and sees to it that readers of old and new versions understand each other (E-07).
async fn register(registry: &dyn Schemas, new: &NewSchema, made: &mut Made) -> Result<(), CatalogError> {
    let subject = new.subject.as_str();
    let failed = |error| CatalogError::registry(subject, error);
    let before = match registry.versions(subject).await {
        Ok(versions) => versions,
        Err(error) if error.is_not_found() => Vec::new(),
        Err(error) => return Err(failed(error)),
    };
    let registered = registry.register(subject, &new.schema, false).await.map_err(failed)?;
    // Not every registry says the version at once.
    let version = match registered.version {
        0 => registry.lookup(subject, &new.schema, false).await.map_err(failed)?.version,
        version => version,
    };
    if !before.contains(&version) {
        made.subjects.push((subject.to_owned(), (!before.is_empty()).then_some(version)));
    }
    let level = registry.compatibility(subject).await.map_err(failed)?;
    if !matches!(level, CompatibilityLevel::Full | CompatibilityLevel::FullTransitive) {
        registry.set_compatibility(Some(subject), CompatibilityLevel::FullTransitive).await.map_err(failed)?;
    }
    Ok(())
}

async fn unregister(registry: &dyn Schemas, subject: &str, version: Option<i32>) -> Result<(), CatalogError> {
    let Some(version) = version else { return delete_subject(registry, subject).await };
    let failed = |error| CatalogError::registry(subject, error);
    registry.delete_version(subject, version, false).await.map_err(failed)?;
    registry.delete_version(subject, version, true).await.map_err(failed)?;
    Ok(())
}

/// Deletes every version of a subject for good; a subject that is gone is no error.
pub(super) async fn delete_subject(registry: &dyn Schemas, subject: &str) -> Result<(), CatalogError> {
    // Softly deleted ones must go too, so the answer of the first step does not matter when it is "not there".
    for permanent in [false, true] {
        match registry.delete_subject(subject, permanent).await {
            Ok(_) => {}
            Err(error) if matches!(error.error_code(), 40401 | 40404) => {}
            Err(error) => return Err(CatalogError::registry(subject, error)),
        }
    }
    Ok(())
}

/// Deletes a topic; one that is gone is no error.
pub(super) async fn delete_topic(site: &Site<'_>, name: &str) -> Result<(), CatalogError> {
    match site.kafka().await?.admin().delete_topic(name).await {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
    }
}
