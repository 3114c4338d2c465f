//! StreamCalc: filter, then projection.

use arrow_schema::SchemaRef;
use nutkin_functions::Evaluator;
use nutkin_plan::operators::Calc;
use nutkin_plan::{Expr, ExprKind};
use nutkin_types::Batch;
use nutkin_types::arrow::arrow_schema;

use crate::error::Result;
use crate::operators::{Cx, Operator, OperatorOptions};

struct CalcOperator {
    condition: Option<Evaluator>,
    projection: Vec<Projected>,
    schema: SchemaRef,
}

enum Projected {
    /// Passed on as it is.
    Column(usize),
    Computed(Evaluator),
}

pub(super) fn create(calc: &Calc, options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    let compile = |expr: &Expr| Evaluator::compile(expr, &options.evaluator);
    let condition = calc.condition.as_ref().map(compile).transpose()?;
    let projection = calc.projection.iter().map(|expr| match expr.kind {
        ExprKind::Input(index) => Ok(Projected::Column(index)),
        _ => compile(expr).map(Projected::Computed),
    });
    let projection = projection.collect::<Result<Vec<_>, _>>()?;
    Ok(Box::new(CalcOperator { condition, projection, schema: arrow_schema(options.output()) }))
}

impl Operator for CalcOperator {
    fn on_batch(&mut self, _port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()> {
        let context = cx.evaluation();
        let batch = match &self.condition {
            Some(condition) => {
                let mask = condition.evaluate_filter(batch.rows(), &context)?;
                if mask.true_count() == batch.num_rows() { batch } else { batch.filter(&mask)? }
            }
            None => batch,
        };
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let columns = self.projection.iter().map(|projected| match projected {
            Projected::Column(index) => Ok(batch.column(*index).clone()),
            Projected::Computed(evaluator) => evaluator.evaluate(batch.rows(), &context),
        });
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        cx.emit(batch.with_columns(self.schema.clone(), columns)?);
        Ok(())
    }
}
