//! `/subjects/{subject}/versions`: listing, registration, reading, deletion.

use axum::extract::Request;
use axum::response::Response;
use axum::routing::get;
use axum::{RequestExt, Router};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::body::{self, Body};
use super::reply::{self, Answer, Reply};
use super::request::Call;
use crate::access::Action;
use crate::compat;
use crate::core::{self, Deleted, State};
use crate::error::Error;
use crate::handle::Handle;
use crate::model::{Reference, RegisteredSchema, SchemaType, Subject};

pub(super) fn routes() -> Router<Handle> {
    Router::new()
        .route("/subjects/{subject}/versions", get(list).post(register))
        .route("/subjects/{subject}/versions/{version}", get(show).delete(delete))
        .route("/subjects/{subject}/versions/{version}/schema", get(text))
        .route("/subjects/{subject}/versions/{version}/referencedby", get(referenced_by))
}

/// A version on the wire.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shown {
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    version: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guid: Option<Uuid>,
    schema_type: SchemaType,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    references: Vec<Reference>,
    schema: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    deleted: bool,
}

impl Shown {
    /// As asked for by `format` and `referenceFormat`.
    pub async fn of(call: &Call, stored: RegisteredSchema) -> Result<Self, Error> {
        let text = formatted(call, &stored).await?;
        let references = references(call, &stored)?;
        Ok(Self {
            subject: Some(stored.subject),
            version: stored.version,
            id: Some(stored.id),
            guid: stored.guid,
            schema_type: stored.schema.schema_type,
            references,
            schema: text,
            deleted: stored.deleted,
        })
    }

    /// Without the id, as `/schemas/ids/{id}` shows it.
    pub fn without_id(self) -> Self {
        Self { id: None, ..self }
    }
}

/// The text in the format asked for.
pub(super) async fn formatted(call: &Call, stored: &RegisteredSchema) -> Result<String, Error> {
    let format = call.query("format").unwrap_or_default().trim().to_owned();
    if format.is_empty() || format == "default" {
        return Ok(stored.schema.schema.to_string());
    }
    let stored = stored.clone();
    let work = move |state: &State, options: &crate::Options| {
        let subject = Subject::parse(&stored.subject, crate::model::DEFAULT_CONTEXT)?;
        let references = &stored.schema.references;
        let limits = options.limits();
        let resolved = core::resolve_references(state, subject.context(), references, Deleted::With, &limits)?;
        let resolved: Vec<_> = resolved
            .into_iter()
            .map(|(name, stored)| compat::Resolved { name, schema: stored.schema.schema.clone() })
            .collect();
        let parsed = compat::parse(stored.schema.schema_type, &stored.schema.schema, &resolved)
            .map_err(|invalid| Error::InvalidSchema(invalid.to_string()))?;
        let refused = || Error::NotBuilt(format!("format {format} of {} schemas", stored.schema.schema_type.name()));
        parsed.formatted(&format).ok_or_else(refused)
    };
    call.handle.inner.blocking(work).await
}

/// The references, their subjects qualified when asked for.
fn references(call: &Call, stored: &RegisteredSchema) -> Result<Vec<Reference>, Error> {
    let format = call.query("referenceFormat").or_else(|| call.query("reference_format")).unwrap_or_default();
    let mut references = stored.schema.references.clone();
    match format.to_ascii_lowercase().as_str() {
        "" | "default" => {}
        "qualified" => {
            let subject = Subject::parse(&stored.subject, crate::model::DEFAULT_CONTEXT)?;
            for reference in &mut references {
                reference.subject = Subject::parse(&reference.subject, subject.context())?.to_string();
            }
        }
        other => return Err(Error::NotBuilt(format!("reference format {other}"))),
    }
    Ok(references)
}

async fn list(call: Call) -> Answer<Vec<i32>> {
    call.refuse(&["deletedAsNegative"])?;
    let subject = call.subject(Action::Read)?;
    let deleted = call.deleted()?;
    let versions = call.handle.read(|state| state.versions(&subject, deleted))?;
    Ok(Reply(call.page(versions)?))
}

/// The ids and the version, without the text: clients keep what an answer holds under the id, and
/// would take the text for the serialized form they sent and ask for.
async fn register(call: Call, request: Request) -> Answer<Value> {
    call.refuse(&["force", "format"])?;
    let subject = call.subject(Action::Write)?;
    let request = body::registration(request.extract().await as Body, call.flag("normalize")?)?;
    let registered = call.handle.register_at(subject, request).await?;
    Ok(Reply(json!({"id": registered.id, "version": registered.version, "guid": registered.guid})))
}

fn get_version(call: &Call, deleted: Deleted) -> Result<RegisteredSchema, Error> {
    let version = call.version()?;
    let subject = call.subject(Action::Read)?;
    call.handle.read(|state| Ok(state.get(&subject, version, deleted)?.as_ref().into()))
}

async fn show(call: Call) -> Answer<Shown> {
    call.refuse(&["findTags"])?;
    let stored = get_version(&call, call.deleted()?)?;
    Shown::of(&call, stored).await.map(Reply)
}

async fn text(call: Call) -> Result<Response, Error> {
    let stored = get_version(&call, call.deleted()?)?;
    Ok(reply::text(formatted(&call, &stored).await?))
}

async fn referenced_by(call: Call) -> Answer<Vec<i32>> {
    let stored = get_version(&call, Deleted::With)?;
    let subject = Subject::parse(&stored.subject, crate::model::DEFAULT_CONTEXT)?;
    let deleted = call.flag("deleted")?;
    let ids: std::collections::BTreeSet<i32> = call
        .handle
        .read(|state| state.referrers_of(&subject, stored.version, deleted).into_iter().map(|from| from.id).collect());
    Ok(Reply(call.page(ids)?))
}

async fn delete(call: Call) -> Answer<i32> {
    let version = call.version()?;
    let subject = call.subject(Action::Delete)?;
    let permanent = call.flag("permanent")?;
    let delete = move |state: &State, _: &crate::Options| core::delete_version(state, &subject, version, permanent);
    Ok(Reply(call.handle.inner.write(delete).await?))
}
