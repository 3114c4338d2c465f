//! Forms that evaluate only what is needed: CASE and IF, COALESCE, AND, OR.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BooleanArray, UInt32Array};

use super::node::{Frame, Node};
use crate::column::Column;
use crate::error::EvaluationError;

/// `node` on the rows of `frame` at `rows` only. Columns that it does not read are passed on as they are.
fn evaluate_on(node: &Node, frame: &Frame<'_>, rows: &[u32]) -> Result<ArrayRef, EvaluationError> {
    if rows.len() == frame.rows {
        return node.evaluate(frame)?.into_array(frame.rows);
    }
    let mut columns = frame.columns.to_vec();
    let mut inputs = Vec::new();
    node.inputs(&mut inputs);
    inputs.sort_unstable();
    inputs.dedup();
    let indices = UInt32Array::from(rows.to_vec());
    for input in inputs {
        if let Some(column) = columns.get_mut(input) {
            *column = arrow_select::take::take(column, &indices, None)?;
        }
    }
    let part = Frame { columns: &columns, rows: rows.len(), context: frame.context };
    node.evaluate(&part)?.into_array(rows.len())
}

fn all_rows(frame: &Frame<'_>) -> Vec<u32> {
    (0..frame.rows as u32).collect()
}

fn condition(array: &ArrayRef) -> Result<&BooleanArray, EvaluationError> {
    array.as_boolean_opt().ok_or_else(|| EvaluationError::Internal(format!("a condition gave {}", array.data_type())))
}

/// Where each row's result lies: array and row in it.
struct Gather {
    arrays: Vec<ArrayRef>,
    places: Vec<(usize, usize)>,
}

impl Gather {
    fn new(rows: usize) -> Gather {
        Gather { arrays: Vec::new(), places: vec![(0, 0); rows] }
    }

    /// `array` holds the results of `rows`, in order.
    fn add(&mut self, rows: &[u32], array: ArrayRef) {
        for (i, &row) in rows.iter().enumerate() {
            self.places[row as usize] = (self.arrays.len(), i);
        }
        self.arrays.push(array);
    }

    fn finish(self) -> Result<Column, EvaluationError> {
        if let [only] = self.arrays.as_slice()
            && only.len() == self.places.len()
        {
            return Ok(Column::rows(only.clone()));
        }
        let arrays: Vec<&dyn Array> = self.arrays.iter().map(AsRef::as_ref).collect();
        Ok(Column::rows(arrow_select::interleave::interleave(&arrays, &self.places)?))
    }
}

/// CASE and IF.
pub(super) struct Case {
    pub branches: Vec<(Node, Node)>,
    pub otherwise: Node,
}

impl Case {
    pub fn evaluate(&self, frame: &Frame<'_>) -> Result<Column, EvaluationError> {
        if frame.rows == 0 {
            return Ok(Column::rows(self.otherwise.evaluate(frame)?.into_array(0)?));
        }
        let mut remaining = all_rows(frame);
        let mut gather = Gather::new(frame.rows);
        for (when, then) in &self.branches {
            if remaining.is_empty() {
                break;
            }
            let tested = evaluate_on(when, frame, &remaining)?;
            let (taken, left) = split(&remaining, |i| {
                let mask = condition(&tested)?;
                Ok(mask.is_valid(i) && mask.value(i))
            })?;
            if !taken.is_empty() {
                gather.add(&taken, evaluate_on(then, frame, &taken)?);
            }
            remaining = left;
        }
        if !remaining.is_empty() {
            gather.add(&remaining, evaluate_on(&self.otherwise, frame, &remaining)?);
        }
        gather.finish()
    }

    pub fn inputs(&self, found: &mut Vec<usize>) {
        for (when, then) in &self.branches {
            when.inputs(found);
            then.inputs(found);
        }
        self.otherwise.inputs(found);
    }
}

fn split(
    rows: &[u32],
    test: impl Fn(usize) -> Result<bool, EvaluationError>,
) -> Result<(Vec<u32>, Vec<u32>), EvaluationError> {
    let (mut yes, mut no) = (Vec::new(), Vec::new());
    for (i, &row) in rows.iter().enumerate() {
        if test(i)? {
            yes.push(row);
        } else {
            no.push(row);
        }
    }
    Ok((yes, no))
}

/// COALESCE.
pub(super) struct Coalesce {
    pub args: Vec<Node>,
}

impl Coalesce {
    pub fn evaluate(&self, frame: &Frame<'_>) -> Result<Column, EvaluationError> {
        let mut remaining = all_rows(frame);
        let mut gather = Gather::new(frame.rows);
        for (i, arg) in self.args.iter().enumerate() {
            let last = i + 1 == self.args.len();
            let array = evaluate_on(arg, frame, &remaining)?;
            if last || array.null_count() == 0 {
                gather.add(&remaining, array);
                break;
            }
            let (nulls, valid): (Vec<u32>, Vec<u32>) = {
                let (mut nulls, mut valid) = (Vec::new(), Vec::new());
                for (place, &row) in remaining.iter().enumerate() {
                    if array.is_null(place) {
                        nulls.push(row);
                    } else {
                        gather.places[row as usize] = (gather.arrays.len(), place);
                        valid.push(row);
                    }
                }
                (nulls, valid)
            };
            if !valid.is_empty() {
                gather.arrays.push(array);
            }
            remaining = nulls;
        }
        gather.finish()
    }

    pub fn inputs(&self, found: &mut Vec<usize>) {
        self.args.iter().for_each(|arg| arg.inputs(found));
    }
}

/// AND (`decides` is false) or OR (`decides` is true) of two or more conditions, with SQL's three values.
pub(super) struct Connective {
    pub args: Vec<Node>,
    /// The value that decides the result whatever follows.
    pub decides: bool,
}

impl Connective {
    pub fn evaluate(&self, frame: &Frame<'_>) -> Result<Column, EvaluationError> {
        let mut result: Option<BooleanArray> = None;
        for arg in &self.args {
            let next = match (&result, arg.evaluate(frame)) {
                (_, Ok(column)) => column.into_array(frame.rows)?,
                (None, Err(error)) => return Err(error),
                // Perhaps it failed only for rows that are decided already.
                (Some(known), Err(_)) => self.undecided(arg, frame, known)?,
            };
            let next = condition(&next)?;
            result = Some(match &result {
                None => next.clone(),
                Some(known) if self.decides => arrow_arith::boolean::or_kleene(known, next)?,
                Some(known) => arrow_arith::boolean::and_kleene(known, next)?,
            });
        }
        match result {
            Some(mask) => Ok(Column::rows(Arc::new(mask))),
            None => Err(EvaluationError::Internal("AND or OR without arguments".to_owned())),
        }
    }

    /// `arg` on the rows that `known` has not decided; the others get the deciding value, which changes nothing there.
    fn undecided(&self, arg: &Node, frame: &Frame<'_>, known: &BooleanArray) -> Result<ArrayRef, EvaluationError> {
        let (open, decided) =
            split(&all_rows(frame), |row| Ok(!(known.is_valid(row) && known.value(row) == self.decides)))?;
        let mut gather = Gather::new(frame.rows);
        gather.add(&decided, Arc::new(BooleanArray::from(vec![self.decides; decided.len()])));
        // A constant would fail for no row at all.
        if !open.is_empty() {
            gather.add(&open, evaluate_on(arg, frame, &open)?);
        }
        gather.finish()?.into_array(frame.rows)
    }

    pub fn inputs(&self, found: &mut Vec<usize>) {
        self.args.iter().for_each(|arg| arg.inputs(found));
    }
}
