//! [`Encoder`]: columns into payloads of one side of a topic.
//!
//! Each batch is prepared column by column (types checked, arrays downcast, dictionary of fields resolved) and then written
//! row by row into one buffer, framing included.

use std::ops::Range;

use arrow_array::{Array, ArrayRef};
use bytes::Bytes;
use nutkin_types::RowField;

use crate::avro::AvroWriter;
use crate::error::FormatError;
use crate::format::{FormatConfig, FormatKind, Framing};
use crate::framing;
use crate::json::JsonWriter;
use crate::protobuf::ProtobufWriter;
use crate::raw::RawWriter;

/// The rows of a batch to encode, in this order.
#[derive(Debug, Clone)]
pub enum Rows<'a> {
    Range(Range<usize>),
    Indices(&'a [u32]),
}

impl Rows<'_> {
    pub fn len(&self) -> usize {
        match self {
            Rows::Range(range) => range.len(),
            Rows::Indices(indices) => indices.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Payloads one after another in one buffer.
#[derive(Debug, Clone)]
pub struct Payloads {
    buffer: Bytes,
    /// `len() + 1` ends, the first is 0.
    offsets: Vec<u32>,
    /// True where the payload is null (a NULL value of the raw format). Empty when none is.
    nulls: Vec<bool>,
}

impl Payloads {
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Payload `index`; None when it is null or past the end.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        self.buffer.get(self.span(index)?)
    }

    /// The same without copying, sharing the buffer.
    pub fn get_bytes(&self, index: usize) -> Option<Bytes> {
        let span = self.span(index)?;
        (span.end <= self.buffer.len()).then(|| self.buffer.slice(span))
    }

    pub fn iter(&self) -> impl Iterator<Item = Option<&[u8]>> {
        (0..self.len()).map(|index| self.get(index))
    }

    fn span(&self, index: usize) -> Option<Range<usize>> {
        if self.nulls.get(index).copied().unwrap_or(false) {
            return None;
        }
        Some(*self.offsets.get(index)? as usize..*self.offsets.get(index + 1)? as usize)
    }
}

/// Writes rows in one format. One encoder per sink task.
#[derive(Debug)]
pub struct Encoder {
    inner: Inner,
    columns: Vec<RowField>,
}

#[derive(Debug)]
enum Inner {
    Raw(RawWriter),
    Avro(AvroWriter),
    Json(JsonWriter),
    Protobuf(ProtobufWriter),
}

/// Writes the body of a row. False when the payload is null.
pub(crate) trait RowWriter {
    fn write(&self, row: usize, out: &mut Vec<u8>) -> Result<bool, FormatError>;
}

impl Encoder {
    /// An encoder of rows of `columns` under the configured schema.
    ///
    /// # Errors
    /// When the schema is missing or invalid, a column does not fit it, or a field without default has no column.
    pub fn new(config: FormatConfig, columns: &[RowField]) -> Result<Encoder, FormatError> {
        config.check()?;
        if config.kind != FormatKind::Raw && config.schema.is_none() {
            return Err(FormatError::UnsupportedFormat {
                name: config.kind.option_name().to_owned(),
                cause: "writing needs a registered schema".to_owned(),
            });
        }
        let inner = match config.kind {
            FormatKind::Raw => Inner::Raw(RawWriter::new(columns)?),
            FormatKind::Avro => Inner::Avro(AvroWriter::new(&config, columns)?),
            FormatKind::Json => Inner::Json(JsonWriter::new(&config, columns)?),
            FormatKind::Protobuf => Inner::Protobuf(ProtobufWriter::new(&config, columns)?),
        };
        Ok(Encoder { inner, columns: columns.to_vec() })
    }

    /// Encodes `rows` of the batch, whose arrays are in the order of the encoder's columns.
    ///
    /// # Errors
    /// [`FormatError::InvalidValue`] with column and row for a NULL that the column or schema forbids and for a value out
    /// of the schema's range; [`FormatError::ColumnMismatch`] when the arrays are not the ones announced.
    pub fn encode(&self, columns: &[ArrayRef], rows: &Rows<'_>) -> Result<Payloads, FormatError> {
        self.check(columns, rows)?;
        match &self.inner {
            Inner::Raw(writer) => write_all(&writer.prepare(columns)?, rows),
            Inner::Avro(writer) => write_all(&writer.prepare(columns)?, rows),
            Inner::Json(writer) => write_all(&writer.prepare(columns)?, rows),
            Inner::Protobuf(writer) => write_all(&writer.prepare(columns)?, rows),
        }
    }

    fn check(&self, columns: &[ArrayRef], rows: &Rows<'_>) -> Result<(), FormatError> {
        if columns.len() != self.columns.len() {
            let cause = format!("{} arrays for {} columns", columns.len(), self.columns.len());
            return Err(FormatError::mismatch("", cause));
        }
        let length = columns.first().map_or(usize::MAX, |array| array.len());
        for (array, column) in columns.iter().zip(&self.columns) {
            if array.len() != length {
                return Err(FormatError::mismatch(&column.name, "the arrays of a batch differ in length"));
            }
        }
        let last = match rows {
            Rows::Range(range) if range.is_empty() => None,
            Rows::Range(range) => Some(range.end - 1),
            Rows::Indices(indices) => indices.iter().max().map(|&index| index as usize),
        };
        match last {
            Some(last) if last >= length => {
                Err(FormatError::mismatch("", format!("row {last} of a batch of {length} rows")))
            }
            _ => Ok(()),
        }
    }
}

fn write_all(writer: &impl RowWriter, rows: &Rows<'_>) -> Result<Payloads, FormatError> {
    let mut out = Out::new(rows.len());
    match rows {
        Rows::Range(range) => {
            for row in range.clone() {
                out.write(writer, row)?;
            }
        }
        Rows::Indices(indices) => {
            for &row in *indices {
                out.write(writer, row as usize)?;
            }
        }
    }
    Ok(Payloads { buffer: Bytes::from(out.buffer), offsets: out.offsets, nulls: out.nulls })
}

struct Out {
    buffer: Vec<u8>,
    offsets: Vec<u32>,
    nulls: Vec<bool>,
}

impl Out {
    fn new(rows: usize) -> Out {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Out { buffer: Vec::with_capacity(rows * 64), offsets, nulls: Vec::new() }
    }

    fn write(&mut self, writer: &impl RowWriter, row: usize) -> Result<(), FormatError> {
        let present = writer.write(row, &mut self.buffer)?;
        let end = u32::try_from(self.buffer.len()).map_err(|_| FormatError::InvalidValue {
            column: String::new(),
            row,
            cause: "the payloads of this batch are longer than 4 GiB; encode fewer rows at once".to_owned(),
        })?;
        self.offsets.push(end);
        if !present {
            self.nulls.resize(self.offsets.len() - 2, false);
            self.nulls.push(true);
        }
        Ok(())
    }
}

/// The header that each payload of `config` starts with.
pub(crate) fn header(config: &FormatConfig) -> Vec<u8> {
    let mut header = Vec::new();
    if let (Framing::Registry | Framing::RegistryOrBare, Some(schema)) = (config.framing, &config.schema) {
        framing::write_header(schema.id, &mut header);
    }
    header
}
