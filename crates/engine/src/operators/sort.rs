//! StreamSort: all rows in order, once, at the end of the input.
//!
//! Equal rows are kept once, with their number, so that a row that is taken back is found by its values. One task has them
//! all.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, RecordBatchOptions, UInt32Array};
use arrow_ord::sort::{SortColumn, SortOptions, lexsort_to_indices};
use arrow_schema::{DataType as ArrowType, SchemaRef};
use nutkin_plan::operators::{Sort, SortKey};
use nutkin_types::Batch;
use nutkin_types::arrow::{arrow_schema, arrow_type};

use crate::error::Result;
use crate::operators::{Cx, Operator, OperatorOptions};
use crate::runtime::element::END_OF_TIME;
use crate::state::snapshot::{TableWriter, live_rows};
use crate::state::{KeyGroupRange, KeyIndex, Part, Snapshot, key_groups};

struct SortOperator {
    order: Vec<SortKey>,
    index: KeyIndex,
    /// How many equal rows there are, per slot.
    counts: Vec<i64>,
    /// Of the state table: the columns, then the number.
    types: Vec<ArrowType>,
    schema: SchemaRef,
    batch_rows: usize,
    range: KeyGroupRange,
}

/// Name of the state table.
const ROWS: &str = "rows";

pub(super) fn create(sort: &Sort, options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    let input = options.input(0)?;
    let mut types: Vec<ArrowType> = input.columns.iter().map(|column| arrow_type(&column.data_type.logical)).collect();
    let index = KeyIndex::new(&types)?;
    types.push(ArrowType::Int64);
    Ok(Box::new(SortOperator {
        order: sort.order.clone(),
        index,
        counts: Vec::new(),
        types,
        schema: arrow_schema(options.output()),
        batch_rows: options.batch_rows.max(1024),
        range: options.range,
    }))
}

impl SortOperator {
    fn add(&mut self, columns: &[ArrayRef], rows: usize, number: impl Fn(usize) -> i64) -> Result<()> {
        let mut slots = Vec::with_capacity(rows);
        self.index.insert(columns, rows, &mut slots, |_| {})?;
        self.counts.resize(self.index.capacity(), 0);
        for (row, &slot) in slots.iter().enumerate() {
            self.counts[slot as usize] += number(row);
            self.index.touch(slot);
        }
        for slot in slots {
            if self.counts[slot as usize] == 0 && self.index.is_live(slot) {
                self.index.remove(slot);
            }
        }
        Ok(())
    }

    /// Puts everything out, and keeps nothing: a second end finds no rows.
    fn close(&mut self, cx: &mut Cx<'_>) -> Result<()> {
        let slots = self.index.slots();
        let columns = self.index.columns(&slots)?;
        let times = |place: u32| usize::try_from(self.counts[slots[place as usize] as usize]).unwrap_or(0);
        let rows: Vec<u32> = self
            .places(&columns, slots.len())?
            .into_iter()
            .flat_map(|place| std::iter::repeat_n(place, times(place)))
            .collect();
        for rows in rows.chunks(self.batch_rows) {
            let rows = UInt32Array::from(rows.to_vec());
            let taken = columns.iter().map(|column| arrow_select::take::take(column, &rows, None));
            let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
            let taken = taken.collect::<std::result::Result<Vec<_>, _>>()?;
            cx.emit(Batch::append(RecordBatch::try_new_with_options(self.schema.clone(), taken, &options)?));
        }
        for slot in slots {
            self.counts[slot as usize] = 0;
            self.index.remove(slot);
        }
        Ok(())
    }

    /// Places of the rows in order.
    fn places(&self, columns: &[ArrayRef], rows: usize) -> Result<Vec<u32>> {
        let key = |key: &SortKey| SortColumn {
            values: columns[key.column].clone(),
            options: Some(SortOptions { descending: key.descending, nulls_first: key.nulls_first }),
        };
        let keys: Vec<SortColumn> = self.order.iter().map(key).collect();
        if keys.is_empty() || rows == 0 {
            return Ok((0..u32::try_from(rows).unwrap_or(u32::MAX)).collect());
        }
        Ok(lexsort_to_indices(&keys, None)?.values().to_vec())
    }
}

impl Operator for SortOperator {
    fn on_batch(&mut self, _port: usize, batch: Batch, _cx: &mut Cx<'_>) -> Result<()> {
        self.add(batch.rows().columns(), batch.num_rows(), |row| batch.kind(row).sign())
    }

    fn on_watermark(&mut self, watermark: i64, cx: &mut Cx<'_>) -> Result<()> {
        if watermark == END_OF_TIME { self.close(cx) } else { Ok(()) }
    }

    fn snapshot(&mut self, full: bool) -> Result<Snapshot> {
        let dirty = self.index.take_dirty();
        let (live, dead) = match full {
            true => (self.index.slots(), Vec::new()),
            false => dirty.into_iter().partition(|&slot| self.index.is_live(slot)),
        };
        let mut table = TableWriter::new(ROWS, full, &self.types);
        table.dead(0, &dead)?;
        table.live(0, &live, |slots| {
            let mut columns = self.index.columns(slots)?;
            let groups = key_groups(&[], slots.len())?;
            let counts = slots.iter().map(|&slot| self.counts[slot as usize]);
            columns.push(Arc::new(Int64Array::from_iter_values(counts)));
            Ok((columns, groups))
        })?;
        Ok(Snapshot { meta: serde_json::Value::Null, tables: vec![table.finish()] })
    }

    fn restore(&mut self, parts: &[Part]) -> Result<()> {
        for batches in parts.iter().filter_map(|part| part.tables.get(ROWS)) {
            for restored in live_rows(batches, self.range, &self.types)? {
                let (counts, columns) = restored
                    .columns
                    .split_last()
                    .ok_or_else(|| crate::error::Failure::internal("the state of StreamSort has no numbers"))?;
                let counts = counts.as_primitive::<Int64Type>();
                self.add(columns, restored.rows, |row| counts.value(row))?;
            }
        }
        Ok(())
    }

    fn state_bytes(&self) -> usize {
        self.index.memory() + self.counts.capacity() * 8
    }
}
