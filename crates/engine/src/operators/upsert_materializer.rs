//! What a sink does whose primary key is not the key of its rows: several rows may have the same primary key, and the one that
//! came last stands in the table. When it goes, the one before it is back.
//!
//! All rows are kept by primary key, in order of coming. A row is found again by its upsert key, or where there is none by all
//! of its values.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, RecordBatchOptions, UInt8Array};
use arrow_row::{RowConverter, SortField};
use arrow_schema::{DataType as ArrowType, SchemaRef};
use nutkin_types::arrow::{arrow_schema, arrow_type};
use nutkin_types::{Batch, RowKind};

use crate::error::Result;
use crate::operators::aggregates::{columns_at, types_at};
use crate::operators::{Cx, Operator, OperatorOptions};
use crate::state::snapshot::{TableWriter, live_rows};
use crate::state::{KeyGroupRange, KeyIndex, Part, RowTable, Snapshot, key_groups};

struct UpsertMaterializer {
    primary_key: Vec<usize>,
    /// The columns that a row is found again by.
    upsert_key: Vec<usize>,
    upsert_keys: RowConverter,
    ttl: Option<i64>,
    index: KeyIndex,
    /// Rows of each primary key, the last one being that in the table.
    lists: Vec<Vec<Kept>>,
    /// Wall-clock time of the last change by primary key.
    touched: Vec<i64>,
    /// The time of a row is its number, in order of coming.
    rows: RowTable,
    next: i64,
    types: Vec<ArrowType>,
    schema: SchemaRef,
    range: KeyGroupRange,
}

struct Kept {
    slot: u32,
    /// The upsert key, encoded.
    name: Box<[u8]>,
}

/// Name of the state table.
const ROWS: &str = "rows";

/// For a sink of rows with these keys; without an upsert key all columns are it.
pub(crate) fn create(
    primary_key: &[usize],
    upsert_key: &[usize],
    ttl: Option<i64>,
    options: &OperatorOptions<'_>,
) -> Result<Box<dyn Operator>> {
    let input = options.input(0)?;
    let upsert_key: Vec<usize> = match upsert_key {
        [] => (0..input.len()).collect(),
        key => key.to_vec(),
    };
    let row_types: Vec<ArrowType> = input.columns.iter().map(|c| arrow_type(&c.data_type.logical)).collect();
    let names = types_at(input, &upsert_key).into_iter().map(SortField::new).collect();
    let mut types = vec![ArrowType::Int64, ArrowType::Int64];
    types.extend(row_types.iter().cloned());
    Ok(Box::new(UpsertMaterializer {
        primary_key: primary_key.to_vec(),
        upsert_key,
        upsert_keys: RowConverter::new(names)?,
        ttl,
        index: KeyIndex::new(&types_at(input, primary_key))?,
        lists: Vec::new(),
        touched: Vec::new(),
        rows: RowTable::new(&row_types)?,
        next: 0,
        types,
        schema: arrow_schema(input),
        range: options.range,
    }))
}

impl UpsertMaterializer {
    fn slots(&mut self, columns: &[ArrayRef], rows: usize) -> Result<Vec<u32>> {
        let mut slots = Vec::new();
        self.index.insert(columns, rows, &mut slots, |_| {})?;
        self.lists.resize_with(self.index.capacity(), Vec::new);
        self.touched.resize(self.index.capacity(), 0);
        Ok(slots)
    }

    fn add(&mut self, key: u32, row: &[u8], name: &[u8]) -> RowKind {
        let list = &mut self.lists[key as usize];
        let kind = if list.is_empty() { RowKind::Insert } else { RowKind::UpdateAfter };
        match list.iter().find(|kept| *kept.name == *name) {
            Some(kept) => self.rows.replace(kept.slot, row, self.rows.time(kept.slot), 0),
            None => {
                let slot = self.rows.insert(row, self.next, 0);
                self.next += 1;
                list.push(Kept { slot, name: name.into() });
            }
        }
        kind
    }

    /// What the table has to hear when a row goes: that all have gone, or which one is the last now.
    fn remove(&mut self, key: u32, name: &[u8]) -> Option<Option<u32>> {
        let list = &mut self.lists[key as usize];
        let at = list.iter().position(|kept| *kept.name == *name)?;
        let kept = list.remove(at);
        self.rows.remove(kept.slot);
        match list.last() {
            None => Some(None),
            Some(last) => (at == list.len()).then_some(Some(last.slot)),
        }
    }

    fn is_expired(&self, key: u32, now: i64) -> bool {
        self.ttl.is_some_and(|ttl| now - self.touched[key as usize] >= ttl)
    }

    /// Drops the rows of a key.
    fn empty(&mut self, key: u32) {
        for kept in std::mem::take(&mut self.lists[key as usize]) {
            self.rows.remove(kept.slot);
        }
    }
}

impl Operator for UpsertMaterializer {
    fn on_batch(&mut self, _port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()> {
        let keys = self.slots(&columns_at(&batch, &self.primary_key), batch.num_rows())?;
        let encoded = self.rows.encode(batch.rows().columns())?;
        let names = self.upsert_keys.convert_columns(&columns_at(&batch, &self.upsert_key))?;
        let mut out: Vec<(RowKind, Vec<u8>)> = Vec::with_capacity(keys.len());
        for (row, &key) in keys.iter().enumerate() {
            let name = names.row(row);
            if self.is_expired(key, cx.now) {
                self.empty(key);
            }
            self.touched[key as usize] = cx.now;
            if batch.kind(row).adds() {
                let kind = self.add(key, encoded.row(row).data(), name.data());
                out.push((kind, encoded.row(row).data().to_vec()));
                continue;
            }
            match self.remove(key, name.data()) {
                None => {}
                Some(None) => out.push((RowKind::Delete, encoded.row(row).data().to_vec())),
                Some(Some(last)) => out.push((RowKind::UpdateAfter, self.rows.row(last).to_vec())),
            }
        }
        for key in keys {
            if self.lists[key as usize].is_empty() {
                self.index.remove(key);
            }
        }
        let columns = self.rows.decode(out.iter().map(|(_, row)| row.as_slice()))?;
        let options = RecordBatchOptions::new().with_row_count(Some(out.len()));
        let rows = RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?;
        cx.emit(Batch::changelog(rows, UInt8Array::from_iter_values(out.iter().map(|(kind, _)| *kind as u8)))?);
        Ok(())
    }

    fn on_watermark(&mut self, _watermark: i64, cx: &mut Cx<'_>) -> Result<()> {
        if self.ttl.is_none() {
            return Ok(());
        }
        for key in self.index.slots() {
            if self.is_expired(key, cx.now) {
                self.empty(key);
                self.index.remove(key);
            }
        }
        Ok(())
    }

    fn snapshot(&mut self, full: bool) -> Result<Snapshot> {
        let dirty = self.rows.take_dirty();
        let (live, dead) = match full {
            true => (self.rows.slots(), Vec::new()),
            false => dirty.into_iter().partition(|&slot| self.rows.is_live(slot)),
        };
        let mut table = TableWriter::new(ROWS, full, &self.types);
        table.dead(0, &dead)?;
        table.live(0, &live, |slots| {
            let rows = self.rows.columns(slots)?;
            let keys: Vec<ArrayRef> = self.primary_key.iter().map(|&key| rows[key].clone()).collect();
            let groups = key_groups(&keys, slots.len())?;
            let mut found = Vec::new();
            self.index.find(&keys, slots.len(), &mut found)?;
            let numbers = Int64Array::from_iter_values(slots.iter().map(|&slot| self.rows.time(slot)));
            let touched = found.iter().map(|&key| self.touched.get(key as usize).copied().unwrap_or(0));
            let mut columns: Vec<ArrayRef> = vec![Arc::new(numbers), Arc::new(Int64Array::from_iter_values(touched))];
            columns.extend(rows);
            Ok((columns, groups))
        })?;
        Ok(Snapshot { meta: serde_json::Value::Null, tables: vec![table.finish()] })
    }

    fn restore(&mut self, parts: &[Part]) -> Result<()> {
        for batches in parts.iter().filter_map(|part| part.tables.get(ROWS)) {
            for restored in live_rows(batches, self.range, &self.types)? {
                let numbers = restored.columns[0].as_primitive::<Int64Type>();
                let touched = restored.columns[1].as_primitive::<Int64Type>();
                let columns = &restored.columns[2..];
                let primary: Vec<ArrayRef> = self.primary_key.iter().map(|&key| columns[key].clone()).collect();
                let named: Vec<ArrayRef> = self.upsert_key.iter().map(|&key| columns[key].clone()).collect();
                let keys = self.slots(&primary, restored.rows)?;
                let encoded = self.rows.encode(columns)?;
                let names = self.upsert_keys.convert_columns(&named)?;
                for (row, &key) in keys.iter().enumerate() {
                    let slot = self.rows.insert(encoded.row(row).data(), numbers.value(row), 0);
                    self.lists[key as usize].push(Kept { slot, name: names.row(row).data().into() });
                    self.touched[key as usize] = touched.value(row);
                    self.next = self.next.max(numbers.value(row) + 1);
                }
            }
        }
        let rows = &self.rows;
        self.lists.iter_mut().for_each(|list| list.sort_by_key(|kept| rows.time(kept.slot)));
        Ok(())
    }

    fn state_bytes(&self) -> usize {
        let names: usize = self.lists.iter().flatten().map(|kept| kept.name.len() + size_of::<Kept>()).sum();
        self.index.memory() + self.rows.memory() + names + self.lists.capacity() * 32
    }
}
