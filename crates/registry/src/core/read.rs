//! Questions that change nothing.

use std::sync::Arc;

use super::state::State;
use crate::error::Error;
use crate::model::{CompatibilityLevel, CompatibilityPolicy, Mode, RegisteredSchema, Subject, SubjectConfig};
use crate::store::StoredSchema;

/// Whether soft-deleted versions count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Deleted {
    /// They do not.
    #[default]
    Without,
    /// They do.
    With,
    /// Only they do.
    Only,
}

impl Deleted {
    pub fn lets(self, stored: &StoredSchema) -> bool {
        match self {
            Self::Without => !stored.deleted,
            Self::With => true,
            Self::Only => stored.deleted,
        }
    }
}

/// A version by number, or the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VersionSelector {
    Latest,
    Number(i32),
}

impl VersionSelector {
    /// `latest`, `-1` (the same, as in Confluent's registry) or a number from 1.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text {
            "latest" | "-1" => Ok(Self::Latest),
            _ => {
                let number = text.parse::<i32>().ok().filter(|number| *number >= 1);
                number.map(Self::Number).ok_or_else(|| Error::InvalidVersion(text.to_owned()))
            }
        }
    }
}

impl State {
    /// Whether a subject has versions that count.
    pub fn has(&self, subject: &Subject, deleted: Deleted) -> bool {
        self.versions_of(subject).any(|stored| deleted.lets(stored))
    }

    /// The version asked for, or why there is none.
    pub fn get(
        &self,
        subject: &Subject,
        version: VersionSelector,
        deleted: Deleted,
    ) -> Result<&Arc<StoredSchema>, Error> {
        let found = match version {
            // The newest of those that are not deleted, unless all are and may be seen.
            VersionSelector::Latest => {
                let mut newest = self.versions_of(subject).rev();
                let live = newest.find(|stored| !stored.deleted);
                live.or_else(|| self.versions_of(subject).rev().find(|stored| deleted.lets(stored)))
            }
            VersionSelector::Number(number) => self.stored(subject, number).filter(|stored| deleted.lets(stored)),
        };
        found.ok_or_else(|| match version {
            VersionSelector::Number(number) if self.has(subject, deleted) => Error::VersionNotFound(number),
            _ => Error::SubjectNotFound(subject.to_string()),
        })
    }

    /// Versions of a subject, ascending.
    pub fn versions(&self, subject: &Subject, deleted: Deleted) -> Result<Vec<i32>, Error> {
        let any = if deleted == Deleted::Without { Deleted::Without } else { Deleted::With };
        if !self.has(subject, any) {
            return Err(Error::SubjectNotFound(subject.to_string()));
        }
        Ok(self.versions_of(subject).filter(|stored| deleted.lets(stored)).map(|stored| stored.version).collect())
    }

    /// Subjects whose qualified name starts with `prefix` (`:*:` and `None` for all contexts).
    ///
    /// With [`Deleted::Only`]: those of which every version is deleted.
    pub fn subjects(&self, prefix: Option<&str>, deleted: Deleted) -> impl Iterator<Item = &Subject> {
        let prefix = prefix.map(str::to_owned);
        self.subjects.keys().filter(move |subject| {
            let counts = match deleted {
                Deleted::Only => !self.has(subject, Deleted::Without),
                other => self.has(subject, other),
            };
            counts && in_prefix(subject, prefix.as_deref())
        })
    }

    /// The schema with an id in a context.
    pub fn by_id(&self, context: &str, id: i32) -> Option<&Arc<StoredSchema>> {
        // A live use first, so that what is shown with the schema is current.
        self.uses_of(context, id).find(|stored| !stored.deleted).or_else(|| self.uses_of(context, id).next())
    }

    /// The schema with an id as seen from a subject: of its context, or, for a plain name that the
    /// default context does not know under that id, of the context where the name carries it.
    pub fn by_id_for(&self, subject: &Subject, id: i32) -> Option<&Arc<StoredSchema>> {
        if !subject.is_context() && subject.is_default_context() {
            let elsewhere = self.ids.keys().filter(|context| context.as_str() != subject.context());
            let named =
                |context: &str| self.uses_of(context, id).find(|stored| stored.subject.name() == subject.name());
            if let Some(found) = named(subject.context()) {
                return Some(found);
            }
            if self.by_id(subject.context(), id).is_none() {
                return elsewhere.into_iter().find_map(|context| named(context));
            }
        }
        let exact = self.uses_of(subject.context(), id).find(|stored| stored.subject == *subject);
        exact.or_else(|| self.by_id(subject.context(), id))
    }

    /// The mode a scope has itself. The registry as a whole always has one.
    pub fn own_mode(&self, scope: &Subject) -> Option<Mode> {
        let own = self.modes.get(scope).copied();
        if scope.is_global() { own.or(Some(Mode::default())) } else { own }
    }

    /// The mode that holds for a scope.
    pub fn mode(&self, scope: &Subject) -> Mode {
        let global = self.modes.get(&Subject::global()).copied().unwrap_or_default();
        if global == Mode::ReadOnlyOverride {
            return global;
        }
        let context = Subject::of_context(scope.context());
        self.modes.get(scope).or_else(|| self.modes.get(&context)).copied().unwrap_or(global)
    }

    /// The settings that hold for a scope: its own, its context's, the registry's, the defaults.
    pub fn config(&self, scope: &Subject) -> SubjectConfig {
        let levels = [scope.clone(), Subject::of_context(scope.context()), Subject::global()];
        let set = levels.iter().filter_map(|level| self.configs.get(level));
        let merged = set.fold(SubjectConfig::default(), |merged, config| merged.or(config));
        SubjectConfig {
            alias: self.configs.get(scope).and_then(|config| config.alias.clone()),
            compatibility_level: merged.compatibility_level.or(Some(CompatibilityLevel::Backward)),
            ..merged
        }
    }

    /// The level and the policy that hold for a subject.
    pub fn compatibility(&self, subject: &Subject) -> (CompatibilityLevel, CompatibilityPolicy) {
        let config = self.config(subject);
        (
            config.compatibility_level.unwrap_or(CompatibilityLevel::Backward),
            config.compatibility_policy.unwrap_or_default(),
        )
    }

    /// The subject that stands behind a name: itself, or the one its alias names.
    pub fn unalias(&self, subject: Subject) -> Result<Subject, Error> {
        match self.configs.get(&subject).and_then(|config| config.alias.as_deref()) {
            Some(alias) if !alias.is_empty() => Subject::parse_named(alias, subject.context()),
            _ => Ok(subject),
        }
    }
}

fn in_prefix(subject: &Subject, prefix: Option<&str>) -> bool {
    match prefix {
        None => true,
        Some(prefix) => match prefix.strip_prefix(":*:") {
            Some(name) => subject.name().starts_with(name),
            None if prefix.starts_with(":.") => {
                let bare = prefix.strip_prefix(":.:").filter(|_| subject.is_default_context());
                bare.map_or_else(|| subject.to_string().starts_with(prefix), |name| subject.name().starts_with(name))
            }
            None => subject.is_default_context() && subject.name().starts_with(prefix),
        },
    }
}

/// A stored schema as callers see it.
pub(crate) fn registered(stored: &StoredSchema) -> RegisteredSchema {
    RegisteredSchema {
        subject: stored.subject.to_string(),
        version: stored.version,
        id: stored.id,
        guid: Some(stored.guid),
        schema: stored.schema.clone(),
        deleted: stored.deleted,
    }
}

impl From<&StoredSchema> for RegisteredSchema {
    fn from(stored: &StoredSchema) -> Self {
        registered(stored)
    }
}
