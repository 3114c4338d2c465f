//! [`KeyedRows`]: whole rows by key, with the time of the last change of each key, in state.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, RecordBatchOptions, UInt8Array};
use arrow_schema::{DataType as ArrowType, SchemaRef};
use nutkin_types::arrow::{arrow_schema, arrow_type};
use nutkin_types::{Batch, RowKind, Schema};

use crate::error::Result;
use crate::operators::aggregates::types_at;
use crate::state::snapshot::{TableWriter, live_rows};
use crate::state::{KeyGroupRange, KeyIndex, Part, RowTable, TableSnapshot, key_groups};

/// Name of the state table.
const ROWS: &str = "rows";

pub(super) struct KeyedRows {
    /// Columns of the key.
    key: Vec<usize>,
    pub index: KeyIndex,
    /// The time of a row is a number that the operator gives.
    pub rows: RowTable,
    /// Whether that number is in state, before the time of the last change.
    numbered: bool,
    /// Milliseconds that a key is kept after its last change; None keeps it for ever.
    ttl: Option<i64>,
    /// Wall-clock time of the last change by key.
    touched: Vec<i64>,
    types: Vec<ArrowType>,
    schema: SchemaRef,
    range: KeyGroupRange,
}

/// Rows taken up from a former subtask.
pub(super) struct Restored {
    /// Slots of their keys in the index.
    pub keys: Vec<u32>,
    /// Their own in the table of rows.
    pub slots: Vec<u32>,
    pub columns: Vec<ArrayRef>,
}

impl KeyedRows {
    /// No rows yet of a table of these columns.
    pub fn new(
        table: &Schema,
        key: &[usize],
        numbered: bool,
        ttl: Option<i64>,
        range: KeyGroupRange,
    ) -> Result<KeyedRows> {
        let row_types: Vec<ArrowType> = table.columns.iter().map(|c| arrow_type(&c.data_type.logical)).collect();
        let numbers = vec![ArrowType::Int64; 1 + usize::from(numbered)];
        Ok(KeyedRows {
            key: key.to_vec(),
            index: KeyIndex::new(&types_at(table, key))?,
            rows: RowTable::new(&row_types)?,
            numbered,
            ttl,
            touched: Vec::new(),
            types: numbers.into_iter().chain(row_types).collect(),
            schema: arrow_schema(table),
            range,
        })
    }

    /// Slots of the keys of rows.
    pub fn keys(&mut self, columns: &[ArrayRef], rows: usize) -> Result<Vec<u32>> {
        let key: Vec<ArrayRef> = self.key.iter().map(|&column| columns[column].clone()).collect();
        let mut slots = Vec::new();
        self.index.insert(&key, rows, &mut slots, |_| {})?;
        self.touched.resize(self.index.capacity(), 0);
        Ok(slots)
    }

    pub fn touch(&mut self, key: u32, now: i64) {
        self.touched[key as usize] = now;
    }

    /// True when the time to live of what the key has is over.
    pub fn is_expired(&self, key: u32, now: i64) -> bool {
        self.ttl.is_some_and(|ttl| now - self.touched[key as usize] >= ttl)
    }

    /// Every key whose time to live is over.
    pub fn expired(&self, now: i64) -> Vec<u32> {
        match self.ttl {
            None => Vec::new(),
            Some(_) => self.index.slots().into_iter().filter(|&key| self.is_expired(key, now)).collect(),
        }
    }

    /// Encoded rows with their kinds.
    pub fn batch(&self, changes: &[(RowKind, Vec<u8>)]) -> Result<Batch> {
        let columns = self.rows.decode(changes.iter().map(|(_, row)| row.as_slice()))?;
        let options = RecordBatchOptions::new().with_row_count(Some(changes.len()));
        let rows = RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?;
        Ok(Batch::changelog(rows, UInt8Array::from_iter_values(changes.iter().map(|(kind, _)| *kind as u8)))?)
    }

    /// The rows in these slots, inserted.
    pub fn inserts(&self, slots: &[u32]) -> Result<Batch> {
        let options = RecordBatchOptions::new().with_row_count(Some(slots.len()));
        let columns = self.rows.columns(slots)?;
        Ok(Batch::append(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?))
    }

    pub fn snapshot(&mut self, full: bool) -> Result<TableSnapshot> {
        let dirty = self.rows.take_dirty();
        let (live, dead) = match full {
            true => (self.rows.slots(), Vec::new()),
            false => dirty.into_iter().partition(|&slot| self.rows.is_live(slot)),
        };
        let mut table = TableWriter::new(ROWS, full, &self.types);
        table.dead(0, &dead)?;
        table.live(0, &live, |slots| {
            let rows = self.rows.columns(slots)?;
            let key: Vec<ArrayRef> = self.key.iter().map(|&column| rows[column].clone()).collect();
            let groups = key_groups(&key, slots.len())?;
            let mut keys = Vec::new();
            self.index.find(&key, slots.len(), &mut keys)?;
            let numbers = slots.iter().map(|&slot| self.rows.time(slot));
            let touched = keys.iter().map(|&key| self.touched.get(key as usize).copied().unwrap_or(0));
            let mut columns: Vec<ArrayRef> = Vec::new();
            if self.numbered {
                columns.push(Arc::new(Int64Array::from_iter_values(numbers)));
            }
            columns.push(Arc::new(Int64Array::from_iter_values(touched)));
            columns.extend(rows);
            Ok((columns, groups))
        })?;
        Ok(table.finish())
    }

    /// Takes up the rows of its key groups that former subtasks left.
    pub fn restore(&mut self, parts: &[Part]) -> Result<Vec<Restored>> {
        let mut taken = Vec::new();
        for batches in parts.iter().filter_map(|part| part.tables.get(ROWS)) {
            for mut restored in live_rows(batches, self.range, &self.types)? {
                let columns = restored.columns.split_off(1 + usize::from(self.numbered));
                let numbers = restored.columns[0].as_primitive::<Int64Type>();
                let touched = restored.columns[restored.columns.len() - 1].as_primitive::<Int64Type>();
                let keys = self.keys(&columns, restored.rows)?;
                let encoded = self.rows.encode(&columns)?;
                let mut slots = Vec::with_capacity(keys.len());
                for (row, &key) in keys.iter().enumerate() {
                    slots.push(self.rows.insert(encoded.row(row).data(), numbers.value(row), 0));
                    // A row that stayed as it was may have been written before the last change of its key.
                    let last = &mut self.touched[key as usize];
                    *last = (*last).max(touched.value(row));
                }
                taken.push(Restored { keys, slots, columns });
            }
        }
        Ok(taken)
    }

    /// Bytes held, roughly.
    pub fn memory(&self) -> usize {
        self.index.memory() + self.rows.memory() + self.touched.capacity() * 8
    }
}
