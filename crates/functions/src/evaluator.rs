//! The expression evaluator: compiles a [`nutkin_plan::Expr`] once, runs it on batches.
//!
//! Compilation turns every node into a kernel or a lazy form ([`lazy`]); literals become constant columns. Running walks the tree
//! once per batch, never per row. CASE, IF and COALESCE evaluate a branch on exactly the rows that take it. AND and OR
//! evaluate every condition on all rows, which is cheaper, and only when one fails again on the rows that are still
//! undecided. So an error in what is not taken never surfaces.

mod compile;
mod lazy;
mod node;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, BooleanArray, RecordBatch};
use nutkin_plan::{Expr, ExprKind};
use nutkin_types::Value;

use crate::context::{EvaluationContext, EvaluatorOptions};
use crate::error::{EvaluationError, FunctionError};
use crate::registry::{self, Determinism};
use node::{Frame, Node};

/// A compiled expression. Shared between threads freely.
pub struct Evaluator {
    root: Node,
}

impl Evaluator {
    /// Compiles `expr`. Errors when a function is unknown, a constant argument is wrong, or the types do not fit.
    pub fn compile(expr: &Expr, options: &EvaluatorOptions) -> Result<Evaluator, FunctionError> {
        Ok(Evaluator { root: compile::compile(expr, options)? })
    }

    /// One value per row of `batch`, of the Arrow type of the expression's type.
    pub fn evaluate(&self, batch: &RecordBatch, context: &EvaluationContext) -> Result<ArrayRef, EvaluationError> {
        self.evaluate_columns(batch.columns(), batch.num_rows(), context)
    }

    /// As [`Evaluator::evaluate`], on `rows` rows of loose columns.
    pub fn evaluate_columns(
        &self,
        columns: &[ArrayRef],
        rows: usize,
        context: &EvaluationContext,
    ) -> Result<ArrayRef, EvaluationError> {
        self.root.evaluate(&Frame { columns, rows, context })?.into_array(rows)
    }

    /// The value of a BOOLEAN expression per row; NULL is not true (`arrow_select::filter` treats it so).
    pub fn evaluate_filter(
        &self,
        batch: &RecordBatch,
        context: &EvaluationContext,
    ) -> Result<BooleanArray, EvaluationError> {
        let array = self.evaluate(batch, context)?;
        let mask = array.as_boolean_opt().cloned();
        mask.ok_or_else(|| EvaluationError::Internal(format!("a condition gave {}", array.data_type())))
    }
}

/// The value of an expression that reads no column and whose functions are all deterministic; None when it is not such an
/// expression. An error is one that the expression would have at run time: the caller decides whether to keep it for then.
pub fn evaluate_constant(expr: &Expr, options: &EvaluatorOptions) -> Result<Option<Value>, FunctionError> {
    if !is_constant(expr) {
        return Ok(None);
    }
    let context = EvaluationContext::streaming(0);
    let array = Evaluator::compile(expr, options)?.evaluate_columns(&[], 1, &context)?;
    let value = Value::from_array(&array, &expr.data_type.logical, 0);
    value.map(Some).map_err(|error| FunctionError::Inconsistent(error.to_string()))
}

/// True when `expr` reads no column and gives the same value whenever it is evaluated.
pub fn is_constant(expr: &Expr) -> bool {
    let mut constant = true;
    expr.walk(&mut |part| match &part.kind {
        ExprKind::Input(_) => constant = false,
        ExprKind::Call { function, .. } => {
            let known = registry::lookup(function);
            constant &= known.is_some_and(|f| f.determinism == Determinism::Deterministic);
        }
        _ => {}
    });
    constant
}
