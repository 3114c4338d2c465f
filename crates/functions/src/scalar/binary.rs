//! Loops over two numeric columns, any of which may be constant; written so that the compiler vectorises them.

use std::sync::Arc;

use arrow_arith::arity;
use arrow_array::cast::AsArray;
use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{Array, ArrayRef, BooleanArray, PrimitiveArray};
use arrow_buffer::{BooleanBuffer, NullBuffer};

use crate::args::Args;
use crate::error::EvaluationError;

fn primitive<'a, T: ArrowPrimitiveType>(
    args: &Args<'a>,
    index: usize,
) -> Result<(&'a PrimitiveArray<T>, bool), EvaluationError> {
    let column = args.column(index)?;
    let array = column.array.as_primitive_opt::<T>().ok_or_else(|| {
        EvaluationError::Internal(format!("argument {} is an array of {}", index + 1, column.array.data_type()))
    })?;
    Ok((array, column.constant && args.rows != 1))
}

/// `op` of both arguments; NULL where one is NULL.
pub(super) fn binary<T: ArrowPrimitiveType>(
    args: &Args<'_>,
    op: impl Fn(T::Native, T::Native) -> T::Native,
) -> Result<ArrayRef, EvaluationError> {
    let ((left, left_constant), (right, right_constant)) = (primitive::<T>(args, 0)?, primitive::<T>(args, 1)?);
    let array: PrimitiveArray<T> = match (left_constant, right_constant) {
        (false, false) => arity::binary(left, right, op)?,
        (false, true) if right.is_valid(0) => {
            let right = right.value(0);
            left.unary(|left| op(left, right))
        }
        (true, false) if left.is_valid(0) => {
            let left = left.value(0);
            right.unary(|right| op(left, right))
        }
        _ => PrimitiveArray::new_null(args.rows),
    };
    Ok(Arc::new(array))
}

/// As [`binary`], for operations that may fail or give NULL; they see no NULL.
pub(super) fn try_binary<T: ArrowPrimitiveType, R: ArrowPrimitiveType>(
    args: &Args<'_>,
    op: impl Fn(T::Native, T::Native) -> Result<Option<R::Native>, EvaluationError>,
) -> Result<PrimitiveArray<R>, EvaluationError> {
    let (left, right) = (args.numbers::<T>(0)?, args.numbers::<T>(1)?);
    args.build_numbers::<R>(|row| match (left.get(row), right.get(row)) {
        (Some(left), Some(right)) => op(left, right),
        _ => Ok(None),
    })
}

/// A comparison of both arguments; NULL where one is NULL.
pub(super) fn compare<T: ArrowPrimitiveType>(
    args: &Args<'_>,
    op: impl Fn(T::Native, T::Native) -> bool,
) -> Result<ArrayRef, EvaluationError> {
    let ((left, left_constant), (right, right_constant)) = (primitive::<T>(args, 0)?, primitive::<T>(args, 1)?);
    let rows = args.rows;
    let (a, b) = (left.values(), right.values());
    let (bits, nulls) = match (left_constant, right_constant) {
        (false, false) => {
            (BooleanBuffer::collect_bool(rows, |i| op(a[i], b[i])), NullBuffer::union(left.nulls(), right.nulls()))
        }
        (false, true) if right.is_valid(0) => {
            let b = b[0];
            (BooleanBuffer::collect_bool(rows, |i| op(a[i], b)), left.nulls().cloned())
        }
        (true, false) if left.is_valid(0) => {
            let a = a[0];
            (BooleanBuffer::collect_bool(rows, |i| op(a, b[i])), right.nulls().cloned())
        }
        _ => (BooleanBuffer::new_unset(rows), Some(NullBuffer::new_null(rows))),
    };
    Ok(Arc::new(BooleanArray::new(bits, nulls)))
}
