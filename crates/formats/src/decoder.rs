//! [`Decoder`]: payloads of one side of a topic into columns.
//!
//! The decoder does no I/O. A record whose schema it has not seen stops the batch with [`MissingSchema`] before anything
//! is written; the caller fetches the schema and asks again. One program is compiled per writer schema and kept. A record
//! that cannot be read becomes a row of NULLs and a [`RecordError`]: what to do with it is the table's
//! `error-handling.mode`, which is not the format's business.

use arrow_array::ArrayRef;
use arrow_schema::ArrowError;
use hashbrown::HashMap;

use crate::avro::AvroReader;
use crate::columns::ColumnBuilder;
use crate::error::{FormatError, MissingSchema};
use crate::fault::{Fault, Outcome};
use crate::format::{FormatConfig, FormatKind, Framing};
use crate::framing;
use crate::json::JsonReader;
use crate::mapping::COMBINED;
use crate::projection::{DecodedColumn, Projection};
use crate::protobuf::ProtobufReader;
use crate::raw::RawReader;
use crate::schema::RegisteredSchema;

/// Rows in columns, in the order of the payloads and of the wanted columns.
#[derive(Debug)]
pub struct Decoded {
    /// One array per wanted column, each as long as there were payloads. A null payload gives NULLs and is no error.
    pub columns: Vec<ArrayRef>,
    /// The records that could not be read, by ascending row.
    pub errors: Vec<RecordError>,
}

/// Why one record could not be read. All its columns are NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordError {
    /// Index of the payload in the batch.
    pub row: usize,
    /// Field path, byte offset in the payload, and cause.
    pub message: String,
    /// The schema that the record names, if it could be read.
    pub schema_id: Option<i32>,
}

/// Reads payloads of one format into columns. One decoder per source task.
#[derive(Debug)]
pub struct Decoder {
    inner: Inner,
    projection: Projection,
    builder: ColumnBuilder,
}

#[derive(Debug)]
enum Inner {
    Raw(RawReader),
    Json(JsonReader),
    Avro(Programs<AvroReader>),
    Protobuf(Programs<ProtobufReader>),
}

/// A format whose records are read by a program made from their schema.
pub(crate) trait SchemaReader: Sized + std::fmt::Debug {
    type Program: std::fmt::Debug;

    fn new(config: &FormatConfig, projection: &Projection) -> Result<Self, FormatError>;
    /// A program for records written with `writer`.
    fn compile(&self, writer: &RegisteredSchema) -> Result<Self::Program, FormatError>;
    /// Appends the record in `body` to `out`; `out` may hold half a record after a fault. `framed` when a schema id stood
    /// before the body.
    fn read(&self, program: &mut Self::Program, body: &[u8], framed: bool, out: &mut ColumnBuilder) -> Outcome;
}

impl Decoder {
    /// A decoder of `columns` only; all other fields are skipped where they stand.
    ///
    /// # Errors
    /// When the configured schema is invalid or a column cannot be read from it.
    pub fn new(config: FormatConfig, columns: &[DecodedColumn]) -> Result<Decoder, FormatError> {
        config.check()?;
        let projection = Projection::new(columns)?;
        let inner = match config.kind {
            FormatKind::Raw => Inner::Raw(RawReader::new(&projection)?),
            FormatKind::Json => Inner::Json(JsonReader::new(&config, &projection)?),
            FormatKind::Avro => Inner::Avro(Programs::new(&config, &projection)?),
            FormatKind::Protobuf => Inner::Protobuf(Programs::new(&config, &projection)?),
        };
        let builder = ColumnBuilder::new(&projection.root.logical);
        Ok(Decoder { inner, projection, builder })
    }

    /// Decodes a batch.
    ///
    /// # Errors
    /// [`MissingSchema`] when a record names a schema that was not handed over yet; nothing of the batch is kept.
    pub fn decode(&mut self, payloads: &[Option<&[u8]>]) -> Result<Decoded, MissingSchema> {
        let mut errors = Vec::new();
        match &mut self.inner {
            Inner::Raw(reader) => each(payloads, &mut self.builder, &mut errors, |payload, out| {
                reader.read(payload, out).map_err(|fault| (None, 0, fault))
            }),
            Inner::Json(reader) => each(payloads, &mut self.builder, &mut errors, |payload, out| {
                let (id, base, body) = reader.body(payload).map_err(|fault| (None, 0, fault))?;
                reader.read(body, out).map_err(|fault| (id, base, fault))
            }),
            Inner::Avro(programs) => programs.decode(payloads, &mut self.builder, &mut errors)?,
            Inner::Protobuf(programs) => programs.decode(payloads, &mut self.builder, &mut errors)?,
        }
        let columns = match self.projection.finish(&mut self.builder) {
            Ok(columns) => columns,
            Err(error) => self.refused(payloads.len(), &mut errors, &error),
        };
        Ok(Decoded { columns, errors })
    }

    /// Hands over a fetched schema. When records written with it cannot be read as the wanted columns, each of them is a
    /// [`RecordError`] that says why.
    pub fn add_schema(&mut self, schema: &RegisteredSchema) {
        match &mut self.inner {
            Inner::Avro(programs) => programs.add(schema),
            Inner::Protobuf(programs) => programs.add(schema),
            Inner::Raw(_) | Inner::Json(_) => {}
        }
    }

    /// Says that schema `id` cannot be had: records that name it are errors with `reason`.
    pub fn add_unknown_schema(&mut self, id: i32, reason: impl Into<String>) {
        let reason: Box<str> = format!("schema {id} cannot be used: {}", reason.into()).into();
        match &mut self.inner {
            Inner::Avro(programs) => programs.insert(id, Err(reason)),
            Inner::Protobuf(programs) => programs.insert(id, Err(reason)),
            Inner::Raw(_) | Inner::Json(_) => {}
        }
    }

    /// Arrow refused what was built: tell it for every row instead of losing the batch silently.
    #[cold]
    fn refused(&mut self, rows: usize, errors: &mut Vec<RecordError>, error: &ArrowError) -> Vec<ArrayRef> {
        self.builder = ColumnBuilder::new(&self.projection.root.logical);
        (0..rows).for_each(|_| self.builder.append_null());
        *errors = (0..rows)
            .map(|row| RecordError { row, message: format!("the columns cannot be built: {error}"), schema_id: None })
            .collect();
        self.projection.finish(&mut self.builder).unwrap_or_default()
    }
}

/// Schema id if known, where the body starts, and what is wrong.
type Failure = (Option<i32>, usize, Box<Fault>);

/// Reads every payload; a failed one leaves a row of NULLs.
fn each(
    payloads: &[Option<&[u8]>],
    builder: &mut ColumnBuilder,
    errors: &mut Vec<RecordError>,
    mut read: impl FnMut(&[u8], &mut ColumnBuilder) -> Result<(), Failure>,
) {
    for (row, payload) in payloads.iter().enumerate() {
        let Some(payload) = payload else {
            builder.append_null();
            continue;
        };
        if let Err((schema_id, base, fault)) = read(payload, builder) {
            builder.truncate(row);
            builder.append_null();
            errors.push(RecordError { row, message: fault.describe(base), schema_id });
        }
    }
}

/// The programs of one decoder, by writer schema.
#[derive(Debug)]
struct Programs<R: SchemaReader> {
    reader: R,
    framing: Framing,
    /// The program of the configured schema, for bare bodies.
    bare: Option<R::Program>,
    programs: Vec<Result<R::Program, Box<str>>>,
    by_id: HashMap<i32, usize>,
}

impl<R: SchemaReader> Programs<R> {
    fn new(config: &FormatConfig, projection: &Projection) -> Result<Programs<R>, FormatError> {
        let reader = R::new(config, projection)?;
        let framing = config.framing;
        let mut programs = Programs { reader, framing, bare: None, programs: Vec::new(), by_id: HashMap::new() };
        if let Some(schema) = &config.schema {
            // Refused at once: a column that even the reader schema does not have will never be there.
            let program = programs.reader.compile(schema)?;
            if schema.id != COMBINED {
                programs.insert(schema.id, Ok(program));
            }
            if framing != Framing::Registry {
                programs.bare = Some(programs.reader.compile(schema)?);
            }
        }
        Ok(programs)
    }

    fn add(&mut self, schema: &RegisteredSchema) {
        let program = self
            .reader
            .compile(schema)
            .map_err(|error| format!("schema {} cannot be read as this table: {error}", schema.id).into());
        self.insert(schema.id, program);
    }

    fn insert(&mut self, id: i32, program: Result<R::Program, Box<str>>) {
        match self.by_id.get(&id) {
            Some(&index) => self.programs[index] = program,
            None => {
                self.by_id.insert(id, self.programs.len());
                self.programs.push(program);
            }
        }
    }

    fn decode(
        &mut self,
        payloads: &[Option<&[u8]>],
        builder: &mut ColumnBuilder,
        errors: &mut Vec<RecordError>,
    ) -> Result<(), MissingSchema> {
        let Programs { reader, framing, bare, programs, by_id } = self;
        let framed = *framing != Framing::Bare;
        // Id and place of the record before: mostly that of the next one too.
        let mut last: Option<(i32, usize)> = None;
        let mut place = |id: i32| match last {
            Some((known, index)) if known == id => Some(index),
            _ => {
                let index = by_id.get(&id).copied()?;
                last = Some((id, index));
                Some(index)
            }
        };
        if framed {
            // All ids first, so that a batch is not decoded twice for the sake of its last record.
            for payload in payloads.iter().flatten() {
                if let Ok((id, _)) = framing::split(payload)
                    && place(id).is_none()
                {
                    return Err(MissingSchema { id });
                }
            }
        }
        each(payloads, builder, errors, |payload, out| {
            let start = out.len();
            let failure = match framing::split(payload) {
                Ok((id, body)) if framed => {
                    let program = place(id).and_then(|index| programs.get_mut(index));
                    let fault = match program {
                        Some(Ok(program)) => match reader.read(program, body, true, out) {
                            Ok(()) => return Ok(()),
                            Err(fault) => fault,
                        },
                        Some(Err(reason)) => Fault::new(0, &**reason),
                        None => Fault::new(0, "its schema is unknown"),
                    };
                    (Some(id), framing::HEADER, fault)
                }
                Err(fault) => (None, 0, fault),
                Ok(_) => (None, 0, Fault::new(0, "the format has no schema")),
            };
            // Flink's order: first as framed, otherwise as a bare body (spec sql.md 2.4 no. 11).
            let Some(program) = bare else { return Err(failure) };
            out.truncate(start);
            match reader.read(program, payload, false, out) {
                Ok(()) => Ok(()),
                Err(fault) if failure.0.is_none() => Err((None, 0, fault)),
                Err(_) => Err(failure),
            }
        });
        Ok(())
    }
}
