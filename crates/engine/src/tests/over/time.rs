//! Windows in the order of event time.

use nutkin_types::RowKind::Insert;
use proptest::prelude::*;

use super::*;
use crate::state::Part;

fn by_time(unit: FrameUnit, start: FrameBound, batch_rows: usize) -> Harness {
    harness(over(key(2), frame(unit, start)), ChangelogMode::Append, ChangelogMode::Append, batch_rows)
}

/// Every row with its results, in order of time.
fn expected(rows: &[Change], unit: FrameUnit, before: Option<i64>) -> Vec<Change> {
    let mut rows: Vec<&Row> = rows.iter().map(|(_, row)| row).collect();
    rows.sort_by_key(|row| number(row, 2));
    let result = |(at, row): (usize, &&Row)| {
        let of_key = || rows.iter().enumerate().filter(|(_, other)| other[0] == row[0]);
        let time = number(row, 2);
        let frame: Vec<&Row> = match unit {
            FrameUnit::Rows => {
                let up_to: Vec<&Row> = of_key().filter(|(place, _)| *place <= at).map(|(_, row)| *row).collect();
                let kept = before.map_or(up_to.len(), |rows| (rows as usize + 1).min(up_to.len()));
                up_to[up_to.len() - kept..].to_vec()
            }
            FrameUnit::Range => of_key()
                .filter(|(_, other)| number(other, 2) <= time && before.is_none_or(|ms| number(other, 2) >= time - ms))
                .map(|(_, row)| *row)
                .collect(),
        };
        insert(with_results(row, &frame))
    };
    rows.iter().enumerate().map(result).collect()
}

#[test]
fn rows_come_out_in_order_of_time_once_the_watermark_is_there() {
    let mut h = by_time(FrameUnit::Rows, FrameBound::UnboundedPreceding, 100);
    h.push(0, &[row(Insert, &[1, 5, 30]), row(Insert, &[1, 7, 10]), row(Insert, &[2, 1, 20])]);
    assert!(h.out.is_empty());
    h.advance(20);
    assert_eq!(h.out, [row(Insert, &[1, 7, 10, 7, 1, 7, 7, 7]), row(Insert, &[2, 1, 20, 1, 1, 1, 1, 1])]);
    h.advance(30);
    assert_eq!(h.out[2..], [row(Insert, &[1, 5, 30, 12, 2, 5, 7, 7])]);
}

#[test]
fn rows_of_one_time_share_the_result_of_a_range_and_not_of_rows() {
    let rows = [row(Insert, &[1, 5, 10]), row(Insert, &[1, 7, 10])];
    let mut range = by_time(FrameUnit::Range, FrameBound::UnboundedPreceding, 100);
    range.push(0, &rows);
    range.advance(10);
    assert_eq!(range.out, [row(Insert, &[1, 5, 10, 12, 2, 5, 7, 5]), row(Insert, &[1, 7, 10, 12, 2, 5, 7, 5])]);
    let mut one_by_one = by_time(FrameUnit::Rows, FrameBound::Preceding(int(0)), 100);
    one_by_one.push(0, &rows);
    one_by_one.advance(10);
    assert_eq!(one_by_one.out, [row(Insert, &[1, 5, 10, 5, 1, 5, 5, 5]), row(Insert, &[1, 7, 10, 7, 1, 7, 7, 7])]);
}

#[test]
fn late_rows_are_dropped_and_counted() {
    let mut h = by_time(FrameUnit::Range, FrameBound::UnboundedPreceding, 100);
    h.push(0, &[row(Insert, &[1, 5, 30])]);
    h.advance(30);
    h.push(0, &[row(Insert, &[1, 9, 30]), row(Insert, &[2, 9, 29]), row(Insert, &[1, 2, 31])]);
    h.advance(40);
    assert_eq!(h.out[1..], [row(Insert, &[1, 2, 31, 7, 2, 2, 5, 5])]);
    assert_eq!(h.late(), 2);
}

#[test]
fn a_bounded_range_keeps_nothing_that_no_row_can_need() {
    let mut h = by_time(FrameUnit::Range, FrameBound::Preceding(int(10)), 100);
    h.push(0, &[row(Insert, &[1, 5, 30]), row(Insert, &[2, 5, 31])]);
    h.advance(35);
    let rows = |h: &mut Harness| {
        let mut part = Part::default();
        h.snapshot(true, &mut part);
        let tables = ["keys", "kept"].map(|name| part.tables[name].iter().map(|batch| batch.num_rows()).sum::<usize>());
        (tables[0], tables[1])
    };
    assert_eq!(rows(&mut h), (2, 2));
    h.advance(41);
    assert_eq!(rows(&mut h), (1, 1));
    h.advance(42);
    assert_eq!(rows(&mut h), (0, 0));
}

#[test]
fn a_key_that_is_idle_for_its_time_to_live_begins_anew() {
    let plan =
        OverAggregate { state_ttl: Some(1000), ..over(key(2), frame(FrameUnit::Rows, FrameBound::UnboundedPreceding)) };
    let mut h = harness(plan, ChangelogMode::Append, ChangelogMode::Append, 100);
    h.push(0, &[row(Insert, &[1, 5, 10]), row(Insert, &[2, 1, 10])]);
    h.advance(10);
    h.now = 999;
    h.push(0, &[row(Insert, &[1, 6, 20])]);
    h.advance(20);
    h.now = 1500;
    h.push(0, &[row(Insert, &[1, 7, 30]), row(Insert, &[2, 2, 30])]);
    h.advance(30);
    let last = [row(Insert, &[1, 7, 30, 18, 3, 5, 7, 5]), row(Insert, &[2, 2, 30, 2, 1, 2, 2, 2])];
    assert_eq!(h.out[3..], last);
}

#[test]
fn lag_looks_back_over_a_restart() {
    let mut plan = over(key(2), frame(FrameUnit::Rows, FrameBound::UnboundedPreceding));
    plan.calls = vec![call("n", "ROW_NUMBER", vec![], BIGINT), call("before", "LAG", vec![1], BIGINT)];
    plan.calls[1].literals = vec![int(2), int(-1)];
    let mut h = harness(plan, ChangelogMode::Append, ChangelogMode::Append, 100);
    let null = |time: i64| insert(vec![int(1), Value::Null, int(time)]);
    h.push(0, &[null(10), row(Insert, &[1, 6, 11])]);
    h.advance(11);
    let mut part = Part::default();
    h.snapshot(true, &mut part);
    h.replace(&[part]);
    h.push(0, &[row(Insert, &[1, 7, 12]), row(Insert, &[1, 8, 13])]);
    h.advance(13);
    let results: Vec<Row> = h.out.iter().map(|(_, row)| row[3..].to_vec()).collect();
    let lags = [int(-1), int(-1), Value::Null, int(6)];
    let expected: Vec<Row> = (1..).zip(lags).map(|(n, lag)| vec![int(n), lag]).collect();
    assert_eq!(results, expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn results_are_those_of_all_rows_in_the_frame(
        rows in prop::collection::vec((0..4i64, prop::option::weighted(0.9, -50..50i64), 1..150i64), 1..80),
        sizes in prop::collection::vec(1..15usize, 1..4),
        unit in prop::sample::select(vec![FrameUnit::Rows, FrameUnit::Range]),
        before in prop::option::of(0..30i64),
        batch_rows in 1..20usize,
    ) {
        let rows: Vec<Change> = {
            let mut rows = rows;
            rows.sort_by_key(|(_, _, time)| *time);
            let value = |v: Option<i64>| v.map_or(Value::Null, Value::Integer);
            rows.into_iter().map(|(k, v, time)| insert(vec![int(k), value(v), int(time)])).collect()
        };
        let start = before.map_or(FrameBound::UnboundedPreceding, |before| FrameBound::Preceding(int(before)));
        let mut h = by_time(unit, start, batch_rows);
        let (mut part, pieces) = (Part::default(), chunks(&rows, &sizes));
        let mut found = Vec::new();
        for (i, piece) in pieces.iter().enumerate() {
            h.push(0, piece);
            // Rows of the last time may still come.
            h.advance(piece.last().map_or(0, |(_, row)| number(row, 2)) - 1);
            h.snapshot(i % 3 == 0, &mut part);
            match i % 4 {
                1 => h.replace(std::slice::from_ref(&part)),
                3 => {
                    // Two subtasks take over, and a third one from those.
                    found.append(&mut h.out);
                    let mut shares = [h.share(std::slice::from_ref(&part), 0, 2), h.share(std::slice::from_ref(&part), 1, 2)];
                    let parts = shares.each_mut().map(|share| {
                        let mut part = Part::default();
                        share.snapshot(true, &mut part);
                        part
                    });
                    h.replace(&parts);
                    part = Part::default();
                    h.snapshot(true, &mut part);
                }
                _ => {}
            }
        }
        h.advance(i64::MAX);
        found.append(&mut h.out);
        prop_assert_eq!(h.late(), 0);
        prop_assert!(found.is_sorted_by_key(|(_, row)| number(row, 2)));
        prop_assert_eq!(sorted(found), sorted(expected(&rows, unit, before)));
    }
}
