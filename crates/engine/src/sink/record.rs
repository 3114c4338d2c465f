//! [`RecordEncoder`]: rows into Kafka records: key, value, headers, timestamp and partition.
//!
//! Change kinds on the wire (decision 14): append writes inserts only; upsert writes +I and +U as rows, -D as a null value
//! and leaves -U out; retract writes every change with the header `op`, which +I omits.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMillisecondType;
use arrow_array::{Array, ArrayRef};
use nutkin_formats::{Encoder, FormatError, Payloads, Rows};
use nutkin_kafka::partition_for_key;
use nutkin_plan::ChangelogMode;
use nutkin_plan::table::{ColumnKind, Format, KafkaTable, MetadataKey, Table};
use nutkin_types::{Batch, LogicalType, RowField, RowKind, Value};

use crate::error::{Failure, FailureKind, Result};
use crate::format;

/// One record to append to its partition's batch.
#[derive(Debug)]
pub(crate) struct Record<'a> {
    pub timestamp: i64,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    pub headers: &'a [(&'a str, Option<&'a [u8]>)],
}

/// One side of a record: its encoder and the input columns it writes.
struct Side {
    encoder: Encoder,
    columns: Vec<usize>,
}

pub(crate) struct RecordEncoder {
    table: String,
    mode: ChangelogMode,
    key: Option<Side>,
    value: Side,
    timestamp: Option<usize>,
    headers: Option<(usize, LogicalType)>,
    partitions: i32,
    /// Partition of the next batch of rows without a key.
    round_robin: i32,
}

impl RecordEncoder {
    /// An encoder of rows of `table`'s persisted columns for a topic of `partitions` partitions.
    pub fn new(table: &Table, kafka: &KafkaTable, partitions: usize, subtask: u32) -> Result<RecordEncoder> {
        let partitions = i32::try_from(partitions.max(1)).map_err(|_| Failure::internal("too many partitions"))?;
        let positions: HashMap<&str, usize> =
            table.persisted_columns().enumerate().map(|(i, column)| (column.name.as_str(), i)).collect();
        let mut encoder = RecordEncoder {
            table: table.path.to_string(),
            mode: table.changelog_mode,
            key: kafka.key.as_ref().map(|key| side(table, key, &positions)).transpose()?,
            value: side(table, &kafka.value, &positions)?,
            timestamp: None,
            headers: None,
            partitions,
            round_robin: subtask as i32 % partitions,
        };
        for (position, column) in table.persisted_columns().enumerate() {
            match column.kind {
                ColumnKind::Metadata { key: MetadataKey::Timestamp, .. } => encoder.timestamp = Some(position),
                ColumnKind::Metadata { key: MetadataKey::Headers, .. } => {
                    encoder.headers = Some((position, column.data_type.logical.clone()));
                }
                ColumnKind::Metadata { key, .. } => {
                    let problem = format!("metadata column '{}' of {} cannot be written", key.name(), table.path);
                    return Err(Failure::new(FailureKind::Unsupported, problem));
                }
                ColumnKind::Physical | ColumnKind::Computed { .. } => {}
            }
        }
        Ok(encoder)
    }

    /// Gives every record of `batch` to `write`, with its partition. `now` is the timestamp of records without one.
    pub fn encode(
        &mut self,
        batch: &Batch,
        now: i64,
        write: &mut impl FnMut(i32, Record<'_>) -> Result<()>,
    ) -> Result<()> {
        let rows = self.written_rows(batch)?;
        let with_value: Vec<u32> = match self.mode {
            ChangelogMode::Upsert => {
                rows.iter().copied().filter(|&row| batch.kind(row as usize) != RowKind::Delete).collect()
            }
            ChangelogMode::Append | ChangelogMode::Retract => rows.clone(),
        };
        let keys = self.key.as_ref().map(|key| self.payloads(key, batch, &rows)).transpose()?;
        let values = self.payloads(&self.value, batch, &with_value)?;
        let timestamps = self.timestamps(batch)?;
        let mut next_value = 0;
        self.round_robin = (self.round_robin + 1) % self.partitions;
        for (index, &row) in rows.iter().enumerate() {
            let row = row as usize;
            let kind = batch.kind(row);
            let has_value = !(self.mode == ChangelogMode::Upsert && kind == RowKind::Delete);
            let value = if has_value { values.get(next_value) } else { None };
            next_value += usize::from(has_value);
            let key = keys.as_ref().and_then(|keys| keys.get(index));
            let partition = match (key, self.mode) {
                (Some(key), _) => partition_for_key(key, self.partitions),
                // Both changes of a row must meet in one partition.
                (None, ChangelogMode::Retract) => partition_for_key(value.unwrap_or_default(), self.partitions),
                (None, _) => self.round_robin,
            };
            let own = self.row_headers(batch, row)?;
            let op = [kind as u8];
            let mut headers: Vec<(&str, Option<&[u8]>)> =
                own.iter().map(|(name, value)| (name.as_str(), value.as_deref())).collect();
            if self.mode == ChangelogMode::Retract && kind != RowKind::Insert {
                headers.push(("op", Some(&op)));
            }
            let timestamp = timestamps.as_ref().filter(|t| t.is_valid(row));
            let timestamp = timestamp.map_or(now, |t| t.as_primitive::<TimestampMillisecondType>().value(row));
            write(partition, Record { timestamp, key, value, headers: &headers })?;
        }
        Ok(())
    }

    /// Rows that become records.
    fn written_rows(&self, batch: &Batch) -> Result<Vec<u32>> {
        let all = 0..batch.num_rows() as u32;
        let Some(kinds) = batch.kinds() else { return Ok(all.collect()) };
        match self.mode {
            ChangelogMode::Retract => Ok(all.collect()),
            ChangelogMode::Upsert => {
                Ok(all.filter(|&row| kinds[row as usize] != RowKind::UpdateBefore as u8).collect())
            }
            ChangelogMode::Append => match kinds.iter().all(|&kind| kind == RowKind::Insert as u8) {
                true => Ok(all.collect()),
                false => Err(Failure::internal(format!("an update for the append table {}", self.table))),
            },
        }
    }

    fn payloads(&self, side: &Side, batch: &Batch, rows: &[u32]) -> Result<Payloads> {
        let columns: Vec<ArrayRef> = side.columns.iter().map(|&column| batch.column(column).clone()).collect();
        side.encoder.encode(&columns, &Rows::Indices(rows)).map_err(|error| self.refused(&error))
    }

    fn refused(&self, error: &FormatError) -> Failure {
        Failure::caused(FailureKind::Serialization, &format!("a row cannot be written to {}", self.table), error)
    }

    fn timestamps(&self, batch: &Batch) -> Result<Option<ArrayRef>> {
        let Some(column) = self.timestamp else { return Ok(None) };
        let array = batch.column(column);
        if array.as_primitive_opt::<TimestampMillisecondType>().is_none() {
            let problem = format!("the timestamp column of {} must be TIMESTAMP_LTZ(3)", self.table);
            return Err(Failure::new(FailureKind::Unsupported, problem));
        }
        Ok(Some(array.clone()))
    }

    fn row_headers(&self, batch: &Batch, row: usize) -> Result<Vec<(String, Option<Vec<u8>>)>> {
        let Some((column, logical)) = &self.headers else { return Ok(Vec::new()) };
        let Value::Map(entries) = Value::from_array(batch.column(*column), logical, row)? else {
            return Ok(Vec::new());
        };
        let name = |value: Value| match value {
            Value::String(text) => Ok(text),
            Value::Bytes(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            _ => Err(Failure::internal("a header name that is no text")),
        };
        let content = |value: Value| match value {
            Value::String(text) => Some(text.into_bytes()),
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        };
        entries.into_iter().map(|(key, value)| Ok((name(key)?, content(value)))).collect()
    }
}

fn side(table: &Table, format: &Format, positions: &HashMap<&str, usize>) -> Result<Side> {
    let mut columns = Vec::with_capacity(format.fields.len());
    let mut fields = Vec::with_capacity(format.fields.len());
    for binding in &format.fields {
        let position = positions.get(binding.column.as_str()).copied();
        let missing = || Failure::internal(format!("column {} of {} is not written", binding.column, table.path));
        columns.push(position.ok_or_else(missing)?);
        fields.push(RowField::new(binding.field.clone(), format::column_type(table, &binding.column)?));
    }
    let encoder = Encoder::new(format::config(format), &fields).map_err(|error| {
        Failure::caused(FailureKind::Serialization, &format!("rows cannot be written to {}", table.path), &error)
    })?;
    Ok(Side { encoder, columns })
}
