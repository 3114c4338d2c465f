//! OVER windows against results computed row by row.

mod changing;
mod time;
mod whole;

use nutkin_plan::ChangelogMode;
use nutkin_plan::operators::{Frame, FrameBound, FrameUnit, OverAggregate, SortKey};
use nutkin_types::{LogicalType, RowKind, Schema, Value};

use crate::tests::harness::*;
use crate::tests::plans::{BIGINT, INSTANT, call, schema};

/// Columns of all inputs here: key, value, event time.
fn input() -> Schema {
    schema(&[("k", BIGINT), ("v", BIGINT), ("rowtime", INSTANT)])
}

fn key(column: usize) -> SortKey {
    SortKey { column, descending: false, nulls_first: true }
}

fn frame(unit: FrameUnit, start: FrameBound) -> Frame {
    Frame { unit, start, end: FrameBound::CurrentRow }
}

/// SUM, COUNT, MIN, MAX and FIRST_VALUE of the value, per key.
fn over(order: SortKey, frame: Frame) -> OverAggregate {
    let functions = ["SUM", "COUNT", "MIN", "MAX", "FIRST_VALUE"];
    OverAggregate {
        partition: vec![0],
        order: vec![order],
        frame,
        calls: functions.iter().map(|name| call(name, name, vec![1], BIGINT)).collect(),
        at_end: false,
        generate_update_before: true,
        state_ttl: None,
    }
}

fn harness(over: OverAggregate, mode: ChangelogMode, output: ChangelogMode, batch_rows: usize) -> Harness {
    let added = over.calls.iter().map(|call| nutkin_types::Column::new(call.name.clone(), call.data_type.clone()));
    let schema = Schema::new(input().columns.iter().cloned().chain(added).collect::<Vec<_>>());
    Harness::new(over, &[(input(), mode)], (schema, output), "UTC", batch_rows)
}

fn row(kind: RowKind, values: &[i64]) -> Change {
    (kind, values.iter().map(|value| int(*value)).collect())
}

fn number(row: &Row, column: usize) -> i64 {
    match row[column] {
        Value::Integer(number) => number,
        _ => i64::MIN,
    }
}

/// The row with the results of the rows in its frame, in order.
fn with_results(row: &Row, frame: &[&Row]) -> Row {
    let values: Vec<i64> = frame.iter().filter(|row| !row[1].is_null()).map(|row| number(row, 1)).collect();
    let some = |value: Option<i64>| value.map_or(Value::Null, Value::Integer);
    let sum = (!values.is_empty()).then(|| values.iter().sum());
    let results = [
        some(sum),
        int(values.len() as i64),
        some(values.iter().min().copied()),
        some(values.iter().max().copied()),
        some(values.first().copied()),
    ];
    row.iter().cloned().chain(results).collect()
}

fn sorted(mut changes: Vec<Change>) -> Vec<Change> {
    changes.sort_by_key(|change| format!("{change:?}"));
    changes
}

const DOUBLE: LogicalType = LogicalType::Double;
