//! GROUP BY: Flink's changelog row by row, and the same table for any batches.

use nutkin_plan::ChangelogMode;
use nutkin_plan::operators::GroupAggregate;
use nutkin_types::RowKind::{self, *};
use nutkin_types::Schema;
use proptest::prelude::*;

use crate::state::Part;
use crate::tests::harness::*;
use crate::tests::plans::{BIGINT, call, schema};

fn input() -> Schema {
    schema(&[("k", BIGINT), ("v", BIGINT)])
}

fn harness(input_mode: ChangelogMode, generate_update_before: bool, ttl: Option<i64>, batch_rows: usize) -> Harness {
    let plan = GroupAggregate {
        grouping: vec![0],
        calls: vec![call("n", "COUNT", vec![], BIGINT), call("s", "SUM", vec![1], BIGINT)],
        at_end: false,
        generate_update_before,
        state_ttl: ttl,
    };
    let output = schema(&[("k", BIGINT), ("n", BIGINT), ("s", BIGINT)]);
    Harness::new(plan, &[(input(), input_mode)], (output, ChangelogMode::Retract), "UTC", batch_rows)
}

fn row(kind: RowKind, values: &[i64]) -> Change {
    (kind, values.iter().map(|v| int(*v)).collect())
}

#[test]
fn single_rows_give_flinks_changelog() {
    let mut h = harness(ChangelogMode::Retract, true, None, 1);
    h.push(0, &[row(Insert, &[1, 10]), row(Insert, &[1, 5]), row(Insert, &[2, 7]), row(Delete, &[1, 10])]);
    h.push(0, &[row(Delete, &[2, 7]), row(Insert, &[2, 0])]);
    let expected = vec![
        row(Insert, &[1, 1, 10]),
        row(UpdateBefore, &[1, 1, 10]),
        row(UpdateAfter, &[1, 2, 15]),
        row(Insert, &[2, 1, 7]),
        row(UpdateBefore, &[1, 2, 15]),
        row(UpdateAfter, &[1, 1, 5]),
        row(Delete, &[2, 1, 7]),
        row(Insert, &[2, 1, 0]),
    ];
    assert_eq!(h.out, expected);
}

/// Of a query that ends an aggregation of all rows has a row in any case; of one that does not only from the first row on.
#[test]
fn no_rows_are_a_row_where_the_query_ends() {
    let of_all = |at_end: bool| {
        let plan = GroupAggregate {
            grouping: Vec::new(),
            calls: vec![call("n", "COUNT", vec![], BIGINT), call("s", "SUM", vec![1], BIGINT)],
            at_end,
            generate_update_before: true,
            state_ttl: None,
        };
        let output = schema(&[("n", BIGINT), ("s", BIGINT)]);
        Harness::new(plan, &[(input(), ChangelogMode::Retract)], (output, ChangelogMode::Retract), "UTC", 1)
    };
    let nothing = vec![int(0), nutkin_types::Value::Null];
    let mut h = of_all(true);
    h.advance(5);
    assert!(h.out.is_empty());
    h.advance(i64::MAX);
    assert_eq!(h.out, vec![insert(nothing.clone())]);
    let mut h = of_all(true);
    h.push(0, &[row(Insert, &[1, 10]), row(Delete, &[1, 10])]);
    h.advance(i64::MAX);
    assert_eq!(h.out, vec![insert(nothing)]);
    let mut h = of_all(false);
    h.advance(i64::MAX);
    assert!(h.out.is_empty());
}

/// Each group once, and not again after a restart behind the end.
#[test]
fn groups_are_put_out_once_where_the_query_ends() {
    let plan = GroupAggregate {
        grouping: vec![0],
        calls: vec![call("n", "COUNT", vec![], BIGINT), call("s", "SUM", vec![1], BIGINT)],
        at_end: true,
        generate_update_before: false,
        state_ttl: None,
    };
    let output = schema(&[("k", BIGINT), ("n", BIGINT), ("s", BIGINT)]);
    let mut h = Harness::new(plan, &[(input(), ChangelogMode::Retract)], (output, ChangelogMode::Append), "UTC", 1);
    h.push(0, &[row(Insert, &[1, 10]), row(Insert, &[2, 7]), row(Insert, &[1, 5]), row(Delete, &[2, 7])]);
    h.advance(5);
    assert!(h.out.is_empty());
    h.advance(i64::MAX);
    assert_eq!(h.out, vec![row(Insert, &[1, 2, 15])]);
    let mut part = Part::default();
    h.snapshot(true, &mut part);
    h.replace(&[part]);
    h.out.clear();
    h.advance(i64::MAX);
    assert!(h.out.is_empty());
}

#[test]
fn a_batch_is_folded_per_key_and_unchanged_results_are_not_sent() {
    let mut h = harness(ChangelogMode::Retract, true, None, 100);
    h.push(0, &[row(Insert, &[1, 10]), row(Insert, &[1, 5]), row(Insert, &[2, 7])]);
    h.push(0, &[row(Delete, &[1, 10]), row(Insert, &[1, 10]), row(Delete, &[2, 7])]);
    assert_eq!(h.out, vec![row(Insert, &[1, 2, 15]), row(Insert, &[2, 1, 7]), row(Delete, &[2, 1, 7])]);
}

#[test]
fn update_before_is_left_out_when_nobody_needs_it() {
    let mut h = harness(ChangelogMode::Append, false, None, 1);
    h.push(0, &[insert(vec![int(1), int(1)]), insert(vec![int(1), int(2)])]);
    assert_eq!(h.out, vec![row(Insert, &[1, 1, 1]), row(UpdateAfter, &[1, 2, 3])]);
    materialise_upsert(&h.out, 1);
}

#[test]
fn a_retraction_of_an_unknown_key_is_dropped() {
    let mut h = harness(ChangelogMode::Retract, true, None, 10);
    h.push(0, &[row(Delete, &[9, 1])]);
    assert!(h.out.is_empty());
    h.push(0, &[row(UpdateBefore, &[9, 1]), row(UpdateAfter, &[9, 2])]);
    assert_eq!(h.out, vec![row(Insert, &[9, 1, 2])]);
}

#[test]
fn state_expires_after_its_time_to_live() {
    let mut h = harness(ChangelogMode::Append, true, Some(1000), 10);
    h.push(0, &[insert(vec![int(1), int(1)])]);
    h.now = 999;
    h.push(0, &[insert(vec![int(1), int(1)])]);
    h.now = 1998;
    h.push(0, &[insert(vec![int(1), int(1)])]);
    assert_eq!(h.out.last(), Some(&row(UpdateAfter, &[1, 3, 3])));
    h.now = 2998;
    h.push(0, &[insert(vec![int(1), int(1)])]);
    assert_eq!(h.out.last(), Some(&row(Insert, &[1, 1, 1])));
}

/// A valid changelog: only rows that are there are deleted.
fn changelog() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec((0..5i64, 0..4i64, any::<bool>()), 1..80).prop_map(|steps| {
        let mut present: Vec<(i64, i64)> = Vec::new();
        let mut changes = Vec::new();
        for (key, value, remove) in steps {
            let found = present.iter().position(|row| *row == (key, value));
            match found.filter(|_| remove) {
                Some(index) => {
                    present.swap_remove(index);
                    changes.push(row(Delete, &[key, value]));
                }
                None => {
                    present.push((key, value));
                    changes.push(row(Insert, &[key, value]));
                }
            }
        }
        changes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn batches_restores_and_shares_do_not_change_the_result(
        changes in changelog(),
        sizes in prop::collection::vec(1..12usize, 1..6),
    ) {
        let mut single = harness(ChangelogMode::Retract, true, None, 1);
        single.push(0, &changes);
        let expected = materialise(&single.out);

        let mut batched = harness(ChangelogMode::Retract, true, None, 64);
        let mut part = Part::default();
        for (i, chunk) in chunks(&changes, &sizes).iter().enumerate() {
            batched.push(0, chunk);
            batched.snapshot(i % 3 == 0, &mut part);
            if i % 4 == 3 {
                batched.replace(std::slice::from_ref(&part));
            }
        }
        prop_assert_eq!(&materialise(&batched.out), &expected);

        // Two subtasks that share the state retract exactly what is there.
        let mut out = batched.out.clone();
        for share in 0..2 {
            let mut half = batched.share(std::slice::from_ref(&part), share, 2);
            let mine: Vec<Change> = expected_rows(&changes).into_iter()
                .filter(|(_, row)| crate::state::KeyGroupRange::of(share, 2).contains(group(row)))
                .map(|(_, row)| (Delete, row))
                .collect();
            half.push(0, &mine);
            out.extend(half.out);
        }
        prop_assert!(materialise(&out).is_empty());
    }
}

proptest! {
    #[test]
    fn where_order_is_seen_batches_do_not_matter(
        changes in changelog(),
        sizes in prop::collection::vec(1..12usize, 1..6),
    ) {
        let mut single = harness(ChangelogMode::Retract, true, None, 1);
        single.push(0, &changes);
        let mut h = harness(ChangelogMode::Retract, true, None, 64).seen();
        chunks(&changes, &sizes).iter().for_each(|piece| h.push(0, piece));
        prop_assert_eq!(h.out, single.out);
    }
}

fn group(row: &Row) -> u8 {
    let batch = batch_of(&input(), &[insert(row.clone())], true);
    crate::state::key_groups(&[batch.column(0).clone()], 1).unwrap()[0]
}

/// Rows that are there in the end.
fn expected_rows(changes: &[Change]) -> Vec<Change> {
    let mut rows: Vec<Row> = Vec::new();
    for (kind, row) in changes {
        match kind.adds() {
            true => rows.push(row.clone()),
            false => {
                let index = rows.iter().position(|other| other == row).unwrap();
                rows.swap_remove(index);
            }
        }
    }
    rows.into_iter().map(insert).collect()
}
