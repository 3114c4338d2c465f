//! StreamLocalGroupAggregate: the rows of a batch folded by key, before they are sent. Nothing is kept from batch to batch.
//! Where keys hardly repeat in a batch its rows are passed on as they are: partial results of one row each.

use arrow_array::{RecordBatch, RecordBatchOptions};
use arrow_schema::SchemaRef;
use nutkin_plan::operators::LocalGroupAggregate;
use nutkin_types::Batch;
use nutkin_types::arrow::arrow_schema;

use crate::error::Result;
use crate::operators::aggregates::{columns_at, types_at};
use crate::operators::partials::Fold;
use crate::operators::{Cx, Operator, OperatorOptions};

struct LocalGroupAggregateOperator {
    grouping: Vec<usize>,
    fold: Fold,
    schema: SchemaRef,
}

pub(super) fn create(plan: &LocalGroupAggregate, options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    let input = options.input(0)?;
    let key_types = types_at(input, &plan.grouping);
    Ok(Box::new(LocalGroupAggregateOperator {
        grouping: plan.grouping.clone(),
        fold: Fold::new(&key_types, &plan.calls, input, !options.input_is_append(0))?,
        schema: arrow_schema(options.output()),
    }))
}

impl Operator for LocalGroupAggregateOperator {
    fn on_batch(&mut self, _port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()> {
        let folded = self.fold.fold(&columns_at(&batch, &self.grouping), &batch)?;
        let mut columns = folded.keys;
        columns.extend(folded.states);
        columns.push(folded.counts);
        let options = RecordBatchOptions::new();
        cx.emit(Batch::append(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?));
        Ok(())
    }
}
