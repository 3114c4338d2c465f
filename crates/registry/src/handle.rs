//! The registry for callers in the same process, and the common ground of the HTTP endpoints.

use std::sync::Arc;

use async_trait::async_trait;

use crate::core::{self, Deleted, Registration, State, VersionSelector};
use crate::error::Error;
use crate::model::{CompatibilityLevel, DEFAULT_CONTEXT, Mode, RegisteredSchema, Schema, Subject};
use crate::schemas::Schemas;
use crate::service::Inner;

/// A cheap, cloneable reference to a running registry.
#[derive(Clone)]
pub struct Handle {
    pub(crate) inner: Arc<Inner>,
}

impl Handle {
    pub(crate) fn new(inner: Arc<Inner>) -> Self {
        Self { inner }
    }

    /// Asks the state something.
    pub(crate) fn read<T>(&self, ask: impl FnOnce(&State) -> T) -> T {
        ask(&self.inner.state.read())
    }

    /// A subject as named by a caller, its alias resolved.
    pub(crate) fn subject(&self, name: &str, context: &str) -> Result<Subject, Error> {
        let subject = Subject::parse_named(name, context)?;
        self.read(|state| state.unalias(subject))
    }

    pub(crate) async fn register_at(&self, subject: Subject, request: Registration) -> Result<RegisteredSchema, Error> {
        // Most registrations find their schema there: that needs no turn among the writers.
        if request.id.is_none() && request.version.is_none() {
            let (subject, request) = (subject.clone(), request.clone());
            let known = self.inner.blocking(move |state, options| {
                if state.mode(&subject) != Mode::ReadWrite {
                    return Ok(None);
                }
                let limits = options.limits();
                let prepared = core::prepare(state, &subject, &request.schema, request.normalize, &limits)?;
                Ok(core::find(state, &subject, &prepared, Deleted::Without).map(|stored| stored.as_ref().into()))
            });
            if let Some(known) = known.await? {
                return Ok(known);
            }
        }
        self.inner.write(move |state, options| core::register(state, &subject, &request, &options.limits())).await
    }

    pub(crate) async fn lookup_at(
        &self,
        subject: Subject,
        schema: Schema,
        normalize: bool,
        deleted: Deleted,
    ) -> Result<RegisteredSchema, Error> {
        let work = move |state: &State, options: &crate::Options| {
            let prepared = core::prepare(state, &subject, &schema, normalize, &options.limits())?;
            match core::find(state, &subject, &prepared, deleted) {
                Some(stored) => Ok(stored.as_ref().into()),
                None if state.has(&subject, deleted) => Err(Error::SchemaNotFound),
                None => Err(Error::SubjectNotFound(subject.to_string())),
            }
        };
        self.inner.blocking(work).await
    }

    /// Checks against one version, or against those that the subject's level asks for.
    pub(crate) async fn incompatibilities_at(
        &self,
        subject: Subject,
        schema: Schema,
        version: Option<VersionSelector>,
        normalize: bool,
    ) -> Result<Vec<String>, Error> {
        let work = move |state: &State, options: &crate::Options| {
            let limits = options.limits();
            let previous: Vec<_> = match version {
                None => state.versions_of(&subject).filter(|stored| !stored.deleted).cloned().collect(),
                Some(VersionSelector::Latest) => {
                    state.get(&subject, VersionSelector::Latest, Deleted::Without).ok().cloned().into_iter().collect()
                }
                Some(number) => vec![state.get(&subject, number, Deleted::Without)?.clone()],
            };
            let prepared = core::prepare(state, &subject, &schema, normalize, &limits)?;
            core::incompatibilities(state, &subject, &prepared, &previous, &limits)
        };
        self.inner.blocking(work).await
    }

    /// The mode that holds for a subject, or for the registry as a whole (S002-051).
    pub fn mode(&self, subject: Option<&str>) -> Result<Mode, Error> {
        let scope = subject.map_or_else(|| Ok(Subject::global()), |name| Subject::parse(name, DEFAULT_CONTEXT))?;
        Ok(self.read(|state| state.mode(&scope)))
    }

    /// Sets the mode of a subject or of the registry as a whole.
    pub async fn set_mode(&self, subject: Option<&str>, mode: Mode) -> Result<(), Error> {
        let scope = subject.map_or_else(|| Ok(Subject::global()), |name| Subject::parse(name, DEFAULT_CONTEXT))?;
        self.inner.write(move |state, _| core::set_mode(state, &scope, Some(mode), false)).await
    }
}

#[async_trait]
impl Schemas for Handle {
    async fn register(&self, subject: &str, schema: &Schema, normalize: bool) -> Result<RegisteredSchema, Error> {
        let subject = self.subject(subject, DEFAULT_CONTEXT)?;
        let request = Registration { schema: schema.clone(), version: None, id: None, normalize };
        self.register_at(subject, request).await
    }

    async fn by_id(&self, id: i32, subject: Option<&str>) -> Result<Arc<Schema>, Error> {
        let scope = Subject::parse(subject.unwrap_or_default(), DEFAULT_CONTEXT)?;
        let found = self.read(|state| state.by_id_for(&scope, id).map(|stored| Arc::new(stored.schema.clone())));
        found.ok_or_else(|| Error::SchemaIdNotFound(id.to_string()))
    }

    async fn latest(&self, subject: &str) -> Result<RegisteredSchema, Error> {
        let subject = self.subject(subject, DEFAULT_CONTEXT)?;
        self.read(|state| Ok(state.get(&subject, VersionSelector::Latest, Deleted::Without)?.as_ref().into()))
    }

    async fn version(&self, subject: &str, version: i32, deleted: bool) -> Result<RegisteredSchema, Error> {
        let subject = self.subject(subject, DEFAULT_CONTEXT)?;
        let deleted = if deleted { Deleted::With } else { Deleted::Without };
        self.read(|state| Ok(state.get(&subject, VersionSelector::Number(version), deleted)?.as_ref().into()))
    }

    async fn lookup(&self, subject: &str, schema: &Schema, normalize: bool) -> Result<RegisteredSchema, Error> {
        let subject = self.subject(subject, DEFAULT_CONTEXT)?;
        self.lookup_at(subject, schema.clone(), normalize, Deleted::Without).await
    }

    async fn subjects(&self, prefix: Option<&str>) -> Result<Vec<String>, Error> {
        Ok(self.read(|state| state.subjects(prefix, Deleted::Without).map(Subject::to_string).collect()))
    }

    async fn versions(&self, subject: &str) -> Result<Vec<i32>, Error> {
        let subject = self.subject(subject, DEFAULT_CONTEXT)?;
        self.read(|state| state.versions(&subject, Deleted::Without))
    }

    async fn delete_subject(&self, subject: &str, permanent: bool) -> Result<Vec<i32>, Error> {
        let subject = self.subject(subject, DEFAULT_CONTEXT)?;
        self.inner.write(move |state, _| core::delete_subject(state, &subject, permanent)).await
    }

    async fn delete_version(&self, subject: &str, version: i32, permanent: bool) -> Result<i32, Error> {
        let subject = self.subject(subject, DEFAULT_CONTEXT)?;
        let version = VersionSelector::Number(version);
        self.inner.write(move |state, _| core::delete_version(state, &subject, version, permanent)).await
    }

    async fn incompatibilities(&self, subject: &str, schema: &Schema) -> Result<Vec<String>, Error> {
        let subject = self.subject(subject, DEFAULT_CONTEXT)?;
        self.incompatibilities_at(subject, schema.clone(), None, false).await
    }

    async fn compatibility(&self, subject: &str) -> Result<CompatibilityLevel, Error> {
        let subject = Subject::parse_named(subject, DEFAULT_CONTEXT)?;
        Ok(self.read(|state| state.compatibility(&subject).0))
    }

    async fn set_compatibility(&self, subject: Option<&str>, level: CompatibilityLevel) -> Result<(), Error> {
        let scope =
            subject.map_or_else(|| Ok(Subject::global()), |name| Subject::parse_named(name, DEFAULT_CONTEXT))?;
        let change = move |config: &mut crate::model::SubjectConfig| config.compatibility_level = Some(level);
        self.inner.write(move |state, _| core::set_config(state, &scope, change)).await?;
        Ok(())
    }

    async fn resolve_references(&self, subject: &str, schema: &Schema) -> Result<Vec<(String, Schema)>, Error> {
        let subject = Subject::parse(subject, DEFAULT_CONTEXT)?;
        let limits = self.inner.options.limits();
        let resolve = |state: &State| {
            core::resolve_references(state, subject.context(), &schema.references, Deleted::With, &limits)
        };
        let resolved = self.read(resolve)?;
        Ok(resolved.into_iter().map(|(name, stored)| (name, stored.schema.clone())).collect())
    }
}
