//! StreamIncrementalGroupAggregate: of values that came before only the first counts, whatever batch they came in.
//!
//! Kept are the DISTINCT values per key and bucket. What is new to them is folded, with all that has no DISTINCT, by the keys
//! alone, so that a group gets one row for a batch of however many buckets.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int64Array, RecordBatch, RecordBatchOptions};
use arrow_schema::{DataType as ArrowType, SchemaRef};
use nutkin_plan::AggregateCall;
use nutkin_plan::operators::{IncrementalGroupAggregate, MergedCall};
use nutkin_types::Batch;
use nutkin_types::arrow::arrow_schema;

use crate::error::Result;
use crate::operators::aggregates::{Aggregates, columns_at, types_at};
use crate::operators::partials::Partials;
use crate::operators::{Cx, Operator, OperatorOptions};
use crate::state::snapshot::{TableWriter, live_rows};
use crate::state::{KeyGroupRange, KeyIndex, Part, Snapshot, key_groups};

struct IncrementalGroupAggregateOperator {
    partial_grouping: Vec<usize>,
    final_grouping: Vec<usize>,
    ttl: Option<i64>,
    retracts: bool,
    partials: Partials,
    /// By key and bucket.
    index: KeyIndex,
    /// The calls with DISTINCT.
    values: Aggregates,
    /// Rows per slot, kept when rows can be taken back.
    counts: Vec<i64>,
    /// Wall-clock time of the last change per slot, for the time to live.
    touched: Vec<i64>,
    /// By key; empty between batches.
    groups: KeyIndex,
    fresh: Aggregates,
    types: Vec<ArrowType>,
    schema: SchemaRef,
    range: KeyGroupRange,
}

/// Name of the state table.
const BUCKETS: &str = "buckets";

pub(super) fn create(plan: &IncrementalGroupAggregate, options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    let input = options.input(0)?;
    let key_types = types_at(input, &plan.partial_grouping);
    let distinct: Vec<MergedCall> = plan.calls.iter().filter(|merged| merged.call.distinct).cloned().collect();
    let plain = |merged: &MergedCall| MergedCall {
        call: AggregateCall { distinct: false, ..merged.call.clone() },
        arg_types: merged.arg_types.clone(),
    };
    let fresh: Vec<MergedCall> = plan.calls.iter().map(plain).collect();
    let values = Aggregates::of(&distinct, plan.retracts)?;
    let mut types = key_types.clone();
    types.extend([ArrowType::Int64, ArrowType::Int64]);
    types.extend(values.state_types());
    Ok(Box::new(IncrementalGroupAggregateOperator {
        partial_grouping: plan.partial_grouping.clone(),
        final_grouping: plan.final_grouping.clone(),
        ttl: plan.state_ttl,
        retracts: plan.retracts,
        partials: Partials::new(&plan.calls, plan.rows_column, plan.retracts)?,
        index: KeyIndex::new(&key_types)?,
        values,
        counts: Vec::new(),
        touched: Vec::new(),
        groups: KeyIndex::new(&types_at(input, &plan.final_grouping))?,
        fresh: Aggregates::of(&fresh, plan.retracts)?,
        types,
        schema: arrow_schema(options.output()),
        range: options.range,
    }))
}

impl IncrementalGroupAggregateOperator {
    fn grow(&mut self) {
        let slots = self.index.capacity();
        self.values.resize(slots);
        self.counts.resize(slots, 0);
        self.touched.resize(slots, 0);
    }

    fn forget(&mut self, slot: u32) {
        self.empty(slot);
        self.index.remove(slot);
    }

    fn is_expired(&self, slot: u32, now: i64) -> bool {
        self.ttl.is_some_and(|ttl| now - self.touched[slot as usize] >= ttl)
    }

    /// What is kept of a slot goes; the slot stays.
    fn empty(&mut self, slot: u32) {
        self.values.clear(&[slot]);
        self.counts[slot as usize] = 0;
    }
}

impl Operator for IncrementalGroupAggregateOperator {
    fn on_batch(&mut self, _port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()> {
        let rows = batch.num_rows();
        let (mut slots, mut groups) = (Vec::new(), Vec::new());
        self.index.insert(&columns_at(&batch, &self.partial_grouping), rows, &mut slots, |_| {})?;
        self.groups.insert(&columns_at(&batch, &self.final_grouping), rows, &mut groups, |_| {})?;
        self.grow();
        for &slot in &slots {
            if self.is_expired(slot, cx.now) {
                self.empty(slot);
            }
            self.touched[slot as usize] = cx.now;
        }
        self.fresh.resize(self.groups.capacity());
        self.partials.merge_fresh(&batch, &slots, &mut self.values, &groups, &mut self.fresh)?;
        let mut counts = vec![0; self.groups.capacity()];
        for ((&count, &slot), &group) in self.partials.counts(&batch)?.iter().zip(&slots).zip(&groups) {
            counts[group as usize] += count;
            self.counts[slot as usize] += count;
            self.index.touch(slot);
        }
        let all = self.groups.slots();
        let mut columns = self.groups.columns(&all)?;
        columns.extend(self.fresh.export(&all)?);
        columns.push(Arc::new(Int64Array::from(counts)) as ArrayRef);
        self.fresh.clear(&all);
        self.groups.reset();
        if self.retracts {
            let gone: Vec<u32> = slots.into_iter().filter(|&slot| self.counts[slot as usize] == 0).collect();
            gone.into_iter().for_each(|slot| self.forget(slot));
        }
        let options = RecordBatchOptions::new();
        cx.emit(Batch::append(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?));
        Ok(())
    }

    fn on_watermark(&mut self, _watermark: i64, cx: &mut Cx<'_>) -> Result<()> {
        if self.ttl.is_none() {
            return Ok(());
        }
        for slot in self.index.slots() {
            if self.is_expired(slot, cx.now) {
                self.forget(slot);
            }
        }
        Ok(())
    }

    fn snapshot(&mut self, full: bool) -> Result<Snapshot> {
        let dirty = self.index.take_dirty();
        let (live, dead) = match full {
            true => (self.index.slots(), Vec::new()),
            false => dirty.into_iter().partition(|&slot| self.index.is_live(slot)),
        };
        let mut table = TableWriter::new(BUCKETS, full, &self.types);
        table.dead(0, &dead)?;
        table.live(0, &live, |slots| {
            let mut columns = self.index.columns(slots)?;
            let groups = key_groups(&columns, slots.len())?;
            let number = |of: &[i64]| Int64Array::from_iter_values(slots.iter().map(|&slot| of[slot as usize]));
            columns.push(Arc::new(number(&self.counts)));
            columns.push(Arc::new(number(&self.touched)));
            columns.extend(self.values.export(slots)?);
            Ok((columns, groups))
        })?;
        Ok(Snapshot { meta: serde_json::Value::Null, tables: vec![table.finish()] })
    }

    fn restore(&mut self, parts: &[Part]) -> Result<()> {
        let width = self.partial_grouping.len();
        for batches in parts.iter().filter_map(|part| part.tables.get(BUCKETS)) {
            for restored in live_rows(batches, self.range, &self.types)? {
                let mut slots = Vec::new();
                self.index.insert(&restored.columns[..width], restored.rows, &mut slots, |_| {})?;
                self.grow();
                let counts = restored.columns[width].as_primitive::<Int64Type>();
                let touched = restored.columns[width + 1].as_primitive::<Int64Type>();
                for (row, &slot) in slots.iter().enumerate() {
                    self.counts[slot as usize] = counts.value(row);
                    self.touched[slot as usize] = touched.value(row);
                }
                self.values.import(&slots, &restored.columns[width + 2..])?;
            }
        }
        Ok(())
    }

    fn state_bytes(&self) -> usize {
        self.index.memory() + self.values.memory() + self.counts.capacity() * 16
    }
}
