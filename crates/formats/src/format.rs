//! [`FormatConfig`]: which format one side (key or value) of a topic has.

use crate::error::FormatError;
use crate::schema::{RegisteredSchema, SchemaKind};

/// A format by the name it has in `key.format` and `value.format` (spec sql.md 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum FormatKind {
    /// Bytes as they are, or one big-endian value.
    Raw,
    Avro,
    Json,
    Protobuf,
}

/// What precedes the body of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub enum Framing {
    /// Magic byte 0, four bytes of schema id (big-endian), for Protobuf the message indexes. Nothing else is read.
    Registry,
    /// Written as `Registry`; a payload that does not start so, or names an unknown schema, is read as a bare body of the
    /// configured schema (spec sql.md 2.4 no. 11).
    #[default]
    RegistryOrBare,
    /// Bare bodies of the configured schema only, read and written.
    Bare,
}

/// How one side of a topic is read and written.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FormatConfig {
    pub kind: FormatKind,
    /// Reader schema of a decoder, writer schema of an encoder: the one that the statement was planned with. None for raw,
    /// and for a decoder that takes each record as its own schema says.
    pub schema: Option<RegisteredSchema>,
    #[serde(default)]
    pub framing: Framing,
}

impl FormatKind {
    /// The format named by an option value. Debezium envelopes and unknown names are refused.
    pub fn from_option(name: &str) -> Result<FormatKind, FormatError> {
        let cause = match name {
            "raw" => return Ok(FormatKind::Raw),
            "avro-registry" => return Ok(FormatKind::Avro),
            "json-registry" => return Ok(FormatKind::Json),
            "proto-registry" => return Ok(FormatKind::Protobuf),
            "avro-debezium-registry" | "json-debezium-registry" | "proto-debezium-registry" => {
                "a Debezium envelope is one of the plain registry formats with the columns before, after and op. Use the \
                 plain one"
            }
            _ => "it is unknown. Use raw, avro-registry, json-registry or proto-registry",
        };
        Err(FormatError::UnsupportedFormat { name: name.to_owned(), cause: cause.to_owned() })
    }

    /// The option value that names the format.
    pub fn option_name(self) -> &'static str {
        match self {
            FormatKind::Raw => "raw",
            FormatKind::Avro => "avro-registry",
            FormatKind::Json => "json-registry",
            FormatKind::Protobuf => "proto-registry",
        }
    }

    /// The kind of schema the format needs; None for raw.
    pub fn schema_kind(self) -> Option<SchemaKind> {
        match self {
            FormatKind::Raw => None,
            FormatKind::Avro => Some(SchemaKind::Avro),
            FormatKind::Json => Some(SchemaKind::Json),
            FormatKind::Protobuf => Some(SchemaKind::Protobuf),
        }
    }
}

impl FormatConfig {
    /// Raw bytes or one big-endian value, without schema.
    pub fn raw() -> FormatConfig {
        FormatConfig { kind: FormatKind::Raw, schema: None, framing: Framing::Bare }
    }

    /// The format of `schema`, framed with its id; bare bodies are read too.
    pub fn registry(schema: RegisteredSchema) -> FormatConfig {
        let kind = match schema.kind {
            SchemaKind::Avro => FormatKind::Avro,
            SchemaKind::Json => FormatKind::Json,
            SchemaKind::Protobuf => FormatKind::Protobuf,
        };
        FormatConfig { kind, schema: Some(schema), framing: Framing::default() }
    }

    /// Refuses a schema of another kind than the format's, and a missing one where payloads carry no id.
    pub(crate) fn check(&self) -> Result<(), FormatError> {
        let name = self.kind.option_name();
        let refuse = |cause: String| Err(FormatError::UnsupportedFormat { name: name.to_owned(), cause });
        match (&self.schema, self.kind.schema_kind()) {
            (Some(_), None) => refuse("it takes no schema".to_owned()),
            (Some(schema), Some(kind)) if schema.kind != kind => {
                refuse(format!("schema {} is of kind {}", schema.id, schema.kind.name()))
            }
            (None, Some(_)) if self.framing == Framing::Bare && self.kind != FormatKind::Json => {
                refuse("payloads without schema id need a configured schema".to_owned())
            }
            _ => Ok(()),
        }
    }
}
