//! StreamIncrementalGroupAggregate: of values that came before only the first counts, whatever batch they came in.
//!
//! Kept are the DISTINCT values per key and bucket. What is new to them is folded, with all that has no DISTINCT, by the keys
//! alone, so that a group gets one row for a batch of however many buckets.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;
use nutkin_plan::AggregateCall;
use nutkin_plan::operators::{IncrementalGroupAggregate, MergedCall};
use nutkin_types::Batch;
use nutkin_types::arrow::arrow_schema;

use crate::error::Result;
use crate::operators::aggregates::{Aggregates, columns_at, types_at};
use crate::operators::groups::Groups;
use crate::operators::partials::Partials;
use crate::operators::{Cx, Operator, OperatorOptions};
use crate::state::{KeyIndex, Part, Snapshot};

struct IncrementalGroupAggregateOperator {
    partial_grouping: Vec<usize>,
    final_grouping: Vec<usize>,
    retracts: bool,
    partials: Partials,
    /// The calls with DISTINCT, by key and bucket.
    values: Groups,
    /// By key; empty between batches.
    groups: KeyIndex,
    fresh: Aggregates,
    schema: SchemaRef,
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
    Ok(Box::new(IncrementalGroupAggregateOperator {
        partial_grouping: plan.partial_grouping.clone(),
        final_grouping: plan.final_grouping.clone(),
        retracts: plan.retracts,
        partials: Partials::new(&plan.calls, plan.rows_column, plan.retracts)?,
        values: Groups::new(BUCKETS, &key_types, values, plan.state_ttl, options.range)?,
        groups: KeyIndex::new(&types_at(input, &plan.final_grouping))?,
        fresh: Aggregates::of(&fresh, plan.retracts)?,
        schema: arrow_schema(options.output()),
    }))
}

impl Operator for IncrementalGroupAggregateOperator {
    fn on_batch(&mut self, _port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()> {
        let rows = batch.num_rows();
        let (slots, _) = self.values.slots(&columns_at(&batch, &self.partial_grouping), rows, cx.now)?;
        let mut groups = Vec::new();
        self.groups.insert(&columns_at(&batch, &self.final_grouping), rows, &mut groups, |_| {})?;
        for &slot in &slots {
            self.values.touch(slot, cx.now);
        }
        self.fresh.resize(self.groups.capacity());
        self.partials.merge_fresh(&batch, &slots, &mut self.values.aggregates, &groups, &mut self.fresh)?;
        let mut counts = vec![0; self.groups.capacity()];
        for ((&count, &slot), &group) in self.partials.counts(&batch)?.iter().zip(&slots).zip(&groups) {
            counts[group as usize] += count;
            self.values.counts[slot as usize] += count;
            self.values.index.touch(slot);
        }
        let all = self.groups.slots();
        let mut columns = self.groups.columns(&all)?;
        columns.extend(self.fresh.export(&all)?);
        columns.push(Arc::new(Int64Array::from(counts)) as ArrayRef);
        self.fresh.clear(&all);
        self.groups.reset();
        if self.retracts {
            for slot in slots.into_iter().filter(|&slot| self.values.counts[slot as usize] == 0).collect::<Vec<_>>() {
                self.values.forget(slot);
            }
        }
        let options = RecordBatchOptions::new();
        cx.emit(Batch::append(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?));
        Ok(())
    }

    fn on_watermark(&mut self, _watermark: i64, cx: &mut Cx<'_>) -> Result<()> {
        self.values.expire(cx.now);
        Ok(())
    }

    fn snapshot(&mut self, full: bool) -> Result<Snapshot> {
        Ok(Snapshot { meta: serde_json::Value::Null, tables: vec![self.values.snapshot(full)?] })
    }

    fn restore(&mut self, parts: &[Part]) -> Result<()> {
        self.values.restore(parts)
    }

    fn state_bytes(&self) -> usize {
        self.values.memory()
    }
}
