//! Avro schemas to SQL types and back.

use nutkin_types::{DataType, RowField};

use crate::error::FormatError;
use crate::mapping::SchemaOptions;
use crate::schema::RegisteredSchema;

fn refused<T>() -> Result<T, FormatError> {
    Err(FormatError::UnsupportedFormat { name: "avro".to_owned(), cause: "it is not supported yet".to_owned() })
}

/// The SQL type of a schema.
pub fn to_sql(_schema: &RegisteredSchema) -> Result<DataType, FormatError> {
    refused()
}

/// The schema of a record of `fields`.
pub fn from_sql(_fields: &[RowField], _options: &SchemaOptions) -> Result<String, FormatError> {
    refused()
}
