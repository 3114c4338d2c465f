//! What can be wrong with a format, a schema or a value, each with its page under `docs/errors`.

use crate::schema::SchemaKind;

/// A format, schema or column that cannot be used, or a value that cannot be written. Nothing here is about a record that
/// cannot be read: that is a [`crate::RecordError`] of its own row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// The schema text does not parse or breaks its language's rules.
    #[error("NUTKIN-3000: the {} schema is not valid: {cause}. Correct the schema at {place}", kind.name())]
    InvalidSchema { kind: SchemaKind, place: String, cause: String },
    /// A type that has no counterpart on the other side.
    #[error("NUTKIN-3001: {what} at '{path}' cannot be used with {format}: {remedy}")]
    UnsupportedType { format: &'static str, path: String, what: String, remedy: String },
    /// The schema refers to another that was not handed over.
    #[error("NUTKIN-3002: the {} schema refers to '{name}', which is not among its references. Register it and list it as a reference", kind.name())]
    MissingReference { kind: SchemaKind, name: String },
    /// A format name that is unknown or not built.
    #[error("NUTKIN-3003: format '{name}' cannot be used: {cause}")]
    UnsupportedFormat { name: String, cause: String },
    /// A column that the schema cannot hold or fill.
    #[error("NUTKIN-3004: column '{column}' does not fit the schema: {cause}")]
    ColumnMismatch { column: String, cause: String },
    /// A value that cannot be written.
    #[error("NUTKIN-3005: column '{column}', row {row}: {cause}")]
    InvalidValue { column: String, row: usize, cause: String },
}

impl FormatError {
    /// The number of the error's page, such as `NUTKIN-3000`.
    pub fn code(&self) -> &'static str {
        match self {
            FormatError::InvalidSchema { .. } => "NUTKIN-3000",
            FormatError::UnsupportedType { .. } => "NUTKIN-3001",
            FormatError::MissingReference { .. } => "NUTKIN-3002",
            FormatError::UnsupportedFormat { .. } => "NUTKIN-3003",
            FormatError::ColumnMismatch { .. } => "NUTKIN-3004",
            FormatError::InvalidValue { .. } => "NUTKIN-3005",
        }
    }

    pub(crate) fn mismatch(column: impl Into<String>, cause: impl Into<String>) -> FormatError {
        FormatError::ColumnMismatch { column: column.into(), cause: cause.into() }
    }
}

/// A record names a schema that the decoder does not have: fetch it, hand it over with
/// [`crate::Decoder::add_schema`] or [`crate::Decoder::add_unknown_schema`], and decode again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("schema {id} has not been fetched yet")]
pub struct MissingSchema {
    pub id: i32,
}
