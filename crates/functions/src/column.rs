//! [`Column`]: an argument or result of a kernel: one value per row, or one value for all rows.
//!
//! A constant is an array of length one, so that literals are never repeated per row; as a `Datum` it goes straight into
//! `arrow-rs` kernels.

use arrow_array::{Array, ArrayRef, Datum, UInt32Array};

use crate::error::EvaluationError;

/// An array of as many values as rows, or of one value that stands for all rows.
#[derive(Debug, Clone)]
pub struct Column {
    pub array: ArrayRef,
    /// True when `array` has length one and stands for every row.
    pub constant: bool,
}

impl Column {
    pub fn rows(array: ArrayRef) -> Column {
        Column { array, constant: false }
    }

    pub fn constant(array: ArrayRef) -> Column {
        Column { array, constant: true }
    }

    /// The value as an array of `rows` values.
    pub fn into_array(self, rows: usize) -> Result<ArrayRef, EvaluationError> {
        if !self.constant || rows == 1 {
            return Ok(self.array);
        }
        let indices = UInt32Array::from(vec![0; rows]);
        Ok(arrow_select::take::take(&self.array, &indices, None)?)
    }
}

impl Datum for Column {
    fn get(&self) -> (&dyn Array, bool) {
        (self.array.as_ref(), self.constant)
    }
}
