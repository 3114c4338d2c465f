//! Avro records and schemas.
//!
//! [`compile`] resolves a writer schema against the table's (the reader's) once into a [`program`]; [`run`] runs it per
//! record, straight into columns. A general Avro reader builds a value per field; a stream reader loses its place at the
//! first bad record. This one does neither, and costs one program per schema id.

mod compile;
mod cursor;
mod default;
mod emit;
mod encode;
pub mod mapping;
mod parse;
mod program;
mod run;
mod schema;
mod skip;
mod write;

use arrow_array::{ArrayRef, new_empty_array};
use nutkin_types::arrow::arrow_type;
use nutkin_types::{DataType, RowField};

use crate::columns::ColumnBuilder;
use crate::decoder::SchemaReader;
use crate::encoder::header;
use crate::error::FormatError;
use crate::fault::Outcome;
use crate::format::FormatConfig;
use crate::projection::Projection;
use crate::schema::RegisteredSchema;

use encode::Prepared;
use program::Program;
use schema::{AvroSchema, Shape};

/// Full name of the type that `schema` is; None for one without a name.
pub(crate) fn name_of(schema: &RegisteredSchema) -> Result<Option<String>, FormatError> {
    let schema = parse::parse(schema)?;
    Ok(match schema.shape(schema.root) {
        Shape::Record { name, .. } | Shape::Enum { name, .. } | Shape::Fixed { name, .. } => Some(name.full.clone()),
        _ => None,
    })
}

/// Reads Avro records as one type.
#[derive(Debug)]
pub(crate) struct AvroReader {
    /// The table's schema; None when each record is read as its own schema says.
    reader: Option<AvroSchema>,
    target: DataType,
}

impl SchemaReader for AvroReader {
    type Program = Program;

    fn new(config: &FormatConfig, projection: &Projection) -> Result<AvroReader, FormatError> {
        let reader = config.schema.as_ref().map(parse::parse).transpose()?;
        Ok(AvroReader { reader, target: projection.root.clone() })
    }

    fn compile(&self, writer: &RegisteredSchema) -> Result<Program, FormatError> {
        let writer = parse::parse(writer)?;
        compile::compile(&writer, self.reader.as_ref().unwrap_or(&writer), &self.target)
    }

    fn read(&self, program: &mut Program, body: &[u8], _framed: bool, out: &mut ColumnBuilder) -> Outcome {
        run::run(program, body, out)
    }
}

/// Writes Avro records under one schema.
#[derive(Debug)]
pub(crate) struct AvroWriter {
    schema: AvroSchema,
    columns: Vec<RowField>,
    header: Vec<u8>,
}

impl AvroWriter {
    pub fn new(config: &FormatConfig, columns: &[RowField]) -> Result<AvroWriter, FormatError> {
        let Some(schema) = &config.schema else {
            return Err(FormatError::mismatch("", "writing needs a registered schema"));
        };
        let writer = AvroWriter { schema: parse::parse(schema)?, columns: columns.to_vec(), header: header(config) };
        // An empty batch shows every mismatch now instead of at the first row.
        let empty: Vec<ArrayRef> =
            columns.iter().map(|column| new_empty_array(&arrow_type(&column.data_type.logical))).collect();
        writer.prepare(&empty)?;
        Ok(writer)
    }

    pub fn prepare<'a>(&'a self, columns: &'a [ArrayRef]) -> Result<Prepared<'a>, FormatError> {
        Prepared::new(&self.schema, &self.columns, columns, &self.header)
    }
}
