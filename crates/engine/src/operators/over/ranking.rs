//! Functions of a row's place in its partition: ranks, and the values of rows at a distance.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, UInt32Array};
use arrow_schema::DataType as ArrowType;
use nutkin_plan::AggregateCall;
use nutkin_types::Value;

use super::sorted::Sorted;
use crate::error::{Failure, Result};

/// The results of a call that is decided by places; None of an aggregate.
pub(super) fn compute(call: &AggregateCall, sorted: &Sorted) -> Result<Option<ArrayRef>> {
    let rank = |row: usize| i64::from(sorted.peers[row].0 - sorted.partitions[row].0) + 1;
    let size = |row: usize| i64::from(sorted.partitions[row].1 - sorted.partitions[row].0);
    let rows = 0..sorted.rows();
    let found: ArrayRef = match call.function.as_str() {
        "ROW_NUMBER" => whole(rows.map(|row| row as i64 - i64::from(sorted.partitions[row].0) + 1)),
        "RANK" => whole(rows.map(rank)),
        "DENSE_RANK" => whole(dense(sorted).into_iter()),
        "PERCENT_RANK" => Arc::new(Float64Array::from_iter_values(rows.map(|row| match size(row) {
            1 => 0.0,
            size => (rank(row) - 1) as f64 / (size - 1) as f64,
        }))),
        "CUME_DIST" => Arc::new(Float64Array::from_iter_values(
            rows.map(|row| f64::from(sorted.peers[row].1 - sorted.partitions[row].0) / size(row) as f64),
        )),
        "NTILE" => tiles(call, sorted)?,
        "LAG" => at_distance(call, sorted, -1)?,
        "LEAD" => at_distance(call, sorted, 1)?,
        _ => return Ok(None),
    };
    Ok(Some(found))
}

fn whole(numbers: impl Iterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(numbers))
}

fn dense(sorted: &Sorted) -> Vec<i64> {
    let mut rank = 0;
    let next = |row: usize| {
        rank = match row as u32 {
            row if row == sorted.partitions[row as usize].0 => 1,
            row if row == sorted.peers[row as usize].0 => rank + 1,
            _ => rank,
        };
        rank
    };
    (0..sorted.rows()).map(next).collect()
}

/// Buckets of equal size; the first ones have one row more where the division leaves a rest.
fn tiles(call: &AggregateCall, sorted: &Sorted) -> Result<ArrayRef> {
    let Some(Value::Integer(buckets)) = call.literals.first() else {
        return Err(Failure::internal("NTILE without the number of buckets"));
    };
    let buckets = (*buckets).max(1);
    let tile = |row: usize| {
        let (start, end) = sorted.partitions[row];
        let (size, place) = (i64::from(end - start), row as i64 - i64::from(start));
        let (length, larger) = (size / buckets, size % buckets);
        match (length + 1) * larger {
            in_larger if place < in_larger => place / (length + 1) + 1,
            in_larger => larger + (place - in_larger) / length.max(1) + 1,
        }
    };
    Ok(whole((0..sorted.rows()).map(tile)))
}

/// LAG and LEAD: arguments are the value, the distance and what stands where there is no such row.
fn at_distance(call: &AggregateCall, sorted: &Sorted, direction: i64) -> Result<ArrayRef> {
    let argument = |index: usize| call.args.get(index).map(|&column| &sorted.columns[column]);
    let literal = |index: usize| index.checked_sub(call.args.len()).and_then(|at| call.literals.get(at));
    let values = argument(0).ok_or_else(|| Failure::internal("LAG or LEAD without a value"))?;
    let distances = argument(1).map(|column| arrow_cast::cast(column, &ArrowType::Int64)).transpose()?;
    let constant = match literal(1) {
        None => 1,
        Some(Value::Integer(number)) => *number,
        Some(other) => return Err(Failure::internal(format!("{other:?} as the offset of LAG or LEAD"))),
    };
    let distance = |row: usize| match &distances {
        Some(distances) => distances.as_primitive::<Int64Type>().value(row),
        None => constant,
    };
    let places: UInt32Array = (0..sorted.rows())
        .map(|row| {
            let (start, end) = sorted.partitions[row];
            let place = (row as i64).saturating_add(distance(row).saturating_mul(direction));
            (i64::from(start)..i64::from(end)).contains(&place).then_some(place as u32)
        })
        .collect();
    let found = arrow_select::take::take(values, &places, None)?;
    let default = match (argument(2), literal(2)) {
        (Some(column), _) => column.clone(),
        (None, Some(literal)) if !literal.is_null() => literal.to_array(&call.data_type, sorted.rows())?,
        _ => return Ok(found),
    };
    let is_there = arrow_array::BooleanArray::from_iter((0..sorted.rows()).map(|row| Some(places.is_valid(row))));
    Ok(arrow_select::zip::zip(&is_there, &found, &default)?)
}
