//! Building lists out of elements that lie in other arrays: elements are gathered once for the whole batch.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType as ArrowType, Field};
use nutkin_types::arrow::arrow_type;

use crate::args::Args;
use crate::error::{EvaluationError, FunctionError};
use crate::keys::KeyEncoder;
use crate::registry::Site;

/// A list column: where the elements of each row are.
pub(super) struct Lists<'a> {
    list: &'a ListArray,
    args: &'a Args<'a>,
    index: usize,
}

impl<'a> Lists<'a> {
    pub fn of(args: &'a Args<'a>, index: usize) -> Result<Lists<'a>, EvaluationError> {
        let array = args.array(index)?;
        let list = array.as_list_opt::<i32>().ok_or_else(|| {
            EvaluationError::Internal(format!(
                "argument {} is an array of {}, not a list",
                index + 1,
                array.data_type()
            ))
        })?;
        Ok(Lists { list, args, index })
    }

    /// Positions of the elements of a row in [`Lists::values`]; None for NULL.
    pub fn row(&self, row: usize) -> Option<std::ops::Range<usize>> {
        let row = self.args.position(self.index, row);
        let offsets = self.list.offsets();
        self.list.is_valid(row).then(|| offsets[row] as usize..offsets[row + 1] as usize)
    }

    pub fn values(&self) -> &'a ArrayRef {
        self.list.values()
    }

    /// All elements in canonical bytes, to compare them.
    pub fn keys(&self) -> Result<KeyEncoder, EvaluationError> {
        keys(self.values())
    }
}

/// Canonical bytes of every value of an array.
pub(super) fn keys(array: &ArrayRef) -> Result<KeyEncoder, EvaluationError> {
    let mut encoder = KeyEncoder::new();
    encoder.encode(std::slice::from_ref(array), array.len())?;
    Ok(encoder)
}

/// The field of the elements of the result.
pub(super) fn element_field(site: &Site<'_>) -> Result<Arc<Field>, FunctionError> {
    match arrow_type(&site.result.logical) {
        ArrowType::List(field) => Ok(field),
        other => Err(FunctionError::Inconsistent(format!("an array function that gives {other}"))),
    }
}

/// Collects where the elements of the resulting lists are.
#[derive(Default)]
pub(super) struct Gather {
    places: Vec<(usize, usize)>,
    lengths: Vec<usize>,
    valid: Vec<bool>,
    begun: usize,
}

impl Gather {
    /// The next element of the row is at `place` of array `source`.
    pub fn push(&mut self, source: usize, place: usize) {
        self.places.push((source, place));
    }

    /// Ends the row.
    pub fn row(&mut self) {
        self.lengths.push(self.places.len() - self.begun);
        self.begun = self.places.len();
        self.valid.push(true);
    }

    /// The row is NULL.
    pub fn null(&mut self) {
        self.lengths.push(0);
        self.valid.push(false);
    }

    pub fn finish(self, sources: &[&dyn Array], field: &Arc<Field>) -> Result<ArrayRef, EvaluationError> {
        let values = arrow_select::interleave::interleave(sources, &self.places)?;
        let nulls = self.valid.contains(&false).then(|| NullBuffer::from(self.valid));
        let offsets = OffsetBuffer::from_lengths(self.lengths);
        Ok(Arc::new(ListArray::try_new(field.clone(), offsets, values, nulls)?))
    }
}
