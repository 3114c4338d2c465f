//! The temporal join against a look-up by hand.

use nutkin_plan::operators::{TemporalJoin, TemporalJoinKind};
use nutkin_plan::{ChangelogMode, Expr};
use nutkin_types::RowKind::{self, *};
use nutkin_types::{LogicalType, Value};
use proptest::prelude::*;

use crate::state::Part;
use crate::tests::harness::*;
use crate::tests::plans::{BIGINT, INSTANT, schema};

fn harness(kind: TemporalJoinKind, condition: Option<Expr>) -> Harness {
    let plan = TemporalJoin {
        kind,
        left_keys: vec![0],
        right_keys: vec![0],
        left_time: 2,
        right_time: 2,
        condition,
        state_ttl: None,
    };
    let left = schema(&[("k", BIGINT), ("v", BIGINT), ("ltime", INSTANT)]);
    let right = schema(&[("k", BIGINT), ("p", BIGINT), ("rtime", INSTANT)]);
    let output =
        schema(&[("k", BIGINT), ("v", BIGINT), ("ltime", INSTANT), ("rk", BIGINT), ("p", BIGINT), ("r", INSTANT)]);
    let append = ChangelogMode::Append;
    Harness::new(plan, &[(left, append), (right, ChangelogMode::Upsert)], (output, append), "UTC", 8)
}

fn row(kind: RowKind, values: &[i64]) -> Change {
    (kind, values.iter().map(|v| int(*v)).collect())
}

fn padded(values: &[i64]) -> Change {
    let mut row: Row = values.iter().map(|v| int(*v)).collect();
    row.resize(6, Value::Null);
    insert(row)
}

#[test]
fn a_row_meets_the_version_of_its_time_once_the_watermark_is_there() {
    let mut h = harness(TemporalJoinKind::Left, None);
    h.push(1, &[row(UpdateAfter, &[1, 100, 10]), row(UpdateAfter, &[1, 200, 20])]);
    h.push(0, &[row(Insert, &[1, 1, 15]), row(Insert, &[1, 2, 20]), row(Insert, &[1, 3, 5]), row(Insert, &[2, 4, 15])]);
    assert!(h.out.is_empty());
    h.advance(15);
    assert_eq!(h.out, vec![padded(&[1, 3, 5]), row(Insert, &[1, 1, 15, 1, 100, 10]), padded(&[2, 4, 15])]);
    h.push(1, &[row(Delete, &[1, 200, 25])]);
    h.push(0, &[row(Insert, &[1, 5, 30])]);
    h.advance(40);
    assert_eq!(h.out[3..], [row(Insert, &[1, 2, 20, 1, 200, 20]), padded(&[1, 5, 30])]);
}

#[test]
fn an_inner_join_keeps_only_rows_that_meet_the_condition() {
    let column = |index| Expr::input(index, BIGINT.nullable());
    let condition = Expr::call(">", vec![column(4), column(1)], LogicalType::Boolean.nullable());
    let mut h = harness(TemporalJoinKind::Inner, Some(condition));
    h.push(1, &[row(UpdateAfter, &[1, 5, 10])]);
    h.push(0, &[row(Insert, &[1, 4, 15]), row(Insert, &[1, 6, 15]), row(Insert, &[3, 0, 15])]);
    let null_key = insert(vec![Value::Null, int(1), int(15)]);
    h.push(0, &[null_key]);
    h.advance(20);
    assert_eq!(h.out, vec![row(Insert, &[1, 4, 15, 1, 5, 10])]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn it_equals_a_look_up_of_the_whole_history(
        left in prop::collection::vec((0..4i64, 0..200i64), 1..60),
        right in prop::collection::vec((0..4i64, 0..200i64, 0..5u8), 0..60),
        sizes in prop::collection::vec(1..15usize, 1..4),
    ) {
        // Both sides in order of time, so that the watermark can follow.
        let mut left: Vec<Change> =
            left.iter().enumerate().map(|(i, (k, t))| row(Insert, &[*k, i as i64, *t])).collect();
        let mut right: Vec<Change> = right.iter().enumerate().map(|(i, (k, t, delete))| {
            row(if *delete == 0 { Delete } else { UpdateAfter }, &[*k, 1000 + i as i64, *t])
        }).collect();
        let time = |change: &Change| match change.1[2] { Value::Integer(t) => t, _ => 0 };
        left.sort_by_key(time);
        right.sort_by_key(time);
        let mut expected: Vec<Change> = left.iter().map(|(_, l)| {
            let versions = right.iter().filter(|(_, r)| r[0] == l[0] && time(&(Insert, r.clone())) <= time(&(Insert, l.clone())));
            match versions.max_by_key(|(_, r)| time(&(Insert, r.clone()))) {
                Some((kind, r)) if kind.adds() => insert(l.iter().chain(r).cloned().collect()),
                _ => insert(l.iter().cloned().chain([Value::Null, Value::Null, Value::Null]).collect()),
            }
        }).collect();
        let mut h = harness(TemporalJoinKind::Left, None);
        let mut part = Part::default();
        let (lefts, rights) = (chunks(&left, &sizes), chunks(&right, &sizes));
        for i in 0..lefts.len().max(rights.len()) {
            if let Some(chunk) = rights.get(i) {
                h.push(1, chunk);
            }
            if let Some(chunk) = lefts.get(i) {
                h.push(0, chunk);
            }
            let seen = |chunks: &[Vec<Change>]| match i + 1 < chunks.len() {
                true => chunks[i].last().map_or(i64::MAX, time) - 1,
                false => i64::MAX,
            };
            h.advance(seen(&lefts).min(seen(&rights)));
            h.snapshot(i % 3 == 0, &mut part);
            if i % 2 == 1 {
                h.replace(std::slice::from_ref(&part));
            }
        }
        h.advance(i64::MAX);
        let mut found = h.out.clone();
        found.sort_by_key(|change| format!("{change:?}"));
        expected.sort_by_key(|change| format!("{change:?}"));
        prop_assert_eq!(found, expected);
    }
}
