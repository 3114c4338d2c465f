//! Protobuf records and schemas.
//!
//! Schemas are compiled from their text at run time, without protoc; [`compile`] turns a writer's message and the table's
//! into a program by field number, and [`run`] reads records by it straight into columns. General dynamic messages build a
//! value per field, which costs several times more.

mod compile;
mod emit;
mod encode;
pub mod mapping;
mod pool;
mod program;
mod roots;
mod run;
mod shape;
mod wire;
mod write;

use arrow_array::{ArrayRef, new_empty_array};
use nutkin_types::arrow::arrow_type;
use nutkin_types::{DataType, RowField};

use crate::columns::ColumnBuilder;
use crate::decoder::SchemaReader;
use crate::encoder::header;
use crate::error::FormatError;
use crate::fault::Outcome;
use crate::format::{FormatConfig, Framing};
use crate::projection::Projection;
use crate::schema::RegisteredSchema;

use pool::ProtoSchema;
use roots::Program;
use write::Prepared;

/// Reads Protobuf records as one type.
#[derive(Debug)]
pub(crate) struct ProtobufReader {
    /// The table's schema; None when each record is read as its own schema says.
    reader: Option<ProtoSchema>,
    target: DataType,
}

impl SchemaReader for ProtobufReader {
    type Program = Program;

    fn new(config: &FormatConfig, projection: &Projection) -> Result<ProtobufReader, FormatError> {
        let reader = config.schema.as_ref().map(pool::compile).transpose()?;
        Ok(ProtobufReader { reader, target: projection.root.clone() })
    }

    fn compile(&self, writer: &RegisteredSchema) -> Result<Program, FormatError> {
        let writer = pool::compile(writer)?;
        Program::new(&writer, self.reader.as_ref().unwrap_or(&writer), &self.target)
    }

    fn read(&self, program: &mut Program, body: &[u8], framed: bool, out: &mut ColumnBuilder) -> Outcome {
        program.read(body, framed, out)
    }
}

/// Writes Protobuf records under one schema.
#[derive(Debug)]
pub(crate) struct ProtobufWriter {
    schema: ProtoSchema,
    columns: Vec<RowField>,
    header: Vec<u8>,
    framed: bool,
}

impl ProtobufWriter {
    pub fn new(config: &FormatConfig, columns: &[RowField]) -> Result<ProtobufWriter, FormatError> {
        let Some(schema) = &config.schema else {
            return Err(FormatError::mismatch("", "writing needs a registered schema"));
        };
        let writer = ProtobufWriter {
            schema: pool::compile(schema)?,
            columns: columns.to_vec(),
            header: header(config),
            framed: config.framing != Framing::Bare,
        };
        // An empty batch shows every mismatch now instead of at the first row.
        let empty: Vec<ArrayRef> =
            columns.iter().map(|column| new_empty_array(&arrow_type(&column.data_type.logical))).collect();
        writer.prepare(&empty)?;
        Ok(writer)
    }

    pub fn prepare<'a>(&'a self, columns: &'a [ArrayRef]) -> Result<Prepared<'a>, FormatError> {
        encode::prepare(&self.schema, &self.columns, columns, &self.header, self.framed)
    }
}

/// The compiled file of a schema, for comparing with other readers.
#[cfg(test)]
pub(crate) fn compile_for_tests(schema: &RegisteredSchema) -> prost_reflect::FileDescriptor {
    pool::compile(schema).unwrap().file
}
