//! Arrays of texts and of numbers: read row by row, and built.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{Array, ArrayRef, ListArray, PrimitiveArray, StringArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType as ArrowType, FieldRef};
use nutkin_types::arrow::arrow_type;

use crate::args::Args;
use crate::error::{EvaluationError, FunctionError};
use crate::registry::Site;

/// The elements of one row of an array argument; None for NULL.
pub(super) fn list(args: &Args<'_>, index: usize, row: usize) -> Result<Option<ArrayRef>, EvaluationError> {
    let lists = args.array(index)?.as_list_opt::<i32>();
    let lists = lists.ok_or_else(|| EvaluationError::Internal(format!("argument {} is no array", index + 1)))?;
    let row = args.position(index, row);
    Ok(lists.is_valid(row).then(|| lists.value(row)))
}

pub(super) fn strings(elements: &ArrayRef) -> Result<&StringArray, EvaluationError> {
    elements.as_string_opt::<i32>().ok_or_else(|| EvaluationError::Internal("an array of no texts".to_owned()))
}

pub(super) fn numbers<P: ArrowPrimitiveType>(elements: &ArrayRef) -> Result<&PrimitiveArray<P>, EvaluationError> {
    elements.as_primitive_opt::<P>().ok_or_else(|| EvaluationError::Internal("an array of no numbers".to_owned()))
}

/// The field of the elements of the result.
pub(super) fn field(site: &Site<'_>) -> Result<FieldRef, FunctionError> {
    match arrow_type(&site.result.logical) {
        ArrowType::List(field) => Ok(field),
        other => Err(FunctionError::Inconsistent(format!("a list as {other}"))),
    }
}

/// One list of texts per row; None is NULL.
pub(super) fn build(
    args: &Args<'_>,
    field: &FieldRef,
    mut row_of: impl FnMut(usize) -> Result<Option<Vec<String>>, EvaluationError>,
) -> Result<ArrayRef, EvaluationError> {
    let (mut texts, mut lengths, mut valid) = (StringBuilder::new(), Vec::new(), Vec::new());
    for row in 0..args.rows {
        let found = row_of(row)?;
        valid.push(found.is_some());
        let found = found.unwrap_or_default();
        lengths.push(found.len());
        found.iter().for_each(|text| texts.append_value(text));
    }
    lists(field, Arc::new(texts.finish()), lengths, valid)
}

pub(super) fn lists(
    field: &FieldRef,
    elements: ArrayRef,
    lengths: Vec<usize>,
    valid: Vec<bool>,
) -> Result<ArrayRef, EvaluationError> {
    let nulls = valid.contains(&false).then(|| NullBuffer::from(valid));
    Ok(Arc::new(ListArray::try_new(field.clone(), OffsetBuffer::from_lengths(lengths), elements, nulls)?))
}
