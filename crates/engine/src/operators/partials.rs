//! Partial results of aggregations in two phases: [`Fold`] makes them, [`Partials`] reads them.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Int64Array};
use arrow_schema::DataType as ArrowType;
use nutkin_plan::AggregateCall;
use nutkin_plan::operators::MergedCall;
use nutkin_types::{Batch, Schema};

use crate::error::{Failure, Result};
use crate::operators::aggregates::Aggregates;
use crate::state::KeyIndex;

/// Folds the rows of one batch by key. Nothing outlives a call but the room that was taken, and what was seen of the keys.
pub(super) struct Fold {
    index: KeyIndex,
    aggregates: Aggregates,
    counts: Vec<i64>,
    /// 0, 1, 2, ...: the slots of rows that are passed on.
    rows: Vec<u32>,
    /// How many batches are still passed on row by row.
    passes: u32,
}

/// Where more than two partial results come of three rows, so many batches are not folded before it is looked at again: to
/// find the keys costs more than is saved behind.
const PASSES: u32 = 31;
/// Batches of fewer rows say nothing about it.
const LEAST_ROWS: usize = 256;

/// The keys of a batch in order of first coming, with what came of them; a key may come again.
pub(super) struct Folded {
    pub keys: Vec<ArrayRef>,
    /// The state columns of all calls.
    pub states: Vec<ArrayRef>,
    /// Rows that came less rows that were taken back.
    pub counts: ArrayRef,
}

impl Fold {
    pub fn new(key_types: &[ArrowType], calls: &[AggregateCall], input: &Schema, retracts: bool) -> Result<Fold> {
        Ok(Fold {
            index: KeyIndex::new(key_types)?,
            aggregates: Aggregates::new(calls, input, retracts)?,
            counts: Vec::new(),
            rows: Vec::new(),
            passes: 0,
        })
    }

    /// Folds a batch, or passes its rows on one by one where that is cheaper.
    pub fn fold(&mut self, keys: &[ArrayRef], batch: &Batch) -> Result<Folded> {
        if self.passes > 0 {
            self.passes -= 1;
            return self.pass(keys, batch);
        }
        let mut slots = Vec::new();
        self.index.insert(keys, batch.num_rows(), &mut slots, |_| {})?;
        let width = self.index.capacity();
        self.aggregates.resize(width);
        self.counts.clear();
        self.counts.resize(width, 0);
        for (row, &slot) in slots.iter().enumerate() {
            self.counts[slot as usize] += batch.kind(row).sign();
        }
        self.aggregates.update(&slots, batch)?;
        let all = self.index.slots();
        let folded = Folded {
            keys: self.index.columns(&all)?,
            states: self.aggregates.export(&all)?,
            counts: Arc::new(Int64Array::from_iter_values(self.counts.iter().copied())),
        };
        self.aggregates.clear(&all);
        self.index.reset();
        if batch.num_rows() >= LEAST_ROWS && all.len() * 3 > batch.num_rows() * 2 {
            self.passes = PASSES;
        }
        Ok(folded)
    }

    /// Every row by itself.
    fn pass(&mut self, keys: &[ArrayRef], batch: &Batch) -> Result<Folded> {
        let rows = batch.num_rows();
        self.rows.extend(self.rows.len() as u32..rows as u32);
        let slots = &self.rows[..rows];
        self.aggregates.resize(rows);
        self.aggregates.update(slots, batch)?;
        let folded = Folded {
            keys: keys.to_vec(),
            states: self.aggregates.export(slots)?,
            counts: Arc::new(Int64Array::from_iter_values((0..rows).map(|row| batch.kind(row).sign()))),
        };
        self.aggregates.clear(slots);
        Ok(folded)
    }
}

/// Reads partial results into accumulators.
pub(super) struct Partials {
    scratch: Aggregates,
    /// The state columns of all calls.
    columns: Vec<usize>,
    /// How many rows each partial result stands for.
    rows_column: usize,
    /// 0, 1, 2, ...: the slots of the scratch.
    rows: Vec<u32>,
}

impl Partials {
    pub fn new(calls: &[MergedCall], rows_column: usize, retracts: bool) -> Result<Partials> {
        let columns = calls.iter().flat_map(|call| call.call.args.iter().copied()).collect();
        Ok(Partials { scratch: Aggregates::of(calls, retracts)?, columns, rows_column, rows: Vec::new() })
    }

    /// How many rows each partial result of `batch` stands for.
    pub fn counts<'a>(&self, batch: &'a Batch) -> Result<&'a [i64]> {
        let counts = batch.column(self.rows_column).as_primitive_opt::<Int64Type>();
        let counts = counts.filter(|counts| counts.null_count() == 0);
        Ok(counts.ok_or_else(|| Failure::internal("partial results without their numbers of rows"))?.values())
    }

    /// Merges row i of `batch` into slot `into[i]` of `target`, accumulators of the same calls.
    pub fn merge(&mut self, batch: &Batch, into: &[u32], target: &mut Aggregates) -> Result<()> {
        self.read(batch, |parts, rows| target.merge(into, parts, rows))
    }

    /// Merges as [`Aggregates::merge_fresh`] does.
    pub fn merge_fresh(
        &mut self,
        batch: &Batch,
        into: &[u32],
        values: &mut Aggregates,
        fresh_into: &[u32],
        fresh: &mut Aggregates,
    ) -> Result<()> {
        self.read(batch, |parts, rows| values.merge_fresh(into, parts, rows, fresh, fresh_into))
    }

    /// Calls `merge` with accumulators whose slot i holds row i of `batch`, and with the slots.
    fn read(&mut self, batch: &Batch, merge: impl FnOnce(&Aggregates, &[u32]) -> Result<()>) -> Result<()> {
        let rows = batch.num_rows();
        self.rows.extend(self.rows.len() as u32..rows as u32);
        let rows = &self.rows[..rows];
        let states: Vec<ArrayRef> = self.columns.iter().map(|&column| batch.column(column).clone()).collect();
        self.scratch.resize(rows.len());
        self.scratch.import(rows, &states)?;
        merge(&self.scratch, rows)?;
        self.scratch.clear(rows);
        Ok(())
    }
}
