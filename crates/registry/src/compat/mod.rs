//! Schemas parsed for what the registry must know: are they valid, equal, compatible?
//!
//! Each language has a parser to a small graph of types, a canonical text (what is stored, and what
//! equality means), a normalised text and a reader/writer comparison. The three comparisons share
//! [`memo`], which makes recursive types terminate, bounds work and depth, and keeps the answer
//! independent of the order in which pairs are met.
//!
//! Trade-off: this is a second Avro/JSON/Protobuf reader beside the one that decodes data. It keeps
//! what decoding drops (documentation, aliases, foreign properties) and needs no values, and the
//! registry stays usable without any decoder.

pub mod avro;
pub mod json;
mod memo;
pub mod proto;

use std::sync::Arc;

use crate::model::{CompatibilityLevel, CompatibilityPolicy, SchemaType};

pub(crate) use memo::{Difference, Found, Memo, TooComplex};

/// A referenced schema: the name the referring text uses, and its text.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// Name of the reference.
    pub name: String,
    /// The referenced text.
    pub schema: Arc<str>,
}

/// Why a text is no schema: one line for people, saying where and what.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

impl Invalid {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// A valid schema of any language.
#[derive(Debug, Clone)]
pub enum ParsedSchema {
    /// Avro.
    Avro(Box<avro::AvroSchema>),
    /// JSON Schema.
    Json(Box<json::JsonSchema>),
    /// Protobuf.
    Protobuf(Box<proto::ProtobufSchema>),
}

/// Parses and validates `text`. `references` come transitively, each after those it uses itself.
pub fn parse(schema_type: SchemaType, text: &str, references: &[Resolved]) -> Result<ParsedSchema, Invalid> {
    Ok(match schema_type {
        SchemaType::Avro => ParsedSchema::Avro(Box::new(avro::AvroSchema::parse(text, references)?)),
        SchemaType::Json => ParsedSchema::Json(Box::new(json::JsonSchema::parse(text, references)?)),
        SchemaType::Protobuf => ParsedSchema::Protobuf(Box::new(proto::ProtobufSchema::parse(text, references)?)),
    })
}

/// Who reads and who writes, in the words of the messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Roles {
    pub reader: &'static str,
    pub writer: &'static str,
}

impl ParsedSchema {
    /// The language.
    pub fn schema_type(&self) -> SchemaType {
        match self {
            Self::Avro(_) => SchemaType::Avro,
            Self::Json(_) => SchemaType::Json,
            Self::Protobuf(_) => SchemaType::Protobuf,
        }
    }

    /// The text to store.
    pub fn text(&self) -> String {
        match self {
            Self::Avro(schema) => schema.canonical(),
            Self::Json(schema) => schema.canonical(),
            Self::Protobuf(schema) => schema.text().to_owned(),
        }
    }

    /// The text that decides whether two schemas are the same: free of layout and comments.
    pub fn identity(&self) -> String {
        match self {
            Self::Protobuf(schema) => schema.canonical(false),
            other => other.text(),
        }
    }

    /// The text under `normalize=true`: also free of the order of what has no order.
    pub fn normalized(&self) -> String {
        match self {
            Self::Avro(schema) => schema.normalized(),
            Self::Json(schema) => schema.normalized(),
            Self::Protobuf(schema) => schema.canonical(true),
        }
    }

    /// The text in one of the formats of `?format=`; `None` for a format this language has not.
    pub fn formatted(&self, format: &str) -> Option<String> {
        match (self, format) {
            (_, "" | "default") => Some(self.text()),
            (Self::Protobuf(schema), "serialized") => Some(schema.serialized()),
            _ => None,
        }
    }

    /// What keeps a reader with `self` from reading what `writer` wrote.
    fn reads(
        &self,
        writer: &ParsedSchema,
        policy: CompatibilityPolicy,
        roles: Roles,
    ) -> Result<Vec<String>, TooComplex> {
        Ok(match (self, writer) {
            (Self::Avro(reader), Self::Avro(writer)) => avro::reads(reader, writer, roles)?,
            (Self::Json(reader), Self::Json(writer)) => json::reads(reader, writer, policy, roles)?,
            (Self::Protobuf(reader), Self::Protobuf(writer)) => proto::reads(reader, writer, roles)?,
            _ => vec!["Incompatible because of different schema type".to_owned()],
        })
    }
}

/// An earlier version to check against.
#[derive(Debug, Clone)]
pub struct Previous {
    /// Its version.
    pub version: i32,
    /// Its parsed form.
    pub schema: Arc<ParsedSchema>,
}

/// Checks `new` against `previous` (oldest first) at `level`. Empty means compatible; otherwise the
/// differences to the newest version that conflicts, then that version, its text and the level.
pub fn check(
    level: CompatibilityLevel,
    policy: CompatibilityPolicy,
    new: &ParsedSchema,
    previous: &[Previous],
) -> Vec<String> {
    let relevant = if level.transitive() { previous } else { &previous[previous.len().saturating_sub(1)..] };
    for old in relevant.iter().rev() {
        let mut messages = match differences(level, policy, new, &old.schema) {
            Ok(messages) => messages,
            Err(too_complex) => vec![format!("{{errorType:'TOO_COMPLEX', description:'{too_complex}'}}")],
        };
        if !messages.is_empty() {
            messages.push(format!("{{oldSchemaVersion: {}}}", old.version));
            messages.push(format!("{{oldSchema: '{}'}}", old.schema.text()));
            messages.push(format!("{{validateFields: 'false', compatibility: '{}'}}", level.name()));
            return messages;
        }
    }
    Vec::new()
}

fn differences(
    level: CompatibilityLevel,
    policy: CompatibilityPolicy,
    new: &ParsedSchema,
    old: &ParsedSchema,
) -> Result<Vec<String>, TooComplex> {
    let mut messages = Vec::new();
    if level.backward() {
        messages.extend(new.reads(old, policy, Roles { reader: "new", writer: "old" })?);
    }
    if level.forward() {
        messages.extend(old.reads(new, policy, Roles { reader: "old", writer: "new" })?);
    }
    Ok(messages)
}
