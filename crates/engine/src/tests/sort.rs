//! StreamSort and StreamExpand.

use nutkin_plan::operators::{Expand, Sort, SortKey};
use nutkin_plan::{ChangelogMode, Expr};
use nutkin_types::RowKind::{self, *};
use nutkin_types::{LogicalType, Schema, Value};

use crate::state::Part;
use crate::tests::harness::*;
use crate::tests::plans::{BIGINT, schema};

fn rows() -> Schema {
    schema(&[("k", BIGINT), ("v", BIGINT)])
}

fn sort(order: Vec<SortKey>) -> Harness {
    let modes = (ChangelogMode::Retract, ChangelogMode::Append);
    Harness::new(Sort { order }, &[(rows(), modes.0)], (rows(), modes.1), "UTC", 100)
}

fn row(kind: RowKind, values: &[i64]) -> Change {
    (kind, values.iter().map(|v| int(*v)).collect())
}

fn null(value: i64) -> Change {
    insert(vec![Value::Null, int(value)])
}

#[test]
fn rows_come_in_order_at_the_end() {
    let by = |descending: bool, nulls_first: bool| SortKey { column: 0, descending, nulls_first };
    let mut h = sort(vec![by(true, false), SortKey { column: 1, descending: false, nulls_first: true }]);
    h.push(0, &[row(Insert, &[1, 5]), null(7), row(Insert, &[3, 2]), row(Insert, &[3, 1])]);
    h.advance(4);
    h.push(0, &[row(Insert, &[3, 1]), row(Insert, &[2, 0]), row(Delete, &[2, 0]), row(UpdateBefore, &[1, 5])]);
    h.push(0, &[row(UpdateAfter, &[1, 6])]);
    assert!(h.out.is_empty());
    h.advance(i64::MAX);
    let ordered = [row(Insert, &[3, 1]), row(Insert, &[3, 1]), row(Insert, &[3, 2]), row(Insert, &[1, 6]), null(7)];
    assert_eq!(h.out, ordered);
    h.advance(i64::MAX);
    assert_eq!(h.out.len(), 5);
}

#[test]
fn rows_are_there_after_a_restart() {
    let mut h = sort(vec![SortKey { column: 1, descending: false, nulls_first: true }]);
    h.push(0, &[row(Insert, &[1, 5]), row(Insert, &[2, 4]), row(Insert, &[2, 4])]);
    let mut part = Part::default();
    h.snapshot(true, &mut part);
    h.push(0, &[row(Delete, &[2, 4]), row(Insert, &[9, 9])]);
    h.snapshot(false, &mut part);
    h.replace(&[part]);
    h.advance(i64::MAX);
    assert_eq!(h.out, [row(Insert, &[2, 4]), row(Insert, &[1, 5]), row(Insert, &[9, 9])]);
}

#[test]
fn a_row_is_expanded_once_per_set() {
    let null = Expr::literal(Value::Null, BIGINT.nullable());
    let set = |number: i64| Expr::literal(Value::Integer(number), BIGINT.not_null());
    let column = |index: usize| Expr::input(index, BIGINT.nullable());
    let projections = vec![vec![column(0), column(1), set(0)], vec![null, column(1), set(2)]];
    let output = schema(&[("k", BIGINT), ("v", BIGINT), ("e", LogicalType::BigInt)]);
    let mode = ChangelogMode::Retract;
    let mut h = Harness::new(Expand { projections, id_column: 2 }, &[(rows(), mode)], (output, mode), "UTC", 100);
    h.push(0, &[row(Insert, &[1, 5]), row(Delete, &[1, 5])]);
    let of_none = |kind: RowKind| (kind, vec![Value::Null, int(5), int(2)]);
    let expected = [row(Insert, &[1, 5, 0]), row(Delete, &[1, 5, 0]), of_none(Insert), of_none(Delete)];
    assert_eq!(h.out, expected);
}
