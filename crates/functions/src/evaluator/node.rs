//! The compiled tree.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType as ArrowType;

use crate::args::Args;
use crate::column::Column;
use crate::context::EvaluationContext;
use crate::error::EvaluationError;
use crate::evaluator::lazy::{Case, Coalesce, Connective};
use crate::registry::Kernel;

/// The rows an expression is evaluated on. Columns that the expression does not read may have any length.
pub(super) struct Frame<'a> {
    pub columns: &'a [ArrayRef],
    pub rows: usize,
    pub context: &'a EvaluationContext,
}

pub(super) enum Node {
    Input(usize),
    Constant(Column),
    Call {
        kernel: Kernel,
        args: Vec<Node>,
        /// The kernel gives a value per row although no argument does (RAND).
        per_row: bool,
    },
    Field {
        arg: Box<Node>,
        index: usize,
    },
    /// Only nullability changes.
    Same(Box<Node>),
    Case(Box<Case>),
    Coalesce(Coalesce),
    Connective(Connective),
}

impl Node {
    pub fn evaluate(&self, frame: &Frame<'_>) -> Result<Column, EvaluationError> {
        match self {
            Node::Input(index) => match frame.columns.get(*index) {
                Some(array) => Ok(Column::rows(array.clone())),
                None => Err(EvaluationError::Internal(format!("column {index} is missing in the input"))),
            },
            Node::Constant(column) => Ok(column.clone()),
            Node::Call { kernel, args, per_row } => {
                let columns = args.iter().map(|arg| arg.evaluate(frame)).collect::<Result<Vec<_>, _>>()?;
                let constant = !per_row && columns.iter().all(|column| column.constant);
                let rows = if constant { 1 } else { frame.rows };
                let array = kernel(&Args { columns: &columns, rows, context: frame.context })?;
                Ok(Column { array, constant })
            }
            Node::Field { arg, index } => field(&arg.evaluate(frame)?, *index),
            Node::Same(arg) => arg.evaluate(frame),
            Node::Case(case) => case.evaluate(frame),
            Node::Coalesce(coalesce) => coalesce.evaluate(frame),
            Node::Connective(connective) => connective.evaluate(frame),
        }
    }

    /// Adds the column positions that the node reads.
    pub fn inputs(&self, found: &mut Vec<usize>) {
        match self {
            Node::Input(index) => found.push(*index),
            Node::Constant(_) => {}
            Node::Call { args, .. } => args.iter().for_each(|arg| arg.inputs(found)),
            Node::Field { arg, .. } | Node::Same(arg) => arg.inputs(found),
            Node::Case(case) => case.inputs(found),
            Node::Coalesce(coalesce) => coalesce.inputs(found),
            Node::Connective(connective) => connective.inputs(found),
        }
    }
}

/// Field `index` of a ROW; NULL where the row is.
fn field(rows: &Column, index: usize) -> Result<Column, EvaluationError> {
    let missing = || EvaluationError::Internal(format!("field {index} of {} is missing", rows.array.data_type()));
    let structs = rows.array.as_struct_opt().ok_or_else(missing)?;
    let child = structs.columns().get(index).ok_or_else(missing)?;
    let Some(outer) = structs.nulls().filter(|nulls| nulls.null_count() > 0) else {
        return Ok(Column { array: child.clone(), constant: rows.constant });
    };
    if *child.data_type() == ArrowType::Null {
        return Ok(Column { array: child.clone(), constant: rows.constant });
    }
    let nulls = NullBuffer::union(child.nulls(), Some(outer));
    let data = child.to_data().into_builder().nulls(nulls).build()?;
    Ok(Column { array: arrow_array::make_array(data), constant: rows.constant })
}
