//! Deleting, softly and for good.

use super::state::State;
use super::{Decision, Deleted, VersionSelector};
use crate::error::Error;
use crate::model::Subject;
use crate::store::{Entry, StoredSchema};

/// Refuses writes other than registrations in the read-only modes.
pub(super) fn writable(state: &State, scope: &Subject) -> Result<(), Error> {
    if state.mode(scope).read_only() {
        let context = scope.context_prefix();
        return Err(Error::NotPermitted(format!("Subject {scope} in context {context} is in read-only mode")));
    }
    Ok(())
}

fn softly(stored: &StoredSchema) -> Entry {
    Entry::Version(Box::new(StoredSchema { deleted: true, ..stored.clone() }))
}

/// The settings of a subject go with its last version.
fn forget_settings(state: &State, subject: &Subject, entries: &mut Vec<Entry>) {
    if state.configs.contains_key(subject) {
        entries.push(Entry::Config { subject: subject.clone(), config: None });
    }
    if state.modes.contains_key(subject) {
        entries.push(Entry::Mode { subject: subject.clone(), mode: None });
    }
}

/// Deletes one version; answers which.
pub(crate) fn delete_version(
    state: &State,
    subject: &Subject,
    version: VersionSelector,
    permanent: bool,
) -> Result<Decision<i32>, Error> {
    if !state.has(subject, Deleted::With) {
        return Err(Error::SubjectNotFound(subject.to_string()));
    }
    writable(state, subject)?;
    let stored = state.get(subject, version, Deleted::With)?;
    let version = stored.version;
    match (permanent, stored.deleted) {
        (false, true) => return Err(Error::VersionSoftDeleted(subject.to_string(), version)),
        (true, false) => return Err(Error::VersionNotSoftDeleted(subject.to_string(), version)),
        _ => {}
    }
    if !state.referrers_of(subject, version, permanent).is_empty() {
        return Err(Error::ReferenceExists(subject.to_string(), version));
    }
    let mut entries = Vec::new();
    if permanent {
        entries.push(Entry::VersionGone { subject: subject.clone(), version });
        if state.versions_of(subject).count() == 1 {
            forget_settings(state, subject, &mut entries);
        }
    } else {
        entries.push(softly(stored));
    }
    Ok(Decision { entries, output: version })
}

/// Deletes a subject; answers which versions.
pub(crate) fn delete_subject(state: &State, subject: &Subject, permanent: bool) -> Result<Decision<Vec<i32>>, Error> {
    if !state.has(subject, Deleted::With) {
        return Err(Error::SubjectNotFound(subject.to_string()));
    }
    writable(state, subject)?;
    if !permanent && !state.has(subject, Deleted::Without) {
        return Err(Error::SubjectSoftDeleted(subject.to_string()));
    }
    if permanent && state.has(subject, Deleted::Without) {
        return Err(Error::SubjectNotSoftDeleted(subject.to_string()));
    }
    let concerned: Vec<_> = state.versions_of(subject).filter(|stored| permanent || !stored.deleted).collect();
    for stored in &concerned {
        let from_outside =
            state.referrers_of(subject, stored.version, permanent).into_iter().any(|from| from.subject != *subject);
        if from_outside {
            return Err(Error::ReferenceExists(subject.to_string(), stored.version));
        }
    }
    let mut entries = Vec::with_capacity(concerned.len());
    for stored in &concerned {
        entries.push(if permanent {
            Entry::VersionGone { subject: subject.clone(), version: stored.version }
        } else {
            softly(stored)
        });
    }
    if permanent {
        forget_settings(state, subject, &mut entries);
    }
    Ok(Decision { entries, output: concerned.iter().map(|stored| stored.version).collect() })
}

/// Deletes an empty context: its settings. Its ids stay used.
pub(crate) fn delete_context(state: &State, context: &str) -> Result<Decision<()>, Error> {
    let scope = Subject::of_context(context);
    writable(state, &scope)?;
    if state.subjects.keys().any(|subject| subject.context() == context) {
        return Err(Error::ContextNotEmpty(context.to_owned()));
    }
    let mut entries = Vec::new();
    forget_settings(state, &scope, &mut entries);
    Ok(Decision { entries, output: () })
}
