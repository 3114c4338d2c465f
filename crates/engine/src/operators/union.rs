//! StreamUnion: rows of all inputs under one schema.

use arrow_schema::SchemaRef;
use nutkin_types::Batch;
use nutkin_types::arrow::arrow_schema;

use crate::error::Result;
use crate::operators::{Cx, Operator, OperatorOptions};

struct UnionOperator {
    schema: SchemaRef,
}

pub(super) fn create(options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    Ok(Box::new(UnionOperator { schema: arrow_schema(options.output()) }))
}

impl Operator for UnionOperator {
    fn on_batch(&mut self, _port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()> {
        let columns = batch.rows().columns().to_vec();
        cx.emit(batch.with_columns(self.schema.clone(), columns)?);
        Ok(())
    }
}
