//! The registry's state in memory, with the indexes that its questions need.
//!
//! Built only by applying entries, so that what is in memory is what is in the store.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use uuid::Uuid;

use crate::model::{Mode, Subject, SubjectConfig};
use crate::store::{Entry, StoredSchema};

/// A subject and a version of it.
pub(crate) type VersionKey = (Subject, i32);

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(super) subjects: BTreeMap<Subject, BTreeMap<i32, Arc<StoredSchema>>>,
    /// Context to id to the versions that carry it.
    pub(super) ids: HashMap<String, BTreeMap<i32, BTreeSet<VersionKey>>>,
    /// Context and fingerprint to the ids of that schema.
    fingerprints: HashMap<(String, String), BTreeSet<i32>>,
    guids: HashMap<Uuid, BTreeSet<(String, i32)>>,
    referrers: HashMap<VersionKey, BTreeSet<VersionKey>>,
    pub(super) configs: HashMap<Subject, SubjectConfig>,
    pub(super) modes: HashMap<Subject, Mode>,
    last_ids: HashMap<String, i32>,
}

impl State {
    /// The state after `entries`.
    pub fn of(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut state = Self::default();
        entries.into_iter().for_each(|entry| state.apply(entry));
        state
    }

    /// Takes one entry in.
    pub fn apply(&mut self, entry: Entry) {
        match entry {
            Entry::Version(stored) => {
                self.remove(&stored.subject, stored.version);
                self.insert(Arc::new(*stored));
            }
            Entry::VersionGone { subject, version } => self.remove(&subject, version),
            Entry::Config { subject, config: Some(config) } => drop(self.configs.insert(subject, config)),
            Entry::Config { subject, config: None } => drop(self.configs.remove(&subject)),
            Entry::Mode { subject, mode: Some(mode) } => drop(self.modes.insert(subject, mode)),
            Entry::Mode { subject, mode: None } => drop(self.modes.remove(&subject)),
            Entry::LastId { context, id } => drop(self.last_ids.insert(context, id)),
        }
    }

    fn insert(&mut self, stored: Arc<StoredSchema>) {
        let context = stored.subject.context().to_owned();
        let key = (stored.subject.clone(), stored.version);
        self.ids.entry(context.clone()).or_default().entry(stored.id).or_default().insert(key.clone());
        self.fingerprints.entry((context.clone(), stored.fingerprint.clone())).or_default().insert(stored.id);
        self.guids.entry(stored.guid).or_default().insert((context, stored.id));
        for target in targets(&stored) {
            self.referrers.entry(target).or_default().insert(key.clone());
        }
        self.subjects.entry(stored.subject.clone()).or_default().insert(stored.version, stored);
    }

    fn remove(&mut self, subject: &Subject, version: i32) {
        let Some(versions) = self.subjects.get_mut(subject) else { return };
        let Some(stored) = versions.remove(&version) else { return };
        if versions.is_empty() {
            self.subjects.remove(subject);
        }
        let key = (subject.clone(), version);
        for target in targets(&stored) {
            if let Some(from) = self.referrers.get_mut(&target) {
                from.remove(&key);
                if from.is_empty() {
                    self.referrers.remove(&target);
                }
            }
        }
        let context = subject.context();
        let Some(ids) = self.ids.get_mut(context) else { return };
        let Some(uses) = ids.get_mut(&stored.id) else { return };
        uses.remove(&key);
        if !uses.is_empty() {
            return;
        }
        ids.remove(&stored.id);
        let print = (context.to_owned(), stored.fingerprint.clone());
        if let Some(known) = self.fingerprints.get_mut(&print) {
            known.remove(&stored.id);
            if known.is_empty() {
                self.fingerprints.remove(&print);
            }
        }
        if let Some(known) = self.guids.get_mut(&stored.guid) {
            known.remove(&(context.to_owned(), stored.id));
            if known.is_empty() {
                self.guids.remove(&stored.guid);
            }
        }
    }

    /// The versions of a subject, soft-deleted ones included.
    pub fn versions_of(&self, subject: &Subject) -> impl DoubleEndedIterator<Item = &Arc<StoredSchema>> {
        self.subjects.get(subject).into_iter().flat_map(BTreeMap::values)
    }

    /// The settings a scope has itself.
    pub fn configs_of(&self, scope: &Subject) -> Option<&SubjectConfig> {
        self.configs.get(scope)
    }

    /// One version, soft deleted or not.
    pub fn stored(&self, subject: &Subject, version: i32) -> Option<&Arc<StoredSchema>> {
        self.subjects.get(subject)?.get(&version)
    }

    /// The versions that carry an id.
    pub fn uses_of(&self, context: &str, id: i32) -> impl Iterator<Item = &Arc<StoredSchema>> {
        let uses = self.ids.get(context).and_then(|ids| ids.get(&id));
        uses.into_iter().flatten().filter_map(|(subject, version)| self.stored(subject, *version))
    }

    /// The id of a schema in a context.
    pub fn id_of(&self, context: &str, fingerprint: &str) -> Option<i32> {
        self.fingerprints.get(&(context.to_owned(), fingerprint.to_owned()))?.first().copied()
    }

    /// Where a schema is known: context and id.
    pub fn ids_of_guid(&self, guid: &Uuid) -> impl Iterator<Item = &(String, i32)> {
        self.guids.get(guid).into_iter().flatten()
    }

    /// The versions that refer to a version; soft-deleted ones count only with `deleted`.
    pub fn referrers_of(&self, subject: &Subject, version: i32, deleted: bool) -> Vec<&Arc<StoredSchema>> {
        let from = self.referrers.get(&(subject.clone(), version));
        let stored = from.into_iter().flatten().filter_map(|(subject, version)| self.stored(subject, *version));
        stored.filter(|stored| deleted || !stored.deleted).collect()
    }

    /// The highest id given out in a context.
    pub fn last_id(&self, context: &str) -> i32 {
        let known = self.ids.get(context).and_then(|ids| ids.keys().next_back().copied()).unwrap_or(0);
        known.max(self.last_ids.get(context).copied().unwrap_or(0))
    }

    /// Every context that holds a subject, the default one always.
    pub fn contexts(&self) -> BTreeSet<String> {
        let used = self.subjects.keys().map(|subject| subject.context().to_owned());
        used.chain([crate::model::DEFAULT_CONTEXT.to_owned()]).collect()
    }
}

/// What a schema refers to. A reference without a context is of the referring schema's context.
pub(super) fn targets(stored: &StoredSchema) -> Vec<VersionKey> {
    let context = stored.subject.context();
    let references = stored.schema.references.iter();
    references.filter_map(|r| Some((Subject::parse(&r.subject, context).ok()?, r.version))).collect()
}
