//! [`Args`]: what a kernel is given, with typed readers and builders.
//!
//! Readers hide whether a column is constant; builders write results without an allocation per row.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, BinaryArray, BooleanArray, PrimitiveArray, StringArray};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer};

use crate::column::Column;
use crate::context::EvaluationContext;
use crate::error::EvaluationError;

/// Arguments of one call on one batch.
pub struct Args<'a> {
    pub columns: &'a [Column],
    /// Number of results wanted: 1 when all arguments are constant.
    pub rows: usize,
    pub context: &'a EvaluationContext,
}

/// Reads a column of a primitive Arrow type.
#[derive(Clone, Copy)]
pub struct Numbers<'a, T: ArrowPrimitiveType> {
    array: &'a PrimitiveArray<T>,
    constant: bool,
}

impl<T: ArrowPrimitiveType> Numbers<'_, T> {
    #[inline]
    pub fn get(&self, row: usize) -> Option<T::Native> {
        let row = if self.constant { 0 } else { row };
        self.array.is_valid(row).then(|| self.array.values()[row])
    }
}

/// Reads a column of texts.
#[derive(Clone, Copy)]
pub struct Texts<'a> {
    array: &'a StringArray,
    constant: bool,
}

impl<'a> Texts<'a> {
    #[inline]
    pub fn get(&self, row: usize) -> Option<&'a str> {
        let row = if self.constant { 0 } else { row };
        self.array.is_valid(row).then(|| self.array.value(row))
    }
}

/// Reads a column of byte strings.
#[derive(Clone, Copy)]
pub struct Binaries<'a> {
    array: &'a BinaryArray,
    constant: bool,
}

impl<'a> Binaries<'a> {
    #[inline]
    pub fn get(&self, row: usize) -> Option<&'a [u8]> {
        let row = if self.constant { 0 } else { row };
        self.array.is_valid(row).then(|| self.array.value(row))
    }
}

/// Reads a column of booleans.
#[derive(Clone, Copy)]
pub struct Booleans<'a> {
    array: &'a BooleanArray,
    constant: bool,
}

impl Booleans<'_> {
    #[inline]
    pub fn get(&self, row: usize) -> Option<bool> {
        let row = if self.constant { 0 } else { row };
        self.array.is_valid(row).then(|| self.array.value(row))
    }
}

impl<'a> Args<'a> {
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    pub fn column(&self, index: usize) -> Result<&'a Column, EvaluationError> {
        self.columns.get(index).ok_or_else(|| EvaluationError::Internal(format!("argument {} is missing", index + 1)))
    }

    /// The position in column `index`'s array that stands for `row`.
    #[inline]
    pub fn position(&self, index: usize, row: usize) -> usize {
        if self.columns.get(index).is_some_and(|column| column.constant) { 0 } else { row }
    }

    pub fn array(&self, index: usize) -> Result<&'a ArrayRef, EvaluationError> {
        Ok(&self.column(index)?.array)
    }

    /// Column `index` with one value per row.
    pub fn expanded(&self, index: usize) -> Result<ArrayRef, EvaluationError> {
        self.column(index)?.clone().into_array(self.rows)
    }

    pub fn numbers<T: ArrowPrimitiveType>(&self, index: usize) -> Result<Numbers<'a, T>, EvaluationError> {
        let column = self.column(index)?;
        let array = column.array.as_primitive_opt::<T>().ok_or_else(|| mismatch(index, column, &T::DATA_TYPE))?;
        Ok(Numbers { array, constant: column.constant })
    }

    pub fn ints(&self, index: usize) -> Result<Numbers<'a, Int32Type>, EvaluationError> {
        self.numbers(index)
    }

    pub fn bigints(&self, index: usize) -> Result<Numbers<'a, Int64Type>, EvaluationError> {
        self.numbers(index)
    }

    pub fn texts(&self, index: usize) -> Result<Texts<'a>, EvaluationError> {
        let column = self.column(index)?;
        let array = column
            .array
            .as_string_opt::<i32>()
            .ok_or_else(|| mismatch(index, column, &arrow_schema::DataType::Utf8))?;
        Ok(Texts { array, constant: column.constant })
    }

    pub fn binaries(&self, index: usize) -> Result<Binaries<'a>, EvaluationError> {
        let column = self.column(index)?;
        let array = column
            .array
            .as_binary_opt::<i32>()
            .ok_or_else(|| mismatch(index, column, &arrow_schema::DataType::Binary))?;
        Ok(Binaries { array, constant: column.constant })
    }

    pub fn booleans(&self, index: usize) -> Result<Booleans<'a>, EvaluationError> {
        let column = self.column(index)?;
        let array =
            column.array.as_boolean_opt().ok_or_else(|| mismatch(index, column, &arrow_schema::DataType::Boolean))?;
        Ok(Booleans { array, constant: column.constant })
    }

    /// Texts: `write` appends row's text to the buffer and returns Some, or returns None for NULL.
    pub fn build_texts(
        &self,
        mut write: impl FnMut(usize, &mut String) -> Result<Option<()>, EvaluationError>,
    ) -> Result<ArrayRef, EvaluationError> {
        let mut builder = StringBuilder::with_capacity(self.rows, self.rows * 16);
        let mut scratch = String::new();
        for row in 0..self.rows {
            scratch.clear();
            match write(row, &mut scratch)? {
                Some(()) => builder.append_value(&scratch),
                None => builder.append_null(),
            }
        }
        Ok(Arc::new(builder.finish()))
    }

    /// Texts that are slices of arguments.
    pub fn build_slices<'b>(
        &self,
        mut slice: impl FnMut(usize) -> Result<Option<&'b str>, EvaluationError>,
    ) -> Result<ArrayRef, EvaluationError> {
        let mut builder = StringBuilder::with_capacity(self.rows, self.rows * 16);
        for row in 0..self.rows {
            builder.append_option(slice(row)?);
        }
        Ok(Arc::new(builder.finish()))
    }

    /// Byte strings, as [`Args::build_texts`].
    pub fn build_binaries(
        &self,
        mut write: impl FnMut(usize, &mut Vec<u8>) -> Result<Option<()>, EvaluationError>,
    ) -> Result<ArrayRef, EvaluationError> {
        let mut builder = BinaryBuilder::with_capacity(self.rows, self.rows * 16);
        let mut scratch = Vec::new();
        for row in 0..self.rows {
            scratch.clear();
            match write(row, &mut scratch)? {
                Some(()) => builder.append_value(&scratch),
                None => builder.append_null(),
            }
        }
        Ok(Arc::new(builder.finish()))
    }

    /// Numbers of Arrow type `T`; None is NULL.
    pub fn build_numbers<T: ArrowPrimitiveType>(
        &self,
        mut value: impl FnMut(usize) -> Result<Option<T::Native>, EvaluationError>,
    ) -> Result<PrimitiveArray<T>, EvaluationError> {
        let mut values = Vec::with_capacity(self.rows);
        let mut validity = BooleanBufferBuilder::new(self.rows);
        for row in 0..self.rows {
            let value = value(row)?;
            validity.append(value.is_some());
            values.push(value.unwrap_or_default());
        }
        let nulls = NullBuffer::new(validity.finish());
        let nulls = (nulls.null_count() > 0).then_some(nulls);
        Ok(PrimitiveArray::new(values.into(), nulls))
    }

    /// Booleans; None is NULL.
    pub fn build_booleans(
        &self,
        mut value: impl FnMut(usize) -> Result<Option<bool>, EvaluationError>,
    ) -> Result<ArrayRef, EvaluationError> {
        let mut builder = arrow_array::builder::BooleanBuilder::with_capacity(self.rows);
        for row in 0..self.rows {
            builder.append_option(value(row)?);
        }
        Ok(Arc::new(builder.finish()))
    }
}

fn mismatch(index: usize, column: &Column, expected: &arrow_schema::DataType) -> EvaluationError {
    let given = column.array.data_type();
    EvaluationError::Internal(format!("argument {} is an array of {given}, not of {expected}", index + 1))
}

/// For writing to a String, which cannot fail.
pub(crate) fn ignore(result: std::fmt::Result) {
    debug_assert!(result.is_ok());
}
