//! Schemas to SQL types and back (spec sql.md 2.4, 2.5).
//!
//! `to_sql` gives the type that a topic's schema is seen as: a ROW whose fields are the columns, or an atomic type for an
//! atomic schema. `from_sql` gives the schema that CREATE TABLE registers. Both keep everything: `to_sql(from_sql(t)) == t`
//! for every type that can be written.

mod combined;

use nutkin_types::{DataType, RowField};

use crate::error::FormatError;
use crate::schema::{RegisteredSchema, SchemaKind};

pub use combined::{COMBINED, combine};

pub use crate::avro::mapping as avro;
pub use crate::json::mapping as json;
pub use crate::protobuf::mapping as protobuf;

/// Names in a schema made from columns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SchemaOptions {
    /// Full name of the Avro record, title of the JSON object, or `package.Message` of Protobuf; None for Flink's own.
    pub record_name: Option<String>,
}

/// Fields of a type with everything nested in it. Types used twice are written out twice, so a short schema could ask for
/// any number.
pub(crate) const MAX_FIELDS: usize = 20_000;

/// The SQL type of `schema`.
///
/// # Errors
/// NUTKIN-3000 when the schema is invalid, 3001 when it uses what has no SQL type, 3002 when a reference is missing.
pub fn to_sql(schema: &RegisteredSchema) -> Result<DataType, FormatError> {
    match schema.kind {
        SchemaKind::Avro => avro::to_sql(schema),
        SchemaKind::Json => json::to_sql(schema),
        SchemaKind::Protobuf => protobuf::to_sql(schema),
    }
}

/// The text of a schema of `kind` for a record of `fields`.
///
/// # Errors
/// NUTKIN-3001 when a type or name cannot be written in that kind of schema.
pub fn from_sql(kind: SchemaKind, fields: &[RowField], options: &SchemaOptions) -> Result<String, FormatError> {
    match kind {
        SchemaKind::Avro => avro::from_sql(fields, options),
        SchemaKind::Json => json::from_sql(fields, options),
        SchemaKind::Protobuf => protobuf::from_sql(fields, options),
    }
}
