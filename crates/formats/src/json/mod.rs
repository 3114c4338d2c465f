//! JSON records and JSON Schema.
//!
//! A JSON record carries its own field names, so records are read by the table's schema alone, whichever schema they were
//! written with, and a schema id in front is only told in errors. General JSON readers build a tree or at least a tape;
//! this one goes once over the text and knows beforehand what it wants.

mod emit;
mod encode;
mod leaf;
pub mod mapping;
mod number;
mod program;
mod run;
mod scan;
mod schema;
mod write;

use arrow_array::{ArrayRef, new_empty_array};
use nutkin_types::RowField;
use nutkin_types::arrow::arrow_type;

use crate::columns::ColumnBuilder;
use crate::encoder::header;
use crate::error::FormatError;
use crate::fault::Outcome;
use crate::format::{FormatConfig, Framing};
use crate::framing;
use crate::projection::Projection;

use encode::Prepared;
use program::Slot;
use schema::Node;

/// Reads JSON texts as one type.
#[derive(Debug)]
pub(crate) struct JsonReader {
    program: Slot,
    framing: Framing,
}

impl JsonReader {
    pub fn new(config: &FormatConfig, projection: &Projection) -> Result<JsonReader, FormatError> {
        let schema = config.schema.as_ref().map(schema::read).transpose()?;
        let program = program::compile(schema.as_ref(), &projection.root, "")?;
        Ok(JsonReader { program, framing: config.framing })
    }

    /// Schema id if there is one, where the text starts, and the text. No JSON text starts with byte 0, so framed
    /// payloads are known by it.
    pub fn body<'a>(&self, payload: &'a [u8]) -> Outcome<(Option<i32>, usize, &'a [u8])> {
        if payload.first() == Some(&0) || self.framing == Framing::Registry {
            let (id, body) = framing::split(payload)?;
            return Ok((Some(id), framing::HEADER, body));
        }
        Ok((None, 0, payload))
    }

    pub fn read(&mut self, body: &[u8], out: &mut ColumnBuilder) -> Outcome {
        run::run(&mut self.program, body, out)
    }
}

/// Writes JSON texts under one schema.
#[derive(Debug)]
pub(crate) struct JsonWriter {
    schema: Node,
    columns: Vec<RowField>,
    header: Vec<u8>,
}

impl JsonWriter {
    pub fn new(config: &FormatConfig, columns: &[RowField]) -> Result<JsonWriter, FormatError> {
        let Some(schema) = &config.schema else {
            return Err(FormatError::mismatch("", "writing needs a registered schema"));
        };
        let writer = JsonWriter { schema: schema::read(schema)?, columns: columns.to_vec(), header: header(config) };
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
