//! StreamExpand: each row once per grouping set.

use arrow_schema::SchemaRef;
use nutkin_plan::operators::Expand;
use nutkin_types::Batch;
use nutkin_types::arrow::arrow_schema;

use crate::error::Result;
use crate::operators::calc::Projection;
use crate::operators::{Cx, Operator, OperatorOptions};

struct ExpandOperator {
    projections: Vec<Projection>,
    schema: SchemaRef,
}

pub(super) fn create(expand: &Expand, options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    let projections = expand.projections.iter().map(|exprs| Projection::compile(exprs, options));
    Ok(Box::new(ExpandOperator {
        projections: projections.collect::<Result<_>>()?,
        schema: arrow_schema(options.output()),
    }))
}

impl Operator for ExpandOperator {
    /// The rows of a group stay in their order: each set is a copy of the batch.
    fn on_batch(&mut self, _port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()> {
        let context = cx.evaluation();
        for projection in &self.projections {
            let columns = projection.evaluate(&batch, &context)?;
            cx.emit(batch.with_columns(self.schema.clone(), columns)?);
        }
        Ok(())
    }
}
