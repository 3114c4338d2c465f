//! StreamCalc: filter, then projection.

use arrow_array::ArrayRef;
use arrow_schema::SchemaRef;
use nutkin_functions::{EvaluationContext, Evaluator};
use nutkin_plan::operators::Calc;
use nutkin_plan::{Expr, ExprKind};
use nutkin_types::Batch;
use nutkin_types::arrow::arrow_schema;

use crate::error::Result;
use crate::operators::{Cx, Operator, OperatorOptions};

struct CalcOperator {
    condition: Option<Evaluator>,
    projection: Projection,
    schema: SchemaRef,
}

/// The columns of a row, computed or passed on.
pub(super) struct Projection {
    columns: Vec<Projected>,
}

enum Projected {
    /// Passed on as it is.
    Column(usize),
    Computed(Evaluator),
}

pub(super) fn create(calc: &Calc, options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    let compile = |expr: &Expr| Evaluator::compile(expr, &options.evaluator);
    let condition = calc.condition.as_ref().map(compile).transpose()?;
    let projection = Projection::compile(&calc.projection, options)?;
    Ok(Box::new(CalcOperator { condition, projection, schema: arrow_schema(options.output()) }))
}

impl Projection {
    pub fn compile(exprs: &[Expr], options: &OperatorOptions<'_>) -> Result<Projection> {
        let columns = exprs.iter().map(|expr| match expr.kind {
            ExprKind::Input(index) => Ok(Projected::Column(index)),
            _ => Evaluator::compile(expr, &options.evaluator).map(Projected::Computed),
        });
        Ok(Projection { columns: columns.collect::<std::result::Result<_, _>>()? })
    }

    pub fn evaluate(&self, batch: &Batch, context: &EvaluationContext) -> Result<Vec<ArrayRef>> {
        let columns = self.columns.iter().map(|projected| match projected {
            Projected::Column(index) => Ok(batch.column(*index).clone()),
            Projected::Computed(evaluator) => evaluator.evaluate(batch.rows(), context),
        });
        Ok(columns.collect::<std::result::Result<_, _>>()?)
    }
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
        let columns = self.projection.evaluate(&batch, &context)?;
        cx.emit(batch.with_columns(self.schema.clone(), columns)?);
        Ok(())
    }
}
