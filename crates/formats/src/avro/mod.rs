//! Avro records and schemas. Refused by name until its reader and writer are in place.

pub mod mapping;

use arrow_array::ArrayRef;
use nutkin_types::RowField;

use crate::columns::ColumnBuilder;
use crate::encoder::RowWriter;
use crate::error::FormatError;
use crate::fault::{Fault, Outcome};
use crate::format::FormatConfig;
use crate::projection::Projection;

fn refused<T>(config: &FormatConfig) -> Result<T, FormatError> {
    let name = config.kind.option_name().to_owned();
    Err(FormatError::UnsupportedFormat { name, cause: "it is not supported yet".to_owned() })
}

#[derive(Debug)]
pub(crate) struct AvroReader;
#[derive(Debug)]
pub(crate) struct AvroWriter;
pub(crate) struct Prepared;

impl AvroWriter {
    pub fn new(config: &FormatConfig, _columns: &[RowField]) -> Result<AvroWriter, FormatError> {
        refused(config)
    }
    pub fn prepare(&self, _columns: &[ArrayRef]) -> Result<Prepared, FormatError> {
        Ok(Prepared)
    }
}
impl RowWriter for Prepared {
    fn write(&self, _row: usize, _out: &mut Vec<u8>) -> Result<bool, FormatError> {
        Ok(false)
    }
}
impl crate::decoder::SchemaReader for AvroReader {
    type Program = ();
    fn new(config: &FormatConfig, _projection: &Projection) -> Result<Self, FormatError> {
        refused(config)
    }
    fn compile(&self, _writer: &crate::RegisteredSchema) -> Result<(), FormatError> {
        Ok(())
    }
    fn read(&self, _program: &mut (), _body: &[u8], _out: &mut ColumnBuilder) -> Outcome {
        Err(Fault::new(0, "the format is not supported yet"))
    }
}
