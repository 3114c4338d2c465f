//! Schemas as they are sent and as they are registered.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::Error;

/// The language a schema is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SchemaType {
    /// Apache Avro, the default.
    #[default]
    Avro,
    /// JSON Schema.
    Json,
    /// Protocol Buffers.
    Protobuf,
}

impl SchemaType {
    /// Every type, in the order in which the registry lists them.
    pub const ALL: [SchemaType; 3] = [SchemaType::Json, SchemaType::Protobuf, SchemaType::Avro];

    /// The wire name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Avro => "AVRO",
            Self::Json => "JSON",
            Self::Protobuf => "PROTOBUF",
        }
    }

    /// Parses the wire name; an unknown one is an invalid schema, as in Confluent's registry.
    pub fn parse(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(name)).ok_or_else(|| {
            Error::InvalidSchema(format!("Invalid schema type {name}; valid types are AVRO, JSON and PROTOBUF"))
        })
    }
}

/// A schema's use of another registered schema.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reference {
    /// What the schema calls it: a full name in Avro, a URI in JSON Schema, an import path in Protobuf.
    pub name: String,
    /// The subject it is registered under; without a context it is of the referring schema's context.
    pub subject: String,
    /// The version under that subject.
    pub version: i32,
}

/// A schema to be registered or looked up.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Schema {
    /// The language.
    #[serde(default)]
    pub schema_type: SchemaType,
    /// The text (Protobuf: `.proto` text, or a base64 `FileDescriptorProto`).
    pub schema: Arc<str>,
    /// Schemas it builds on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
}

impl Schema {
    /// A schema without references.
    pub fn new(schema_type: SchemaType, text: impl Into<Arc<str>>) -> Self {
        Self { schema_type, schema: text.into(), references: Vec::new() }
    }

    /// An Avro schema without references.
    pub fn avro(text: impl Into<Arc<str>>) -> Self {
        Self::new(SchemaType::Avro, text)
    }
}

/// A schema as it stands under a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisteredSchema {
    /// The subject, with its context when that is not the default one.
    pub subject: String,
    /// The version, from 1.
    pub version: i32,
    /// The id within the context: what data carries.
    pub id: i32,
    /// The id across contexts, from the text and the references.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guid: Option<Uuid>,
    /// The schema itself.
    #[serde(flatten)]
    pub schema: Schema,
    /// True when it is soft deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}
