//! Compatibility levels, other settings and modes of subjects, contexts and the registry.

use super::delete::writable;
use super::state::State;
use super::{Decision, Deleted};
use crate::error::Error;
use crate::model::{Mode, Subject, SubjectConfig};
use crate::store::Entry;

/// Replaces the settings of a scope by what `change` makes of them; answers what they are then.
pub(crate) fn set_config(
    state: &State,
    scope: &Subject,
    change: impl FnOnce(&mut SubjectConfig),
) -> Result<Decision<SubjectConfig>, Error> {
    writable(state, scope)?;
    let mut config = state.configs.get(scope).cloned().unwrap_or_default();
    change(&mut config);
    if let Some(alias) = config.alias.as_deref().filter(|alias| !alias.is_empty()) {
        if scope.is_context() {
            return Err(Error::invalid_field("alias", "only a subject can have one"));
        }
        Subject::parse_named(alias, scope.context())?;
    }
    let stored = (!config.is_empty()).then(|| config.clone());
    Ok(Decision { entries: vec![Entry::Config { subject: scope.clone(), config: stored }], output: config })
}

/// Removes the settings of a scope; answers what they were.
pub(crate) fn delete_config(state: &State, scope: &Subject) -> Result<Decision<SubjectConfig>, Error> {
    writable(state, scope)?;
    let old = match state.configs.get(scope) {
        Some(config) => config.clone(),
        None if scope.is_global() => state.config(scope),
        None => return Err(Error::SubjectNotFound(scope.to_string())),
    };
    Ok(Decision { entries: vec![Entry::Config { subject: scope.clone(), config: None }], output: old })
}

/// Sets or removes the mode of a scope.
///
/// IMPORT asks for a scope without schemas, because the ids and versions that come in must not meet
/// others; soft-deleted ones are removed for good. `force` goes without that.
pub(crate) fn set_mode(state: &State, scope: &Subject, mode: Option<Mode>, force: bool) -> Result<Decision<()>, Error> {
    if mode == Some(Mode::ReadOnlyOverride) && !scope.is_global() {
        return Err(Error::BadRequest("mode READONLY_OVERRIDE is for the registry as a whole".into()));
    }
    let mut entries = Vec::new();
    if mode == Some(Mode::Import) && state.mode(scope) != Mode::Import && !force {
        let inside = |subject: &Subject| {
            subject == scope || (scope.is_context() && (scope.is_global() || subject.context() == scope.context()))
        };
        for subject in state.subjects.keys().filter(|subject| inside(subject)) {
            if state.has(subject, Deleted::Without) {
                return Err(Error::NotPermitted("Cannot import since found existing subjects".into()));
            }
            for stored in state.versions_of(subject) {
                let referrers = state.referrers_of(subject, stored.version, true);
                if referrers.iter().any(|from| !inside(&from.subject)) {
                    return Err(Error::ReferenceExists(subject.to_string(), stored.version));
                }
                entries.push(Entry::VersionGone { subject: subject.clone(), version: stored.version });
            }
        }
    }
    entries.push(Entry::Mode { subject: scope.clone(), mode });
    Ok(Decision { entries, output: () })
}

/// Removes the mode of a scope, and with `recursive` those of everything inside; answers what it was.
pub(crate) fn delete_mode(state: &State, scope: &Subject, recursive: bool) -> Result<Decision<Option<Mode>>, Error> {
    let old = state.own_mode(scope);
    if old.is_none() && !recursive {
        return Err(Error::SubjectNotFound(scope.to_string()));
    }
    let mut entries = Vec::new();
    for subject in state.modes.keys() {
        let inside = recursive && scope.is_context() && subject.context() == scope.context();
        if subject == scope || inside {
            entries.push(Entry::Mode { subject: subject.clone(), mode: None });
        }
    }
    Ok(Decision { entries, output: old })
}
