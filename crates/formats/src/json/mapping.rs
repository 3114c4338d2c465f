//! JSON schemas to SQL types (spec sql.md 2.4 no. 7, 8; 2.5).

use nutkin_types::DataType;

use super::schema::read;
use crate::error::FormatError;
use crate::schema::RegisteredSchema;

pub use super::emit::from_sql;

/// The SQL type of a JSON schema: ROW for an object and for a `oneOf` of several types, else the atomic type.
///
/// # Errors
/// NUTKIN-3000, 3001 or 3002.
pub fn to_sql(schema: &RegisteredSchema) -> Result<DataType, FormatError> {
    Ok(read(schema)?.data_type)
}
