//! StreamChangelogNormalize: an upsert stream with full rows before and after each change.
//!
//! The last row of every key is kept. Only the last row per key of a batch counts, unless the order of rows is seen behind.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Int64Array, RecordBatch, RecordBatchOptions, UInt8Array};
use arrow_schema::{DataType as ArrowType, SchemaRef};
use nutkin_plan::operators::ChangelogNormalize;
use nutkin_types::arrow::{arrow_schema, arrow_type};
use nutkin_types::{Batch, RowKind};

use crate::error::Result;
use crate::operators::aggregates::{columns_at, types_at};
use crate::operators::{Cx, Operator, OperatorOptions};
use crate::runtime::element::END_OF_TIME;
use crate::state::snapshot::{TableWriter, live_rows};
use crate::state::{KeyGroupRange, KeyIndex, Part, RowTable, Snapshot, key_groups};

/// No row is kept for a key.
const NO_ROW: u32 = u32::MAX;
/// Rows of a batch put out at the end.
const ROWS_AT_END: usize = 4096;
/// Name of the state table.
const ROWS: &str = "rows";

struct ChangelogNormalizeOperator {
    key: Vec<usize>,
    ttl: Option<i64>,
    row_by_row: bool,
    /// Rows are put out once, at the end.
    at_end: bool,
    index: KeyIndex,
    /// Row of each key, its time being the wall clock of the last change.
    row_of: Vec<u32>,
    rows: RowTable,
    types: Vec<ArrowType>,
    schema: SchemaRef,
    range: KeyGroupRange,
}

pub(super) fn create(plan: &ChangelogNormalize, options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    let input = options.input(0)?;
    let row_types: Vec<ArrowType> = input.columns.iter().map(|c| arrow_type(&c.data_type.logical)).collect();
    let mut types = vec![ArrowType::Int64];
    types.extend(row_types.iter().cloned());
    Ok(Box::new(ChangelogNormalizeOperator {
        key: plan.key.clone(),
        ttl: plan.state_ttl,
        row_by_row: options.row_by_row(),
        at_end: plan.at_end,
        index: KeyIndex::new(&types_at(input, &plan.key))?,
        row_of: Vec::new(),
        rows: RowTable::new(&row_types)?,
        types,
        schema: arrow_schema(options.output()),
        range: options.range,
    }))
}

impl ChangelogNormalizeOperator {
    fn slots(&mut self, batch: &Batch) -> Result<Vec<u32>> {
        let mut slots = Vec::new();
        self.index.insert(&columns_at(batch, &self.key), batch.num_rows(), &mut slots, |_| {})?;
        self.row_of.resize(self.index.capacity(), NO_ROW);
        Ok(slots)
    }

    fn expire(&mut self, key: u32, now: i64) {
        let row = self.row_of[key as usize];
        if row != NO_ROW && self.ttl.is_some_and(|ttl| now - self.rows.time(row) >= ttl) {
            self.rows.remove(row);
            self.row_of[key as usize] = NO_ROW;
        }
    }
}

impl ChangelogNormalizeOperator {
    /// The last row of every key, at the end of the input. What has been put out is not kept: a second end finds nothing.
    fn close(&mut self, cx: &mut Cx<'_>) -> Result<()> {
        for keys in self.index.slots().chunks(ROWS_AT_END) {
            let rows: Vec<u32> =
                keys.iter().map(|&key| self.row_of[key as usize]).filter(|&row| row != NO_ROW).collect();
            let columns = self.rows.columns(&rows)?;
            let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
            cx.emit(Batch::append(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?));
            rows.into_iter().for_each(|row| self.rows.remove(row));
            for &key in keys {
                self.row_of[key as usize] = NO_ROW;
                self.index.remove(key);
            }
        }
        Ok(())
    }
}

impl Operator for ChangelogNormalizeOperator {
    fn on_batch(&mut self, _port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()> {
        let slots = self.slots(&batch)?;
        let encoded = self.rows.encode(batch.rows().columns())?;
        let mut last = vec![usize::MAX; self.index.capacity()];
        slots.iter().enumerate().for_each(|(row, &key)| last[key as usize] = row);
        let mut out: Vec<(RowKind, Vec<u8>)> = Vec::new();
        for (row, &key) in slots.iter().enumerate() {
            if !self.row_by_row && last[key as usize] != row {
                continue;
            }
            let kind = batch.kind(row);
            if kind == RowKind::UpdateBefore {
                continue;
            }
            self.expire(key, cx.now);
            let kept = self.row_of[key as usize];
            let new = encoded.row(row);
            match (kind.adds(), kept) {
                (true, NO_ROW) => {
                    self.row_of[key as usize] = self.rows.insert(new.data(), cx.now, 0);
                    out.push((RowKind::Insert, new.data().to_vec()));
                }
                (true, kept) => {
                    let old = self.rows.row(kept);
                    if old != new.data() || self.ttl.is_some() {
                        out.push((RowKind::UpdateBefore, old.to_vec()));
                        out.push((RowKind::UpdateAfter, new.data().to_vec()));
                        self.rows.replace(kept, new.data(), cx.now, 0);
                    }
                }
                (false, NO_ROW) => {}
                (false, kept) => {
                    out.push((RowKind::Delete, self.rows.row(kept).to_vec()));
                    self.rows.remove(kept);
                    self.row_of[key as usize] = NO_ROW;
                }
            }
        }
        for &key in &slots {
            if self.row_of[key as usize] == NO_ROW {
                self.index.remove(key);
            }
        }
        if self.at_end || out.is_empty() {
            return Ok(());
        }
        let columns = self.rows.decode(out.iter().map(|(_, row)| row.as_slice()))?;
        let options = RecordBatchOptions::new().with_row_count(Some(out.len()));
        let rows = RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?;
        cx.emit(Batch::changelog(rows, UInt8Array::from_iter_values(out.iter().map(|(kind, _)| *kind as u8)))?);
        Ok(())
    }

    fn on_watermark(&mut self, watermark: i64, cx: &mut Cx<'_>) -> Result<()> {
        if self.at_end && watermark == END_OF_TIME {
            return self.close(cx);
        }
        if self.ttl.is_some() {
            for key in self.index.slots() {
                self.expire(key, cx.now);
                if self.row_of[key as usize] == NO_ROW {
                    self.index.remove(key);
                }
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
            let keys: Vec<_> = self.key.iter().map(|&key| rows[key].clone()).collect();
            let groups = key_groups(&keys, slots.len())?;
            let times = Int64Array::from_iter_values(slots.iter().map(|&slot| self.rows.time(slot)));
            let mut columns: Vec<arrow_array::ArrayRef> = vec![Arc::new(times)];
            columns.extend(rows);
            Ok((columns, groups))
        })?;
        Ok(Snapshot { meta: serde_json::Value::Null, tables: vec![table.finish()] })
    }

    fn restore(&mut self, parts: &[Part]) -> Result<()> {
        for batches in parts.iter().filter_map(|part| part.tables.get(ROWS)) {
            for restored in live_rows(batches, self.range, &self.types)? {
                let times = restored.columns[0].as_primitive::<Int64Type>();
                let columns = &restored.columns[1..];
                let keys: Vec<_> = self.key.iter().map(|&key| columns[key].clone()).collect();
                let mut slots = Vec::new();
                self.index.insert(&keys, restored.rows, &mut slots, |_| {})?;
                self.row_of.resize(self.index.capacity(), NO_ROW);
                let encoded = self.rows.encode(columns)?;
                for (row, &key) in slots.iter().enumerate() {
                    self.row_of[key as usize] = self.rows.insert(encoded.row(row).data(), times.value(row), 0);
                }
            }
        }
        Ok(())
    }

    fn state_bytes(&self) -> usize {
        self.index.memory() + self.rows.memory() + self.row_of.capacity() * 4
    }
}
