//! Time to live: what is kept of a key goes when nothing was heard of it for so long, at its next row or at a watermark.

use nutkin_functions::aggregate::{AggregateOptions, lookup};
use nutkin_plan::ChangelogMode::{Append, Retract, Upsert};
use nutkin_plan::operators::{
    ChangelogNormalize, GroupAggregate, IncrementalGroupAggregate, LocalGroupAggregate, MergedCall,
};
use nutkin_plan::{AggregateCall, ChangelogMode};
use nutkin_types::RowKind::{self, *};
use nutkin_types::{Column, Schema};

use crate::state::Part;
use crate::tests::harness::*;
use crate::tests::plans::{BIGINT, call, schema};

const TTL: Option<i64> = Some(100);

fn row(kind: RowKind, values: &[i64]) -> Change {
    (kind, values.iter().map(|v| int(*v)).collect())
}

/// COUNT by key, over rows that are only inserted or that can be taken back.
fn grouped(mode: ChangelogMode) -> Harness {
    let calls = vec![call("n", "COUNT", vec![], BIGINT)];
    let plan = GroupAggregate { grouping: vec![0], calls, at_end: false, generate_update_before: true, state_ttl: TTL };
    let (input, output) = (schema(&[("k", BIGINT)]), schema(&[("k", BIGINT), ("n", BIGINT)]));
    Harness::new(plan, &[(input, mode)], (output, Retract), "UTC", 100)
}

fn normalized() -> Harness {
    let rows = schema(&[("k", BIGINT), ("v", BIGINT)]);
    let plan = ChangelogNormalize { key: vec![0], state_ttl: TTL, at_end: false };
    Harness::new(plan, &[(rows.clone(), Upsert)], (rows, Retract), "UTC", 100)
}

/// COUNT(DISTINCT v) by key and bucket, made one of the key: rows of key, how many values are new, rows.
fn incremental() -> Harness {
    let distinct = AggregateCall { distinct: true, ..call("n", "COUNT", vec![2], BIGINT) };
    let argument = [BIGINT.nullable()];
    let options = AggregateOptions {
        arg_types: &argument,
        literals: &[],
        distinct: true,
        result: &argument[0],
        input_retracts: false,
    };
    let states = lookup("COUNT").unwrap().create(&options).unwrap().state_types();
    let width = states.len();
    let input = schema(&[("k", BIGINT), ("b", BIGINT), ("v", BIGINT)]);
    let keys = input.columns[..2].iter().cloned();
    let states = states.into_iter().enumerate().map(|(i, state)| Column::new(format!("count$0${i}"), state));
    let rows = Column::new("count1$", BIGINT.nullable());
    let between = Schema::new(keys.chain(states).chain([rows]).collect::<Vec<_>>());
    let local = LocalGroupAggregate { grouping: vec![0, 1], calls: vec![distinct.clone()], state_widths: vec![width] };
    let plan = IncrementalGroupAggregate {
        partial_grouping: vec![0, 1],
        final_grouping: vec![0],
        calls: vec![MergedCall {
            call: AggregateCall { args: (2..2 + width).collect(), ..distinct },
            arg_types: argument.to_vec(),
        }],
        state_widths: vec![1],
        rows_column: 2 + width,
        retracts: false,
        state_ttl: TTL,
    };
    let output = schema(&[("k", BIGINT), ("n", BIGINT), ("rows", BIGINT)]);
    let local = Harness::new(local, &[(input, Append)], (between.clone(), Append), "UTC", 100);
    Harness::new(plan, &[(between, Append)], (output, Append), "UTC", 100).behind(local)
}

/// What comes of one row at a time of the clock.
fn put(h: &mut Harness, now: i64, change: Change) -> Vec<Change> {
    h.now = now;
    h.push(0, &[change]);
    std::mem::take(&mut h.out)
}

/// Rows in state.
fn kept(h: &mut Harness) -> usize {
    let mut part = Part::default();
    h.snapshot(true, &mut part);
    part.tables.values().flatten().map(|batch| batch.num_rows()).sum()
}

/// A watermark when the time of all but one key is over.
fn watermark(h: &mut Harness, now: i64) -> usize {
    h.now = now;
    h.advance(1);
    assert!(h.out.is_empty());
    kept(h)
}

#[test]
fn a_group_begins_anew() {
    for mode in [Append, Retract] {
        let mut h = grouped(mode);
        put(&mut h, 0, row(Insert, &[1]));
        let update = vec![row(UpdateBefore, &[1, 1]), row(UpdateAfter, &[1, 2])];
        assert_eq!(put(&mut h, 99, row(Insert, &[1])), update);
        assert_eq!(put(&mut h, 199, row(Insert, &[1])), [row(Insert, &[1, 1])]);
        put(&mut h, 250, row(Insert, &[2]));
        assert_eq!(kept(&mut h), 2);
        assert_eq!(watermark(&mut h, 299), 1);
        assert_eq!(put(&mut h, 300, row(Insert, &[1])), [row(Insert, &[1, 1])]);
        let update = vec![row(UpdateBefore, &[2, 1]), row(UpdateAfter, &[2, 2])];
        assert_eq!(put(&mut h, 300, row(Insert, &[2])), update);
    }
}

/// Flink forgets the group without a word, and so knows nothing of what is taken back later.
#[test]
fn what_is_taken_back_too_late_is_dropped() {
    let mut h = grouped(Retract);
    put(&mut h, 0, row(Insert, &[1]));
    assert_eq!(put(&mut h, 100, row(Delete, &[1])), []);
    assert_eq!(kept(&mut h), 0);
}

#[test]
fn a_row_of_a_key_is_inserted_again() {
    let mut h = normalized();
    put(&mut h, 0, row(UpdateAfter, &[1, 10]));
    let update = vec![row(UpdateBefore, &[1, 10]), row(UpdateAfter, &[1, 10])];
    assert_eq!(put(&mut h, 99, row(UpdateAfter, &[1, 10])), update);
    assert_eq!(put(&mut h, 199, row(UpdateAfter, &[1, 12])), [row(Insert, &[1, 12])]);
    put(&mut h, 250, row(UpdateAfter, &[2, 20]));
    assert_eq!(watermark(&mut h, 299), 1);
    assert_eq!(put(&mut h, 300, row(Delete, &[1, 12])), []);
    assert_eq!(put(&mut h, 300, row(Delete, &[2, 20])), [row(Delete, &[2, 20])]);
}

#[test]
fn a_distinct_value_is_new_again() {
    let mut h = incremental();
    assert_eq!(put(&mut h, 0, row(Insert, &[1, 0, 5])), [row(Insert, &[1, 1, 1])]);
    assert_eq!(put(&mut h, 99, row(Insert, &[1, 0, 5])), [row(Insert, &[1, 0, 1])]);
    assert_eq!(put(&mut h, 199, row(Insert, &[1, 0, 5])), [row(Insert, &[1, 1, 1])]);
    put(&mut h, 250, row(Insert, &[1, 1, 6]));
    assert_eq!(kept(&mut h), 2);
    assert_eq!(watermark(&mut h, 299), 1);
    assert_eq!(put(&mut h, 300, row(Insert, &[1, 1, 6])), [row(Insert, &[1, 0, 1])]);
}

/// The times are in state: a restart does not make a key younger.
#[test]
fn the_time_goes_on_over_restarts() {
    for (mut h, change) in [
        (grouped(Append), row(Insert, &[1])),
        (normalized(), row(UpdateAfter, &[1, 10])),
        (incremental(), row(Insert, &[1, 0, 5])),
    ] {
        put(&mut h, 50, change.clone());
        let mut part = Part::default();
        h.snapshot(true, &mut part);
        h.replace(&[part]);
        h.now = 149;
        h.advance(1);
        assert_eq!(kept(&mut h), 1);
        let first = put(&mut h, 150, change);
        assert_eq!(first.iter().map(|change| change.0).collect::<Vec<_>>(), [Insert]);
    }
}
