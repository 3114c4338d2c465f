//! Registering a schema, finding it, checking it.

use std::sync::Arc;

use md5::Md5;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::references::{resolve, texts};
use super::state::State;
use super::{Decision, Deleted, Limits};
use crate::compat::{self, ParsedSchema, Previous};
use crate::error::Error;
use crate::model::{Mode, RegisteredSchema, Schema, Subject};
use crate::store::{Entry, StoredSchema};

/// A request to register.
#[derive(Debug, Clone)]
pub(crate) struct Registration {
    pub schema: Schema,
    /// Given only in mode IMPORT, or as a check of the next version.
    pub version: Option<i32>,
    /// Given only in mode IMPORT.
    pub id: Option<i32>,
    pub normalize: bool,
}

/// A schema ready to be stored.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    pub schema: Schema,
    pub parsed: Arc<ParsedSchema>,
    pub fingerprint: String,
    pub guid: Uuid,
}

/// Parses a schema for `subject`. `normalize` comes from the request; the subject's setting adds to it.
pub(crate) fn prepare(
    state: &State,
    subject: &Subject,
    schema: &Schema,
    normalize: bool,
    limits: &Limits,
) -> Result<Prepared, Error> {
    if schema.schema.len() > limits.schema_bytes {
        let most = limits.schema_bytes;
        return Err(Error::TooLarge(format!(
            "the schema has {} bytes, more than the limit of {most}",
            schema.schema.len()
        )));
    }
    let parsed = parse(state, subject, schema, Deleted::Without, limits)?;
    let normalize = normalize || state.config(subject).normalize == Some(true);
    let mut references = schema.references.clone();
    let (text, identity) = if normalize {
        references.sort();
        references.dedup();
        let normalized = parsed.normalized();
        (normalized.clone(), normalized)
    } else {
        (parsed.text(), parsed.identity())
    };
    let schema = Schema { schema_type: schema.schema_type, schema: text.into(), references };
    let fingerprint = fingerprint(&schema, &identity);
    let guid = guid(&schema);
    Ok(Prepared { schema, parsed, fingerprint, guid })
}

fn parse(
    state: &State,
    subject: &Subject,
    schema: &Schema,
    deleted: Deleted,
    limits: &Limits,
) -> Result<Arc<ParsedSchema>, Error> {
    let references = resolve(state, subject.context(), &schema.references, deleted, limits)?;
    let parsed = compat::parse(schema.schema_type, &schema.schema, &texts(&references));
    parsed.map(Arc::new).map_err(|invalid| {
        Error::InvalidSchema(format!("Invalid schema of type {}, details: {invalid}", schema.schema_type.name()))
    })
}

fn fingerprint(schema: &Schema, identity: &str) -> String {
    let mut references = schema.references.clone();
    references.sort();
    let mut hasher = Sha256::new();
    hasher.update(schema.schema_type.name());
    hasher.update([0]);
    hasher.update(identity);
    for reference in &references {
        hasher.update(format!("\0{}\0{}\0{}", reference.name, reference.subject, reference.version));
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The id across contexts, computed as Confluent's registry does so that exports and imports agree.
fn guid(schema: &Schema) -> Uuid {
    let mut hasher = Md5::new();
    hasher.update(schema.schema.as_bytes());
    for reference in &schema.references {
        hasher.update(&reference.name);
        hasher.update(&reference.subject);
        hasher.update(reference.version.to_be_bytes());
    }
    Uuid::from_bytes(hasher.finalize().into())
}

/// The version of `subject` that has this schema: the newest, live ones before deleted ones.
pub(crate) fn find<'a>(
    state: &'a State,
    subject: &Subject,
    prepared: &Prepared,
    deleted: Deleted,
) -> Option<&'a Arc<StoredSchema>> {
    let same = |stored: &&Arc<StoredSchema>| stored.fingerprint == prepared.fingerprint;
    let live = state.versions_of(subject).rev().filter(|stored| !stored.deleted).find(same);
    live.or_else(|| state.versions_of(subject).rev().filter(|stored| deleted.lets(stored)).find(same))
}

/// What keeps a schema from being compatible with `previous` versions of `subject` at its level.
pub(crate) fn incompatibilities(
    state: &State,
    subject: &Subject,
    prepared: &Prepared,
    previous: &[Arc<StoredSchema>],
    limits: &Limits,
) -> Result<Vec<String>, Error> {
    let (level, policy) = state.compatibility(subject);
    if level == crate::model::CompatibilityLevel::None || previous.is_empty() {
        return Ok(Vec::new());
    }
    let relevant = if level.transitive() { previous } else { &previous[previous.len() - 1..] };
    let parse = |stored: &Arc<StoredSchema>| {
        let schema = parse(state, &stored.subject, &stored.schema, Deleted::With, limits)?;
        Ok(Previous { version: stored.version, schema })
    };
    let previous = relevant.iter().map(parse).collect::<Result<Vec<_>, Error>>()?;
    Ok(compat::check(level, policy, &prepared.parsed, &previous))
}

/// Registers a schema, or finds it registered.
pub(crate) fn register(
    state: &State,
    subject: &Subject,
    request: &Registration,
    limits: &Limits,
) -> Result<Decision<RegisteredSchema>, Error> {
    let mode = state.mode(subject);
    permitted(subject, mode, request.id)?;
    let prepared = prepare(state, subject, &request.schema, request.normalize, limits)?;
    let context = subject.context();
    if request.version.is_none()
        && let Some(known) = find(state, subject, &prepared, Deleted::Without)
        && request.id.is_none_or(|id| id == known.id)
    {
        return Ok(Decision { entries: Vec::new(), output: known.as_ref().into() });
    }
    let live: Vec<_> = state.versions_of(subject).filter(|stored| !stored.deleted).cloned().collect();
    if mode != Mode::Import {
        let messages = incompatibilities(state, subject, &prepared, &live, limits)?;
        if !messages.is_empty() {
            return Err(Error::Incompatible { subject: subject.to_string(), messages });
        }
    }
    let version = next_version(state, subject, request, &prepared, mode)?;
    let (id, new_id) = match request.id {
        Some(id) => {
            let other = state.uses_of(context, id).any(|stored| stored.fingerprint != prepared.fingerprint);
            if other {
                return Err(Error::NotPermitted(format!(
                    "Overwrite new schema with id {id} in context {} is not permitted.",
                    subject.context_prefix()
                )));
            }
            (id, id > state.last_id(context))
        }
        None => match state.id_of(context, &prepared.fingerprint) {
            Some(id) => (id, false),
            None => {
                let id = state.last_id(context).checked_add(1);
                (id.ok_or_else(|| Error::TooLarge("every schema id of the context is used".into()))?, true)
            }
        },
    };
    let stored = StoredSchema {
        subject: subject.clone(),
        version,
        id,
        guid: prepared.guid,
        schema: prepared.schema,
        fingerprint: prepared.fingerprint,
        deleted: false,
    };
    let output = (&stored).into();
    let mut entries = Vec::new();
    // The same schema comes back: its deleted versions give way to the new one, unless in use.
    for old in state.versions_of(subject).filter(|old| old.deleted && old.id == id && old.version < version) {
        if state.referrers_of(subject, old.version, true).is_empty() {
            entries.push(Entry::VersionGone { subject: subject.clone(), version: old.version });
        }
    }
    entries.push(Entry::Version(Box::new(stored)));
    if new_id {
        entries.push(Entry::LastId { context: context.to_owned(), id });
    }
    Ok(Decision { entries, output })
}

/// Whether the mode lets a schema in (S002-051).
pub(super) fn permitted(subject: &Subject, mode: Mode, id: Option<i32>) -> Result<(), Error> {
    let what = match (mode, id) {
        (Mode::ReadWrite, None) | (Mode::Import, Some(_)) => return Ok(()),
        (_, Some(_)) => "not in import mode",
        (_, None) => "not in read-write mode",
    };
    Err(Error::NotPermitted(format!("Subject {subject} in context {} is {what}.", subject.context_prefix())))
}

fn next_version(
    state: &State,
    subject: &Subject,
    request: &Registration,
    prepared: &Prepared,
    mode: Mode,
) -> Result<i32, Error> {
    let newest = state.versions_of(subject).next_back().map_or(0, |stored| stored.version);
    let next = newest.checked_add(1).ok_or_else(|| Error::TooLarge("every version of the subject is used".into()))?;
    match request.version {
        None => Ok(next),
        Some(version) if version == next => Ok(next),
        Some(version) if mode == Mode::Import => {
            let taken = state.stored(subject, version);
            let same = taken.is_none_or(|stored| {
                stored.fingerprint == prepared.fingerprint && request.id.is_none_or(|id| id == stored.id)
            });
            if same {
                return Ok(version);
            }
            Err(Error::NotPermitted(format!(
                "Overwrite version {version} of subject {subject} in context {} is not permitted.",
                subject.context_prefix()
            )))
        }
        Some(_) => Err(Error::InvalidSchema("Version is not one more than previous version".into())),
    }
}
