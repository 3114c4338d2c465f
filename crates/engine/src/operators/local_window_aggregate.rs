//! StreamLocalWindowAggregate: the rows of a batch folded by key and slice, before they are sent.
//!
//! Nothing is kept from batch to batch: a checkpoint has nothing to write, no watermark has to wait, and a row is never
//! later than it was. How much is folded is up to the size of the batches, which grow when there is much to do. Where
//! keys hardly repeat in a batch its rows are passed on as they are: partial results of one row each.

use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, TimestampMillisecondArray};
use arrow_schema::{DataType as ArrowType, SchemaRef, TimeUnit};
use nutkin_plan::operators::LocalWindowAggregate;
use nutkin_types::Batch;
use nutkin_types::arrow::arrow_schema;

use crate::error::Result;
use crate::operators::aggregates::{columns_at, types_at};
use crate::operators::partials::Fold;
use crate::operators::time::WindowZone;
use crate::operators::window_aggregate::slices::{Slices, is_instant};
use crate::operators::{Cx, Operator, OperatorOptions};

struct LocalWindowAggregateOperator {
    grouping: Vec<usize>,
    slices: Slices,
    fold: Fold,
    schema: SchemaRef,
}

pub(super) fn create(plan: &LocalWindowAggregate, options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    let input = options.input(0)?;
    let zone = WindowZone::of(is_instant(&plan.input, input)?, options.evaluator.time_zone);
    let mut key_types = types_at(input, &plan.grouping);
    key_types.push(ArrowType::Timestamp(TimeUnit::Millisecond, None));
    Ok(Box::new(LocalWindowAggregateOperator {
        grouping: plan.grouping.clone(),
        slices: Slices::of_rows(&plan.input, zone),
        fold: Fold::new(&key_types, &plan.calls, input, !options.input_is_append(0))?,
        schema: arrow_schema(options.output()),
    }))
}

impl Operator for LocalWindowAggregateOperator {
    fn on_batch(&mut self, _port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()> {
        let mut keys = columns_at(&batch, &self.grouping);
        let ends: ArrayRef = Arc::new(TimestampMillisecondArray::from(self.slices.ends(&batch)?));
        keys.push(ends);
        let folded = self.fold.fold(&keys, &batch)?;
        let mut columns = folded.keys;
        let ends = columns.pop();
        columns.extend(folded.states);
        columns.push(folded.counts);
        columns.extend(ends);
        let options = RecordBatchOptions::new();
        cx.emit(Batch::append(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?));
        Ok(())
    }
}
