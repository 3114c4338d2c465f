//! [`RecordDecoder`]: Kafka records into the columns of a scan, with change kinds and event times.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, StringBuilder};
use arrow_array::{ArrayRef, BooleanArray, Int32Array, Int64Array, RecordBatch, TimestampMillisecondArray, UInt8Array};
use arrow_schema::SchemaRef;
use nutkin_formats::{DecodedColumn, Decoder, MissingSchema, RegisteredSchema};
use nutkin_kafka::{RecordSet, TimestampType};
use nutkin_plan::operators::{ScanColumn, TableSourceScan};
use nutkin_plan::table::{ErrorHandling, Format, FormatKind, KafkaTable, MetadataKey, Table};
use nutkin_plan::{ChangelogMode, Node};
use nutkin_types::arrow::{UTC, arrow_schema};
use nutkin_types::value::array_of;
use nutkin_types::{Batch, DataType, LogicalType, RowKind, Value};

use crate::error::{Failure, FailureKind, RecordPosition, Result};
use crate::format;
use crate::source::debezium::{Changes, Envelopes, envelope, spread};
use crate::source::header_ids::{Guid, HeaderIds};

/// Which side of a record a schema is missing for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Missing {
    pub key: bool,
    pub schema: Wanted,
}

/// By what a record names its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Id(i32),
    Guid(Guid),
}

/// Why a slice of records gave no batch.
#[derive(Debug)]
pub(crate) enum DecodeStop {
    /// Fetch this schema, hand it over, and decode the same slice again.
    Missing(Missing),
    Failed(Failure),
}

impl From<Failure> for DecodeStop {
    fn from(failure: Failure) -> DecodeStop {
        DecodeStop::Failed(failure)
    }
}

/// Rows of a slice of records.
#[derive(Debug)]
pub(crate) struct DecodedRecords {
    pub batch: Batch,
    /// Records dropped because they could not be read.
    pub ignored: u64,
}

/// The records to decode.
pub(crate) struct Slice<'a> {
    pub records: &'a RecordSet,
    pub rows: Range<usize>,
    partition: i32,
}

/// Records that become no rows, by their place in the slice, and how many of them could not be read.
struct Dropped {
    rows: Vec<bool>,
    ignored: u64,
}

enum Output {
    Key(usize),
    Value(usize),
    Metadata(MetadataKey, LogicalType),
}

pub(crate) struct RecordDecoder {
    table: String,
    topic: String,
    mode: ChangelogMode,
    on_error: ErrorHandling,
    key: Option<Decoder>,
    value: Option<Decoder>,
    key_ids: HeaderIds,
    value_ids: HeaderIds,
    /// A null value is a row of its own: raw bytes.
    null_is_value: bool,
    /// Whether records of the value and of the key have a schema.
    has_schema: [bool; 2],
    /// Values are Debezium envelopes.
    debezium: bool,
    outputs: Vec<Output>,
    schema: SchemaRef,
    key_subject: String,
    value_subject: String,
}

impl RecordDecoder {
    pub fn new(scan: &TableSourceScan, node: &Node, table: &Table, kafka: &KafkaTable) -> Result<RecordDecoder> {
        let (mut key_columns, mut value_columns) = (Vec::new(), Vec::new());
        let mut outputs = Vec::with_capacity(scan.columns.len());
        for (column, out) in scan.columns.iter().zip(node.schema.columns.iter()) {
            outputs.push(match column {
                ScanColumn::Rowtime => Output::Metadata(MetadataKey::Timestamp, out.data_type.logical.clone()),
                ScanColumn::Metadata(key) => Output::Metadata(*key, out.data_type.logical.clone()),
                ScanColumn::Physical(name) => {
                    let logical = &out.data_type.logical;
                    let in_key = kafka.key.as_ref().and_then(|key| decoded(key, name, table, logical).transpose());
                    let in_value = decoded(&kafka.value, name, table, logical).transpose();
                    // A deleted row of an upsert table has only its key.
                    let prefer_key = table.changelog_mode == ChangelogMode::Upsert || in_value.is_none();
                    match (in_key, in_value) {
                        (Some(column), _) if prefer_key => {
                            key_columns.push(column?);
                            Output::Key(key_columns.len() - 1)
                        }
                        (_, Some(column)) => {
                            value_columns.push(column?);
                            Output::Value(value_columns.len() - 1)
                        }
                        _ => return Err(Failure::internal(format!("{} does not store column {name}", table.path))),
                    }
                }
            });
        }
        let decoder = |format: Option<&Format>, columns: &[DecodedColumn]| match format {
            Some(format) if !columns.is_empty() => {
                Decoder::new(format::config(format), columns).map(Some).map_err(|error| {
                    Failure::caused(FailureKind::Deserialization, &format!("{} cannot be read", table.path), &error)
                })
            }
            _ => Ok(None),
        };
        Ok(RecordDecoder {
            table: table.path.to_string(),
            topic: kafka.topic.clone(),
            mode: table.changelog_mode,
            on_error: kafka.error_handling,
            key: decoder(kafka.key.as_ref(), &key_columns)?,
            value: match kafka.value.debezium {
                true => decoder(Some(&kafka.value), &envelope(&value_columns))?,
                false => decoder(Some(&kafka.value), &value_columns)?,
            },
            key_ids: HeaderIds::new(true),
            value_ids: HeaderIds::new(false),
            null_is_value: kafka.value.kind == FormatKind::Raw,
            has_schema: [has_schema(Some(&kafka.value)), has_schema(kafka.key.as_ref())],
            debezium: kafka.value.debezium,
            outputs,
            schema: arrow_schema(&node.schema),
            key_subject: kafka.key.as_ref().map_or_else(String::new, subject),
            value_subject: subject(&kafka.value),
        })
    }

    /// The subject of the side that a schema is missing for; its context is the one that the ids of the records are of.
    pub fn subject(&self, missing: Missing) -> &str {
        if missing.key { &self.key_subject } else { &self.value_subject }
    }

    /// Hands over the schema that [`DecodeStop::Missing`] asked for; None when the registry does not have it.
    pub fn add_schema(&mut self, missing: Missing, schema: Option<RegisteredSchema>) {
        let (decoder, ids) = match missing.key {
            true => (&mut self.key, &mut self.key_ids),
            false => (&mut self.value, &mut self.value_ids),
        };
        let Some(decoder) = decoder else { return };
        let id = match missing.schema {
            Wanted::Id(id) => id,
            Wanted::Guid(guid) => ids.add(guid),
        };
        match schema {
            Some(schema) => decoder.add_schema(&RegisteredSchema { id, ..schema }),
            None => decoder.add_unknown_schema(id, "the registry does not have it"),
        }
    }

    /// Decodes the records in `rows`.
    pub fn decode(
        &mut self,
        records: &RecordSet,
        rows: Range<usize>,
        partition: i32,
    ) -> Result<DecodedRecords, DecodeStop> {
        let slice = Slice { records, rows, partition };
        let mut dropped = Dropped { rows: vec![false; slice.rows.len()], ignored: 0 };
        let keys: Vec<Option<&[u8]>> = slice.rows.clone().map(|row| records.key(row)).collect();
        let values: Vec<Option<&[u8]>> = slice.rows.clone().map(|row| records.value(row)).collect();
        let kinds = match self.debezium {
            true => None,
            false => self.kinds(&slice, &values, &mut dropped.rows)?,
        };
        let key_columns = self.read(true, &keys, &slice, &mut dropped)?;
        let value_columns = self.read(false, &values, &slice, &mut dropped)?;
        let batch = match self.debezium {
            true => self.changes(&slice, &values, &key_columns, &value_columns, &mut dropped)?,
            false => self.rows(&slice, kinds, &key_columns, &value_columns, &dropped.rows)?,
        };
        Ok(DecodedRecords { batch, ignored: dropped.ignored })
    }

    /// The columns of one side. Records that cannot be read are dropped, or fail the job.
    fn read(
        &mut self,
        key: bool,
        payloads: &[Option<&[u8]>],
        slice: &Slice<'_>,
        dropped: &mut Dropped,
    ) -> Result<Vec<ArrayRef>, DecodeStop> {
        let (decoder, ids) = if key { (&mut self.key, &self.key_ids) } else { (&mut self.value, &self.value_ids) };
        let Some(decoder) = decoder else { return Ok(Vec::new()) };
        let missing = |schema| DecodeStop::Missing(Missing { key, schema });
        let framed = match self.has_schema[usize::from(key)] {
            true => ids.framed(slice, payloads).map_err(|guid| missing(Wanted::Guid(guid)))?,
            false => Vec::new(),
        };
        let decoded = match framed.is_empty() {
            true => decoder.decode(payloads),
            false => {
                let mut payloads = payloads.to_vec();
                framed.iter().for_each(|(place, payload)| payloads[*place] = Some(payload));
                decoder.decode(&payloads)
            }
        };
        let decoded = decoded.map_err(|MissingSchema { id }| missing(Wanted::Id(id)))?;
        for error in &decoded.errors {
            self.refuse(error.row, if key { "key" } else { "value" }, &error.message, slice, dropped)?;
        }
        Ok(decoded.columns)
    }

    /// A record that cannot be read: skipped, or the end of the job, as the table says.
    fn refuse(&self, row: usize, part: &str, cause: &str, slice: &Slice<'_>, dropped: &mut Dropped) -> Result<()> {
        if std::mem::replace(&mut dropped.rows[row], true) {
            return Ok(());
        }
        dropped.ignored += 1;
        if self.on_error == ErrorHandling::Ignore {
            return Ok(());
        }
        let failure = Failure::new(
            FailureKind::Deserialization,
            format!(
                "the {part} of a record of topic '{}' cannot be read: {cause}. Correct the producer, or set \
                 'error-handling.mode' to 'ignore' on the table to skip such records",
                self.topic
            ),
        );
        Err(failure.at(self.position(slice, slice.rows.start + row)))
    }

    fn position(&self, slice: &Slice<'_>, row: usize) -> RecordPosition {
        let offset = slice.records.offsets().get(row).copied().unwrap_or(-1);
        RecordPosition { table: self.table.clone(), partition: slice.partition, offset }
    }

    /// One row per record that was not dropped.
    fn rows(
        &self,
        slice: &Slice<'_>,
        kinds: Option<Vec<u8>>,
        key_columns: &[ArrayRef],
        value_columns: &[ArrayRef],
        dropped: &[bool],
    ) -> Result<Batch> {
        let arrays = self.outputs.iter().map(|output| match output {
            Output::Key(index) => Ok(key_columns[*index].clone()),
            Output::Value(index) => Ok(value_columns[*index].clone()),
            Output::Metadata(key, logical) => self.metadata(*key, logical, slice),
        });
        let batch = self.batch(arrays.collect::<Result<Vec<_>>>()?, slice.rows.len(), kinds)?;
        match dropped.contains(&true) {
            true => Ok(batch.filter(&dropped.iter().map(|d| Some(!d)).collect::<BooleanArray>())?),
            false => Ok(batch),
        }
    }

    /// The rows in Debezium envelopes.
    fn changes(
        &self,
        slice: &Slice<'_>,
        values: &[Option<&[u8]>],
        key_columns: &[ArrayRef],
        value_columns: &[ArrayRef],
        dropped: &mut Dropped,
    ) -> Result<Batch> {
        let envelopes = Envelopes::new(value_columns).ok_or_else(|| Failure::internal("envelopes of another form"))?;
        let mut changes = Changes::default();
        for (row, value) in values.iter().enumerate() {
            if dropped.rows[row] {
                continue;
            }
            if let Err(cause) = envelopes.add(row, value.is_some(), self.mode, &mut changes) {
                self.refuse(row, "value", &cause, slice, dropped)?;
            }
        }
        let arrays = self.outputs.iter().map(|output| match output {
            Output::Key(index) => Ok(spread(&key_columns[*index], &changes)?),
            Output::Value(index) => Ok(envelopes.column(*index, &changes)?),
            Output::Metadata(key, logical) => Ok(spread(&self.metadata(*key, logical, slice)?, &changes)?),
        });
        let arrays = arrays.collect::<Result<Vec<_>>>()?;
        let kinds = (!self.mode.is_append()).then_some(changes.kinds);
        self.batch(arrays, changes.records.len(), kinds)
    }

    fn batch(&self, arrays: Vec<ArrayRef>, rows: usize, kinds: Option<Vec<u8>>) -> Result<Batch> {
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)?;
        match kinds {
            Some(kinds) => Ok(Batch::changelog(batch, UInt8Array::from(kinds))?),
            None => Ok(Batch::append(batch)),
        }
    }

    /// Change kinds of the rows; None when all are inserts. Records that stand for no row are marked as dropped.
    fn kinds(&self, slice: &Slice<'_>, values: &[Option<&[u8]>], dropped: &mut [bool]) -> Result<Option<Vec<u8>>> {
        match self.mode {
            ChangelogMode::Append => {
                self.drop_nulls(values, dropped);
                Ok(None)
            }
            // Without knowledge of the rows before, a present value is an update or an insert alike.
            ChangelogMode::Upsert => {
                let kind = |value: &Option<&[u8]>| match value {
                    Some(_) => RowKind::UpdateAfter as u8,
                    None => RowKind::Delete as u8,
                };
                Ok(Some(values.iter().map(kind).collect()))
            }
            ChangelogMode::Retract => {
                self.drop_nulls(values, dropped);
                let mut kinds = Vec::with_capacity(slice.rows.len());
                for row in slice.rows.clone() {
                    let op = slice.records.headers(row).find(|(name, _)| name == "op").map(|(_, value)| value);
                    let kind = match op {
                        None => Some(RowKind::Insert),
                        Some(Some([byte])) => RowKind::from_byte(*byte),
                        Some(_) => None,
                    };
                    let kind = kind.ok_or_else(|| {
                        let message = "the header 'op' of a record is not one byte of 0 to 3 (+I, -U, +U, -D)";
                        Failure::new(FailureKind::Deserialization, message).at(self.position(slice, row))
                    })?;
                    kinds.push(kind as u8);
                }
                Ok(Some(kinds))
            }
        }
    }

    fn drop_nulls(&self, values: &[Option<&[u8]>], dropped: &mut [bool]) {
        if !self.null_is_value {
            values.iter().zip(dropped).for_each(|(value, dropped)| *dropped |= value.is_none());
        }
    }

    fn metadata(&self, key: MetadataKey, logical: &LogicalType, slice: &Slice<'_>) -> Result<ArrayRef> {
        let Slice { records, partition, .. } = *slice;
        let rows = slice.rows.clone();
        let count = rows.len();
        Ok(match key {
            MetadataKey::Timestamp => {
                let times = TimestampMillisecondArray::from(records.timestamps()[rows].to_vec());
                match logical {
                    LogicalType::Timestamp { .. } => Arc::new(times),
                    _ => Arc::new(times.with_timezone(UTC)),
                }
            }
            MetadataKey::Offset => Arc::new(Int64Array::from(records.offsets()[rows].to_vec())),
            MetadataKey::Partition => Arc::new(Int32Array::from_value(partition, count)),
            MetadataKey::LeaderEpoch => Arc::new(rows.map(|row| records.leader_epoch(row)).collect::<Int32Array>()),
            MetadataKey::Topic => {
                let mut builder = StringBuilder::new();
                (0..count).for_each(|_| builder.append_value(&self.topic));
                Arc::new(builder.finish())
            }
            MetadataKey::TimestampType => {
                let mut builder = StringBuilder::new();
                rows.for_each(|row| {
                    builder.append_value(match records.timestamp_type(row) {
                        Some(TimestampType::CreateTime) => "CreateTime",
                        Some(TimestampType::LogAppendTime) => "LogAppendTime",
                        None => "NoTimestampType",
                    });
                });
                Arc::new(builder.finish())
            }
            MetadataKey::RawKey => binary(rows.map(|row| records.key(row))),
            MetadataKey::RawValue => binary(rows.map(|row| records.value(row))),
            MetadataKey::Headers => headers(logical, records, rows)?,
        })
    }
}

fn has_schema(format: Option<&Format>) -> bool {
    format.is_some_and(|format| format.kind != FormatKind::Raw)
}

fn subject(format: &Format) -> String {
    format.schema.as_ref().map_or_else(String::new, |schema| schema.subject.clone())
}

/// How column `name` is read from `format` as `logical`, which may be a narrower ROW than the table's; None when it is not
/// stored there.
fn decoded(format: &Format, name: &str, table: &Table, logical: &LogicalType) -> Result<Option<DecodedColumn>> {
    let Some(binding) = format.fields.iter().find(|binding| binding.column == name) else { return Ok(None) };
    let data_type = DataType::new(logical.clone(), format::column_type(table, name)?.nullable);
    Ok(Some(match format.is_atomic {
        true => DecodedColumn::whole(data_type),
        false => DecodedColumn::field(binding.field.clone(), data_type),
    }))
}

fn binary<'a>(values: impl Iterator<Item = Option<&'a [u8]>>) -> ArrayRef {
    let mut builder = BinaryBuilder::new();
    values.for_each(|value| builder.append_option(value));
    Arc::new(builder.finish())
}

fn headers(logical: &LogicalType, records: &RecordSet, rows: Range<usize>) -> Result<ArrayRef> {
    let LogicalType::Map { key, value } = logical else {
        return Err(Failure::internal("the headers column is not a MAP"));
    };
    let cell = |bytes: &[u8], text: bool| match text {
        true => Value::String(String::from_utf8_lossy(bytes).into_owned()),
        false => Value::Bytes(bytes.to_vec()),
    };
    let (text_key, text_value) = (format::is_text(&key.logical), format::is_text(&value.logical));
    let maps: Vec<Value> = rows
        .map(|row| {
            let entries = records.headers(row).map(|(name, content)| {
                let content = content.map_or(Value::Null, |content| cell(content, text_value));
                (cell(name.as_bytes(), text_key), content)
            });
            Value::Map(entries.collect())
        })
        .collect();
    Ok(array_of(&maps.iter().collect::<Vec<_>>(), logical)?)
}
