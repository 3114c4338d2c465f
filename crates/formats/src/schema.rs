//! Schemas as a registry holds them: text, kind, id and the texts they refer to.

use serde::{Deserialize, Serialize};

/// Language of a registered schema. Serialised as the registry's `schemaType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SchemaKind {
    Avro,
    Json,
    Protobuf,
}

/// A schema that another one imports, under the name by which it does so: an Avro full name, a JSON `$ref` or a
/// Protobuf import path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SchemaReference {
    pub name: String,
    pub text: String,
}

/// One schema with everything needed to read it: its references come resolved, the ones that others need first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RegisteredSchema {
    /// The id that stands in the framing of each record.
    pub id: i32,
    pub kind: SchemaKind,
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<SchemaReference>,
}

impl SchemaKind {
    /// The registry's name of the kind.
    pub fn name(self) -> &'static str {
        match self {
            SchemaKind::Avro => "AVRO",
            SchemaKind::Json => "JSON",
            SchemaKind::Protobuf => "PROTOBUF",
        }
    }
}

impl RegisteredSchema {
    /// A schema without references.
    pub fn new(id: i32, kind: SchemaKind, text: impl Into<String>) -> RegisteredSchema {
        RegisteredSchema { id, kind, text: text.into(), references: Vec::new() }
    }
}
