//! Windows in an order that is not time.

use nutkin_types::RowKind::*;
use proptest::prelude::*;

use super::*;
use crate::state::Part;

fn by_value(unit: FrameUnit, batch_rows: usize) -> Harness {
    let plan = over(key(1), frame(unit, FrameBound::UnboundedPreceding));
    harness(plan, ChangelogMode::Retract, ChangelogMode::Retract, batch_rows)
}

#[test]
fn a_row_changes_the_results_of_those_behind_it() {
    let mut h = by_value(FrameUnit::Rows, 1);
    h.push(0, &[row(Insert, &[1, 1, 0]), row(Insert, &[1, 5, 0]), row(UpdateAfter, &[1, 3, 0])]);
    let first = [
        row(Insert, &[1, 1, 0, 1, 1, 1, 1, 1]),
        row(Insert, &[1, 5, 0, 6, 2, 1, 5, 1]),
        row(UpdateAfter, &[1, 3, 0, 4, 2, 1, 3, 1]),
        row(UpdateBefore, &[1, 5, 0, 6, 2, 1, 5, 1]),
        row(UpdateAfter, &[1, 5, 0, 9, 3, 1, 5, 1]),
    ];
    assert_eq!(h.out, first);
    h.out.clear();
    h.push(0, &[row(UpdateBefore, &[1, 1, 0]), row(Delete, &[1, 4, 0])]);
    let second = [
        row(Delete, &[1, 1, 0, 1, 1, 1, 1, 1]),
        row(UpdateBefore, &[1, 3, 0, 4, 2, 1, 3, 1]),
        row(UpdateAfter, &[1, 3, 0, 3, 1, 3, 3, 3]),
        row(UpdateBefore, &[1, 5, 0, 9, 3, 1, 5, 1]),
        row(UpdateAfter, &[1, 5, 0, 8, 2, 3, 5, 3]),
    ];
    assert_eq!(h.out, second);
}

#[test]
fn rows_that_are_equal_share_the_result_of_a_range() {
    let mut h = by_value(FrameUnit::Range, 100);
    h.push(0, &[row(Insert, &[1, 1, 0])]);
    h.push(0, &[row(Insert, &[1, 1, 7])]);
    let expected = [
        row(Insert, &[1, 1, 0, 1, 1, 1, 1, 1]),
        row(UpdateBefore, &[1, 1, 0, 1, 1, 1, 1, 1]),
        row(UpdateAfter, &[1, 1, 0, 2, 2, 1, 1, 1]),
        row(Insert, &[1, 1, 7, 2, 2, 1, 1, 1]),
    ];
    assert_eq!(h.out, expected);
}

#[test]
fn a_partition_that_is_idle_for_its_time_to_live_is_dropped() {
    let plan =
        OverAggregate { state_ttl: Some(100), ..over(key(1), frame(FrameUnit::Rows, FrameBound::UnboundedPreceding)) };
    let mut h = harness(plan, ChangelogMode::Retract, ChangelogMode::Retract, 100);
    h.push(0, &[row(Insert, &[1, 1, 0])]);
    h.now = 100;
    h.push(0, &[row(Insert, &[1, 2, 0]), row(Delete, &[1, 1, 0])]);
    assert_eq!(h.out[1..], [row(Insert, &[1, 2, 0, 2, 1, 2, 2, 2])]);
    h.now = 300;
    h.advance(0);
    let mut part = Part::default();
    h.snapshot(true, &mut part);
    assert_eq!(part.tables["rows"].iter().map(|batch| batch.num_rows()).sum::<usize>(), 0);
}

/// The table that is left: every row with the results of those up to it. Rows are numbered in their last column, so that none
/// are equal.
fn expected(rows: &[Row], unit: FrameUnit) -> Vec<Change> {
    let result = |(at, row): (usize, &Row)| {
        let frame = rows.iter().enumerate().filter(|(place, other)| {
            let order = (number(other, 1)).cmp(&number(row, 1));
            other[0] == row[0] && (order.is_lt() || (order.is_eq() && (unit == FrameUnit::Range || *place <= at)))
        });
        let mut frame: Vec<&Row> = frame.map(|(_, row)| row).collect();
        frame.sort_by_key(|row| number(row, 1));
        insert(with_results(row, &frame))
    };
    rows.iter().enumerate().map(result).collect()
}

/// A row that changes is the last that came even where it comes to what it was.
#[test]
fn a_sink_that_keeps_the_last_row_hears_of_every_change() {
    let changes = [row(Insert, &[1, 6, 0]), row(Insert, &[1, 3, 1]), row(Delete, &[1, 3, 1])];
    let mut h = by_value(FrameUnit::Range, 100).seen();
    h.push(0, &changes);
    let expected = [
        row(Insert, &[1, 6, 0, 6, 1, 6, 6, 6]),
        row(Insert, &[1, 3, 1, 3, 1, 3, 3, 3]),
        row(UpdateBefore, &[1, 6, 0, 6, 1, 6, 6, 6]),
        row(UpdateAfter, &[1, 6, 0, 9, 2, 3, 6, 3]),
        row(Delete, &[1, 3, 1, 3, 1, 3, 3, 3]),
        row(UpdateBefore, &[1, 6, 0, 9, 2, 3, 6, 3]),
        row(UpdateAfter, &[1, 6, 0, 6, 1, 6, 6, 6]),
    ];
    assert_eq!(h.out, expected);
    let mut h = by_value(FrameUnit::Range, 100);
    h.push(0, &changes);
    assert_eq!(h.out, expected[..1]);
}

/// Rows that come and go, numbered in their last column.
fn changes_of_steps(steps: &[(i64, i64, bool, prop::sample::Index)]) -> (Vec<Row>, Vec<Change>) {
    let (mut live, mut changes): (Vec<Row>, Vec<Change>) = (Vec::new(), Vec::new());
    for (number, (k, v, goes, which)) in steps.iter().enumerate() {
        if *goes && !live.is_empty() {
            changes.push((Delete, live.remove(which.index(live.len()))));
        } else {
            live.push(vec![int(*k), int(*v), int(number as i64)]);
            changes.push((Insert, live[live.len() - 1].clone()));
        }
    }
    (live, changes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_table_left_is_that_of_all_rows(
        steps in prop::collection::vec((0..3i64, -6..6i64, any::<bool>(), any::<prop::sample::Index>()), 1..60),
        sizes in prop::collection::vec(1..12usize, 1..4),
        unit in prop::sample::select(vec![FrameUnit::Rows, FrameUnit::Range]),
        row_by_row in any::<bool>(),
    ) {
        let (live, changes) = changes_of_steps(&steps);
        let mut h = by_value(unit, if row_by_row { 1 } else { 64 });
        let mut part = Part::default();
        for (i, piece) in chunks(&changes, &sizes).iter().enumerate() {
            h.push(0, piece);
            h.snapshot(i % 3 == 0, &mut part);
            if i % 2 == 1 {
                h.replace(std::slice::from_ref(&part));
            }
        }
        prop_assert_eq!(materialise(&h.out), materialise(&expected(&live, unit)));
    }
    #[test]
    fn where_order_is_seen_batches_do_not_matter(
        steps in prop::collection::vec((0..3i64, -6..6i64, any::<bool>(), any::<prop::sample::Index>()), 1..60),
        sizes in prop::collection::vec(1..12usize, 1..4),
        unit in prop::sample::select(vec![FrameUnit::Rows, FrameUnit::Range]),
    ) {
        let changes = changes_of_steps(&steps).1;
        let (mut single, mut h) = (by_value(unit, 1), by_value(unit, 64).seen());
        changes.iter().for_each(|change| single.push(0, std::slice::from_ref(change)));
        chunks(&changes, &sizes).iter().for_each(|piece| h.push(0, piece));
        prop_assert_eq!(h.out, single.out);
    }
}
