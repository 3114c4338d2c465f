//! ChangelogNormalize: full before images, for any batches and restores.

use std::collections::BTreeMap;

use nutkin_plan::ChangelogMode;
use nutkin_plan::operators::ChangelogNormalize;
use nutkin_types::RowKind::{self, *};
use nutkin_types::Value;
use proptest::prelude::*;

use crate::state::Part;
use crate::tests::harness::*;
use crate::tests::plans::{BIGINT, schema};

fn harness(batch_rows: usize) -> Harness {
    let rows = schema(&[("k", BIGINT), ("v", BIGINT)]);
    let plan = ChangelogNormalize { key: vec![0], state_ttl: None, at_end: false };
    let (upsert, retract) = (ChangelogMode::Upsert, ChangelogMode::Retract);
    Harness::new(plan, &[(rows.clone(), upsert)], (rows, retract), "UTC", batch_rows)
}

fn row(kind: RowKind, values: &[i64]) -> Change {
    (kind, values.iter().map(|v| int(*v)).collect())
}

fn tombstone(key: i64) -> Change {
    (Delete, vec![int(key), Value::Null])
}

#[test]
fn single_rows_give_flinks_changelog() {
    let mut h = harness(1);
    h.push(0, &[row(UpdateAfter, &[1, 10]), row(UpdateAfter, &[1, 11]), row(UpdateAfter, &[1, 11]), tombstone(1)]);
    h.push(0, &[tombstone(1), row(UpdateAfter, &[1, 12])]);
    let expected = vec![
        row(Insert, &[1, 10]),
        row(UpdateBefore, &[1, 10]),
        row(UpdateAfter, &[1, 11]),
        row(Delete, &[1, 11]),
        row(Insert, &[1, 12]),
    ];
    assert_eq!(h.out, expected);
}

#[test]
fn where_order_is_seen_every_row_is_answered() {
    let mut h = harness(100).seen();
    h.push(0, &[row(UpdateAfter, &[1, 10])]);
    h.push(0, &[row(UpdateAfter, &[1, 11]), row(UpdateAfter, &[2, 10]), row(UpdateAfter, &[1, 10])]);
    let expected = vec![
        row(UpdateBefore, &[1, 10]),
        row(UpdateAfter, &[1, 11]),
        row(Insert, &[2, 10]),
        row(UpdateBefore, &[1, 11]),
        row(UpdateAfter, &[1, 10]),
    ];
    assert_eq!(h.out[1..], expected);
}

/// Of a query that ends the last row of each key is put out once.
#[test]
fn rows_are_put_out_once_where_the_query_ends() {
    let rows = schema(&[("k", BIGINT), ("v", BIGINT)]);
    let plan = ChangelogNormalize { key: vec![0], state_ttl: None, at_end: true };
    let mut h = Harness::new(plan, &[(rows.clone(), ChangelogMode::Upsert)], (rows, ChangelogMode::Append), "UTC", 100);
    h.push(0, &[row(UpdateAfter, &[1, 10]), row(UpdateAfter, &[2, 20]), row(UpdateAfter, &[1, 11])]);
    h.push(0, &[tombstone(2), row(UpdateAfter, &[3, 30])]);
    assert!(h.out.is_empty());
    h.advance(i64::MAX);
    h.out.sort_by_key(|(_, values)| format!("{values:?}"));
    assert_eq!(h.out, vec![row(Insert, &[1, 11]), row(Insert, &[3, 30])]);
    h.out.clear();
    h.advance(i64::MAX);
    assert!(h.out.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_table_is_the_last_row_of_every_key(
        steps in prop::collection::vec((0..5i64, prop::option::of(0..9i64)), 1..80),
        sizes in prop::collection::vec(1..12usize, 1..5),
    ) {
        let changes: Vec<Change> = steps.iter().map(|(key, value)| match value {
            Some(value) => row(UpdateAfter, &[*key, *value]),
            None => tombstone(*key),
        }).collect();
        let mut table: BTreeMap<i64, Row> = BTreeMap::new();
        for ((key, value), change) in steps.iter().zip(&changes) {
            match value {
                Some(_) => drop(table.insert(*key, change.1.clone())),
                None => drop(table.remove(key)),
            }
        }
        let mut h = harness(16);
        let mut part = Part::default();
        for (i, chunk) in chunks(&changes, &sizes).iter().enumerate() {
            h.push(0, chunk);
            h.snapshot(i % 3 == 0, &mut part);
            if i % 2 == 1 {
                h.replace(std::slice::from_ref(&part));
            }
        }
        let expected: BTreeMap<String, i64> = table.values().map(|row| (format!("{row:?}"), 1)).collect();
        prop_assert_eq!(materialise(&h.out), expected);
    }
}
