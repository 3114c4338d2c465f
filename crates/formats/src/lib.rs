//! Avro, JSON Schema, Protobuf and raw to and from Arrow; schema mapping both ways (spec sql.md 2.4, 2.5).
//!
//! A [`Decoder`] turns payloads into the columns that a statement reads and skips all else on the wire; an [`Encoder`] turns
//! columns into payloads; [`mapping`] turns schemas into SQL types and back. Nothing here does I/O: schemas are handed in.
//! General readers of these formats build a value tree per record; these write straight into columns, which is several
//! times faster, at the price of one decoder per format.

pub mod mapping;

mod arrays;
mod avro;
mod columns;
mod decoder;
mod encoder;
mod error;
mod fault;
mod format;
mod framing;
mod json;
mod number;
mod projection;
mod protobuf;
mod raw;
mod schema;
mod temporal;
mod varint;

pub use decoder::{Decoded, Decoder, RecordError};
pub use encoder::{Encoder, Payloads, Rows};
pub use error::{FormatError, MissingSchema};
pub use format::{FormatConfig, FormatKind, Framing};
pub use mapping::SchemaOptions;
pub use projection::DecodedColumn;
pub use schema::{RegisteredSchema, SchemaKind, SchemaReference};

#[cfg(test)]
mod tests;
