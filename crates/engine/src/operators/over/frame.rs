//! Which rows each row's frame holds, of all rows of a partition in order.

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType as ArrowType, TimeUnit};
use nutkin_plan::operators::{Frame, FrameBound, FrameUnit, SortKey};
use nutkin_types::Value;
use nutkin_types::arrow::NANOSECONDS;

use super::sorted::Sorted;
use super::unsupported;
use crate::error::{Failure, Result};

/// First row of each row's frame and the row after its last.
pub(super) fn frames(frame: &Frame, order: &[SortKey], sorted: &Sorted) -> Result<Vec<(u32, u32)>> {
    match frame.unit {
        FrameUnit::Rows => by_rows(frame, sorted),
        FrameUnit::Range => by_range(frame, order, sorted),
    }
}

/// Rows from the current one to a bound; None without an end.
fn distance(bound: &FrameBound) -> Result<Option<i64>> {
    let number = |value: &Value| match value {
        Value::Integer(number) => Ok(*number),
        other => Err(unsupported(format!("A frame of {other:?} rows cannot be run"))),
    };
    Ok(match bound {
        FrameBound::UnboundedPreceding | FrameBound::UnboundedFollowing => None,
        FrameBound::CurrentRow => Some(0),
        FrameBound::Preceding(rows) => Some(number(rows)?.saturating_neg()),
        FrameBound::Following(rows) => Some(number(rows)?),
    })
}

fn by_rows(frame: &Frame, sorted: &Sorted) -> Result<Vec<(u32, u32)>> {
    let (from, to) = (distance(&frame.start)?, distance(&frame.end)?);
    let frame_of = |(row, &(start, end)): (usize, &(u32, u32))| {
        let at = |distance: i64| (row as i64).saturating_add(distance).clamp(start.into(), end.into()) as u32;
        let first = from.map_or(start, at);
        (first, to.map_or(end, |to| at(to.saturating_add(1))).max(first))
    };
    Ok(sorted.partitions.iter().enumerate().map(frame_of).collect())
}

/// Where a frame by values ends.
enum Edge<T> {
    Partition,
    Peers,
    /// At the current value plus so much, in the direction of the order.
    At(T),
}

fn edge<T>(bound: &FrameBound, read: impl Fn(&Value, bool) -> Result<T>) -> Result<Edge<T>> {
    Ok(match bound {
        FrameBound::UnboundedPreceding | FrameBound::UnboundedFollowing => Edge::Partition,
        FrameBound::CurrentRow => Edge::Peers,
        FrameBound::Preceding(distance) => Edge::At(read(distance, true)?),
        FrameBound::Following(distance) => Edge::At(read(distance, false)?),
    })
}

fn by_range(frame: &Frame, order: &[SortKey], sorted: &Sorted) -> Result<Vec<(u32, u32)>> {
    let has_distance = |bound: &FrameBound| matches!(bound, FrameBound::Preceding(_) | FrameBound::Following(_));
    if !has_distance(&frame.start) && !has_distance(&frame.end) {
        let none = |_: &Value, _: bool| Ok(0i128);
        let nothing = vec![None; sorted.rows()];
        return Ok(within(&nothing, &edge(&frame.start, none)?, &edge(&frame.end, none)?, sorted, |a, b| a + b));
    }
    let [key] = order else {
        return Err(unsupported("A frame of RANGE with a distance needs exactly one column in ORDER BY"));
    };
    let column = &sorted.columns[key.column];
    if matches!(column.data_type(), ArrowType::Float32 | ArrowType::Float64) {
        let column = arrow_cast::cast(column, &ArrowType::Float64)?;
        // A value that is no number is the greatest.
        let value = |value: f64| if value.is_nan() { f64::INFINITY } else { value };
        let turned = |number: f64| if key.descending { -value(number) } else { value(number) };
        let values: Vec<Option<f64>> =
            column.as_primitive::<Float64Type>().iter().map(|number| number.map(turned)).collect();
        let read = |distance: &Value, back: bool| match distance {
            Value::Integer(number) => Ok(if back { -(*number as f64) } else { *number as f64 }),
            Value::Double(number) => Ok(if back { -number } else { *number }),
            other => Err(unsupported(format!("A frame of {other:?} over numbers cannot be run"))),
        };
        return Ok(within(&values, &edge(&frame.start, read)?, &edge(&frame.end, read)?, sorted, |a, b| a + b));
    }
    let (values, scale) = exact(column)?;
    let turned = |number: i128| if key.descending { -number } else { number };
    let values: Vec<Option<i128>> = values.into_iter().map(|value| value.map(turned)).collect();
    let read = |distance: &Value, back: bool| match distance {
        Value::Integer(number) => Ok(i128::from(*number) * scale * if back { -1 } else { 1 }),
        Value::Decimal(unscaled) => Ok(if back { -*unscaled } else { *unscaled }),
        other => Err(unsupported(format!("A frame of {other:?} over these values cannot be run"))),
    };
    Ok(within(&values, &edge(&frame.start, read)?, &edge(&frame.end, read)?, sorted, |a: i128, b| a.saturating_add(b)))
}

/// Values as whole numbers, and how many of these a distance of 1 is. Times are counted in nanoseconds, of which a distance of
/// 1 millisecond has a million.
fn exact(column: &ArrayRef) -> Result<(Vec<Option<i128>>, i128)> {
    const MILLI: i128 = 1_000_000;
    let unit = |unit: &TimeUnit| if *unit == TimeUnit::Microsecond { 1000 } else { MILLI };
    let (each, scale) = match column.data_type() {
        ArrowType::Decimal128(_, scale) => {
            let values = column.as_primitive::<Decimal128Type>().iter().collect();
            let is_time = *column.data_type() == NANOSECONDS;
            let scale = if is_time { MILLI } else { 10i128.pow((*scale).try_into().unwrap_or(0)) };
            return Ok((values, scale));
        }
        ArrowType::Int8 | ArrowType::Int16 | ArrowType::Int32 | ArrowType::Int64 => (1, 1),
        ArrowType::Date32 => (86_400_000 * MILLI, MILLI),
        ArrowType::Time32(of) | ArrowType::Timestamp(of, _) => (unit(of), MILLI),
        other => return Err(unsupported(format!("A frame of RANGE with a distance over {other} cannot be run"))),
    };
    let plain = match column.data_type() {
        ArrowType::Date32 | ArrowType::Time32(_) => arrow_cast::cast(column, &ArrowType::Int32)?,
        _ => column.clone(),
    };
    let numbers = arrow_cast::cast(&plain, &ArrowType::Int64)?;
    let numbers = numbers.as_primitive_opt::<Int64Type>().ok_or_else(|| Failure::internal("whole numbers are none"))?;
    Ok((numbers.iter().map(|number| number.map(|number| i128::from(number) * each)).collect(), scale))
}

fn within<T: Copy + Default + PartialOrd>(
    values: &[Option<T>],
    start: &Edge<T>,
    end: &Edge<T>,
    sorted: &Sorted,
    plus: impl Fn(T, T) -> T,
) -> Vec<(u32, u32)> {
    let (mut partition, mut known) = ((0, 0), (0, 0));
    let frame_of = |row: usize| {
        if row == 0 || sorted.partitions[row] != partition {
            partition = sorted.partitions[row];
            known = with_values(values, partition);
        }
        let peers = sorted.peers[row];
        let search = |limit: T, comes_before: fn(T, T) -> bool| {
            let values = &values[known.0..known.1];
            let before = values.partition_point(|value| value.is_some_and(|value| comes_before(value, limit)));
            (known.0 + before) as u32
        };
        // Rows without a value are at no distance from each other, and have no other neighbours.
        let from = match (start, values[row]) {
            (Edge::Partition, _) => partition.0,
            (Edge::Peers, _) => peers.0,
            (Edge::At(distance), None) => {
                if *distance <= T::default() {
                    peers.0
                } else {
                    peers.1
                }
            }
            (Edge::At(distance), Some(value)) => search(plus(value, *distance), |value, limit| value < limit),
        };
        let to = match (end, values[row]) {
            (Edge::Partition, _) => partition.1,
            (Edge::Peers, _) => peers.1,
            (Edge::At(distance), None) => {
                if *distance >= T::default() {
                    peers.1
                } else {
                    peers.0
                }
            }
            (Edge::At(distance), Some(value)) => search(plus(value, *distance), |value, limit| value <= limit),
        };
        (from, to.max(from))
    };
    (0..sorted.rows()).map(frame_of).collect()
}

/// The rows of a partition that have a value; those without stand together at one of its ends.
fn with_values<T>(values: &[Option<T>], partition: (u32, u32)) -> (usize, usize) {
    let (start, end) = (partition.0 as usize, partition.1 as usize);
    let first = (start..end).find(|&row| values[row].is_some()).unwrap_or(end);
    let last = (first..end).rev().find(|&row| values[row].is_some()).map_or(first, |row| row + 1);
    (first, last)
}
