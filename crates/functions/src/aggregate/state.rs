//! State columns of accumulators that keep many values per slot: lists of values, maps of values to counts.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, Int64Array, ListArray, PrimitiveArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::DataType as ArrowType;
use nutkin_types::arrow::arrow_type;
use nutkin_types::map::{map_array, map_keys};
use nutkin_types::{DataType, LogicalType as T};

use super::codec::Codec;
use crate::error::AggregateError;

fn broken() -> AggregateError {
    AggregateError::Internal("a state column has another type than it was written with".to_owned())
}

/// `MAP<value, BIGINT>`: the type of [`counts`].
pub(super) fn counts_type(value: &DataType) -> DataType {
    T::map(value.with_nullable(false), T::BigInt.not_null()).not_null()
}

/// One map of value to count per slot.
pub(super) fn counts<'a, C: Codec>(
    codec: &C,
    value: &DataType,
    slots: impl Iterator<Item = Vec<(&'a C::Ref, i64)>>,
) -> Result<ArrayRef, AggregateError> {
    let (mut keys, mut numbers, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
    for entries in slots {
        lengths.push(entries.len());
        for (key, count) in entries {
            keys.push(Some(key));
            numbers.push(count);
        }
    }
    let keys = codec.build(keys.into_iter())?;
    map(&counts_type(value), keys, Arc::new(Int64Array::from(numbers)), lengths, None)
}

/// A map array of `data_type` out of its parts.
pub(super) fn map(
    data_type: &DataType,
    keys: ArrayRef,
    values: ArrayRef,
    lengths: Vec<usize>,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef, AggregateError> {
    Ok(map_array(&data_type.logical, OffsetBuffer::from_lengths(lengths), keys, values, nulls)?)
}

/// Reads [`counts`]: calls `put(row, key, count)` for every entry.
pub(super) fn read_counts<C: Codec>(
    codec: &C,
    array: &ArrayRef,
    mut put: impl FnMut(usize, &C::Ref, i64),
) -> Result<(), AggregateError> {
    let map = array.as_map_opt().ok_or_else(broken)?;
    let keys = codec.open(map_keys(map))?;
    let counts = map.values().as_primitive_opt::<Int64Type>().ok_or_else(broken)?;
    for row in 0..map.len() {
        for at in map.offsets()[row] as usize..map.offsets()[row + 1] as usize {
            put(row, C::key(&keys, at), counts.value(at));
        }
    }
    Ok(())
}

/// `ARRAY<value>`: the type of [`lists`].
pub(super) fn list_type(value: &DataType) -> DataType {
    T::array(value.with_nullable(true)).nullable()
}

/// One list of values per slot; None is NULL.
pub(super) fn lists<'a, C: Codec>(
    codec: &C,
    list: &DataType,
    slots: impl Iterator<Item = Option<Vec<&'a C::Ref>>>,
) -> Result<ArrayRef, AggregateError> {
    let (mut keys, mut lengths, mut valid) = (Vec::new(), Vec::new(), Vec::new());
    for values in slots {
        valid.push(values.is_some());
        let values = values.unwrap_or_default();
        lengths.push(values.len());
        keys.extend(values.into_iter().map(Some));
    }
    let ArrowType::List(field) = arrow_type(&list.logical) else { return Err(broken()) };
    let values = codec.build(keys.into_iter())?;
    let nulls = Some(NullBuffer::from(valid)).filter(|nulls| nulls.null_count() > 0);
    Ok(Arc::new(ListArray::try_new(field, OffsetBuffer::from_lengths(lengths), values, nulls)?))
}

/// Reads [`lists`]: calls `put(row, key)` for every element in order.
pub(super) fn read_lists<C: Codec>(
    codec: &C,
    array: &ArrayRef,
    mut put: impl FnMut(usize, &C::Ref),
) -> Result<(), AggregateError> {
    let list = array.as_list_opt::<i32>().ok_or_else(broken)?;
    let values = codec.open(list.values())?;
    for row in (0..list.len()).filter(|&row| list.is_valid(row)) {
        for at in list.offsets()[row] as usize..list.offsets()[row + 1] as usize {
            put(row, C::key(&values, at));
        }
    }
    Ok(())
}

/// Column `index` of exported state as numbers.
pub(super) fn numbers<P: ArrowPrimitiveType>(
    state: &[ArrayRef],
    index: usize,
) -> Result<&PrimitiveArray<P>, AggregateError> {
    state.get(index).and_then(|array| array.as_primitive_opt::<P>()).ok_or_else(broken)
}

pub(super) fn column(state: &[ArrayRef], index: usize) -> Result<&ArrayRef, AggregateError> {
    state.get(index).ok_or_else(broken)
}

/// The argument column; a defect of the plan when it is missing.
pub(super) fn argument(args: &[ArrayRef]) -> Result<&ArrayRef, AggregateError> {
    args.first().ok_or_else(|| AggregateError::Internal("an aggregate function without its argument".to_owned()))
}

/// The type of the argument column.
pub(super) fn argument_type<'a>(options: &super::AggregateOptions<'a>) -> Result<&'a DataType, AggregateError> {
    let first = options.arg_types.first();
    first.ok_or_else(|| AggregateError::Internal("an aggregate function without its argument".to_owned()))
}

/// `other` as the concrete type `A`.
pub(super) fn same<A: 'static>(other: &dyn super::Accumulator) -> Result<&A, AggregateError> {
    let found = other.as_any().downcast_ref::<A>();
    found.ok_or_else(|| AggregateError::Internal("accumulators of different kinds cannot be merged".to_owned()))
}

/// Counts of a map as INT, for MULTISET.
pub(super) fn int_counts(counts: Vec<i64>) -> ArrayRef {
    Arc::new(PrimitiveArray::<Int32Type>::from_iter_values(counts.into_iter().map(|count| count as i32)))
}
