//! `/schemas`: by id, by GUID, by prefix, and the types.

use std::collections::BTreeSet;

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};
use uuid::Uuid;

use super::reply::{self, Answer, Reply};
use super::request::Call;
use super::subjects::prefix;
use super::versions::{Shown, formatted};
use crate::access::Action;
use crate::core::Deleted;
use crate::error::Error;
use crate::handle::Handle;
use crate::model::{RegisteredSchema, SchemaType, Subject};

pub(super) fn routes() -> Router<Handle> {
    Router::new()
        .route("/schemas", get(list))
        .route("/schemas/types", get(types))
        .route("/schemas/ids/{id}", get(show))
        .route("/schemas/ids/{id}/schema", get(text))
        .route("/schemas/ids/{id}/subjects", get(subjects))
        .route("/schemas/ids/{id}/versions", get(versions))
        .route("/schemas/guids/{guid}", get(by_guid))
        .route("/schemas/guids/{guid}/ids", get(ids_of_guid))
}

async fn types(_call: Call) -> Answer<Vec<&'static str>> {
    Ok(Reply(SchemaType::ALL.map(SchemaType::name).to_vec()))
}

async fn list(call: Call) -> Answer<Vec<Shown>> {
    call.refuse(&["aliases", "ruleType", "resourceType", "associationType", "lifecycle"])?;
    let prefix = prefix(&call, "");
    let (deleted, latest_only) = (call.deleted()?, call.flag("latestOnly")?);
    let found: Vec<RegisteredSchema> = call.handle.read(|state| {
        let mut found = Vec::new();
        for subject in state.subjects(Some(&prefix), deleted) {
            let mut versions: Vec<_> = state.versions_of(subject).filter(|stored| deleted.lets(stored)).collect();
            if latest_only {
                versions.drain(..versions.len().saturating_sub(1));
            }
            found.extend(versions.into_iter().map(|stored| RegisteredSchema::from(stored.as_ref())));
        }
        found
    });
    let readable = found.into_iter().filter(|stored| call.allowed(Action::Read, &stored.subject));
    let mut shown = Vec::new();
    for stored in call.page(readable)? {
        shown.push(Shown::of(&call, stored).await?);
    }
    Ok(Reply(shown))
}

/// The schema of the path's id as seen from the `subject` of the query, if the principal may read
/// one of the subjects that carry it.
fn by_id(call: &Call) -> Result<RegisteredSchema, Error> {
    let id = call.id()?;
    let scope = Subject::parse(call.query("subject").unwrap_or_default(), &call.context)?;
    let missing = || Error::SchemaIdNotFound(id.to_string());
    let (found, subjects) = call.handle.read(|state| {
        let stored = state.by_id_for(&scope, id).ok_or_else(missing)?;
        let context = stored.subject.context();
        let subjects: BTreeSet<_> = state.uses_of(context, id).map(|stored| stored.subject.to_string()).collect();
        Ok::<_, Error>((RegisteredSchema::from(stored.as_ref()), subjects))
    })?;
    if !subjects.iter().any(|subject| call.allowed(Action::Read, subject)) {
        call.require(Action::Read, &found.subject)?;
    }
    Ok(found)
}

async fn show(call: Call) -> Answer<Value> {
    call.refuse(&["findTags"])?;
    let found = by_id(&call)?;
    let subject = Subject::parse(&found.subject, crate::model::DEFAULT_CONTEXT)?;
    let shown = Shown::of(&call, found).await?.without_id();
    let mut value = serde_json::to_value(&shown).map_err(|e| Error::Internal(e.to_string()))?;
    if call.flag("fetchMaxId")? {
        value["maxId"] = json!(call.handle.read(|state| state.last_id(subject.context())));
    }
    Ok(Reply(value))
}

async fn text(call: Call) -> Result<Response, Error> {
    let found = by_id(&call)?;
    Ok(reply::text(formatted(&call, &found).await?))
}

/// The versions that carry the id, those that are deleted only when asked for.
fn uses(call: &Call) -> Result<Vec<(String, i32)>, Error> {
    let found = by_id(call).map_err(|error| match error {
        Error::SchemaIdNotFound(_) => Error::SchemaNotFound,
        other => other,
    })?;
    let subject = Subject::parse(&found.subject, crate::model::DEFAULT_CONTEXT)?;
    let deleted = if call.flag("deleted")? { Deleted::With } else { Deleted::Without };
    let only = call.query("subject").map(|name| Subject::parse(name, &call.context)).transpose()?;
    let only = only.filter(|subject| !subject.is_context());
    let uses: Vec<_> = call.handle.read(|state| {
        let uses = state.uses_of(subject.context(), found.id).filter(|stored| deleted.lets(stored));
        let uses = uses.filter(|stored| only.as_ref().is_none_or(|only| *only == stored.subject));
        uses.map(|stored| (stored.subject.to_string(), stored.version)).collect()
    });
    Ok(uses.into_iter().filter(|(subject, _)| call.allowed(Action::Read, subject)).collect())
}

async fn subjects(call: Call) -> Answer<Vec<String>> {
    let names: BTreeSet<_> = uses(&call)?.into_iter().map(|(subject, _)| subject).collect();
    Ok(Reply(call.page(names)?))
}

async fn versions(call: Call) -> Answer<Vec<Value>> {
    let versions = uses(&call)?.into_iter().map(|(subject, version)| json!({"subject": subject, "version": version}));
    Ok(Reply(call.page(versions)?))
}

fn guid(call: &Call) -> Result<Uuid, Error> {
    let written = call.path("guid");
    Uuid::parse_str(written).map_err(|_| Error::SchemaIdNotFound(written.to_owned()))
}

async fn by_guid(call: Call) -> Answer<Shown> {
    let guid = guid(&call)?;
    let found: Vec<RegisteredSchema> = call.handle.read(|state| {
        let ids = state.ids_of_guid(&guid);
        ids.flat_map(|(context, id)| state.uses_of(context, *id)).map(|stored| stored.as_ref().into()).collect()
    });
    let first = found.first().ok_or_else(|| Error::SchemaIdNotFound(guid.to_string()))?.clone();
    let readable = found.into_iter().find(|stored| call.allowed(Action::Read, &stored.subject));
    let stored = readable.ok_or(Error::Denied { action: Action::Read.name(), subject: first.subject })?;
    Ok(Reply(Shown::of(&call, stored).await?.without_id()))
}

async fn ids_of_guid(call: Call) -> Answer<Vec<Value>> {
    let guid = guid(&call)?;
    let ids = call.handle.read(|state| -> Vec<_> {
        let readable = |context: &str, id: i32| {
            state.uses_of(context, id).any(|stored| call.allowed(Action::Read, &stored.subject.to_string()))
        };
        let ids = state.ids_of_guid(&guid).filter(|(context, id)| readable(context, *id));
        ids.map(|(context, id)| json!({"context": context, "id": id})).collect()
    });
    Ok(Reply(ids))
}
