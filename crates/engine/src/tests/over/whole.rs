//! Windows of an input that ends.

use nutkin_types::RowKind::Insert;
use proptest::prelude::*;

use super::*;
use crate::state::Part;

fn at_end(plan: OverAggregate) -> Harness {
    harness(OverAggregate { at_end: true, ..plan }, ChangelogMode::Append, ChangelogMode::Append, 100)
}

#[test]
fn places_in_a_partition_have_their_functions() {
    let mut plan = over(SortKey { descending: true, ..key(1) }, frame(FrameUnit::Rows, FrameBound::UnboundedPreceding));
    let ranks = ["ROW_NUMBER", "RANK", "DENSE_RANK"].map(|name| call(name, name, vec![], BIGINT));
    let shares = ["PERCENT_RANK", "CUME_DIST"].map(|name| call(name, name, vec![], DOUBLE));
    let mut tiles = call("NTILE", "NTILE", vec![], BIGINT);
    tiles.literals = vec![int(3)];
    let mut lead = call("LEAD", "LEAD", vec![1], BIGINT);
    lead.literals = vec![int(2), int(-9)];
    let lag = call("LAG", "LAG", vec![1], BIGINT);
    plan.calls = ranks.into_iter().chain(shares).chain([tiles, lead, lag]).collect();
    let mut h = at_end(plan);
    h.push(0, &[row(Insert, &[1, 5, 0]), row(Insert, &[1, 9, 1]), row(Insert, &[2, 4, 2]), row(Insert, &[1, 5, 3])]);
    h.push(0, &[row(Insert, &[1, 2, 4])]);
    h.advance(3);
    assert!(h.out.is_empty());
    h.advance(i64::MAX);
    h.advance(i64::MAX);
    let third = 1.0 / 3.0;
    let expected: Vec<Row> = [
        ([1, 9, 1, 1, 1, 1], 0.0, 0.25, [1, 5], Value::Null),
        ([1, 5, 0, 2, 2, 2], third, 0.75, [1, 2], int(9)),
        ([1, 5, 3, 3, 2, 2], third, 0.75, [2, -9], int(5)),
        ([1, 2, 4, 4, 4, 3], 1.0, 1.0, [3, -9], int(5)),
        ([2, 4, 2, 1, 1, 1], 0.0, 1.0, [1, -9], Value::Null),
    ]
    .into_iter()
    .map(|(places, percent, share, tiles, lag)| {
        let shares = [Value::Double(percent), Value::Double(share)];
        places.map(int).into_iter().chain(shares).chain(tiles.map(int)).chain([lag]).collect()
    })
    .collect();
    let found: Vec<Row> = h.out.into_iter().map(|(_, row)| row).collect();
    assert_eq!(found, expected);
}

/// Distance of a bound, back being negative; None where there is no end.
fn distance(bound: &FrameBound) -> Option<i64> {
    match bound {
        FrameBound::UnboundedPreceding | FrameBound::UnboundedFollowing => None,
        FrameBound::CurrentRow => Some(0),
        FrameBound::Preceding(n) => Some(-number(&vec![n.clone()], 0)),
        FrameBound::Following(n) => Some(number(&vec![n.clone()], 0)),
    }
}

fn expected(rows: &[Change], frame: &Frame, order: SortKey) -> Vec<Change> {
    let mut rows: Vec<&Row> = rows.iter().map(|(_, row)| row).collect();
    let turned = |row: &Row| if order.descending { -number(row, 2) } else { number(row, 2) };
    rows.sort_by_key(|row| (number(row, 0), turned(row)));
    let (from, to) = (distance(&frame.start), distance(&frame.end));
    let result = |(at, row): (usize, &&Row)| {
        let inside = |(place, other): &(usize, &&Row)| {
            let apart = match frame.unit {
                FrameUnit::Rows => *place as i64 - at as i64,
                FrameUnit::Range => turned(other) - turned(row),
            };
            other[0] == row[0] && from.is_none_or(|from| apart >= from) && to.is_none_or(|to| apart <= to)
        };
        let frame: Vec<&Row> = rows.iter().enumerate().filter(inside).map(|(_, row)| *row).collect();
        insert(with_results(row, &frame))
    };
    rows.iter().enumerate().map(result).collect()
}

fn any_bound(is_start: bool) -> impl Strategy<Value = FrameBound> {
    let unbounded = if is_start { FrameBound::UnboundedPreceding } else { FrameBound::UnboundedFollowing };
    prop_oneof![
        Just(unbounded),
        Just(FrameBound::CurrentRow),
        (0..8i64).prop_map(|n| FrameBound::Preceding(int(n))),
        (0..8i64).prop_map(|n| FrameBound::Following(int(n))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_frame_has_the_rows_between_its_ends(
        rows in prop::collection::vec((0..3i64, prop::option::weighted(0.9, -50..50i64), 0..20i64), 0..60),
        unit in prop::sample::select(vec![FrameUnit::Rows, FrameUnit::Range]),
        start in any_bound(true),
        end in any_bound(false),
        descending in any::<bool>(),
        sizes in prop::collection::vec(1..15usize, 1..4),
    ) {
        let value = |v: Option<i64>| v.map_or(Value::Null, Value::Integer);
        let rows: Vec<Change> =
            rows.into_iter().map(|(k, v, time)| insert(vec![int(k), value(v), int(time)])).collect();
        let (order, frame) = (SortKey { descending, ..key(2) }, Frame { unit, start, end });
        let mut h = at_end(over(order, frame.clone()));
        let mut part = Part::default();
        for (i, piece) in chunks(&rows, &sizes).iter().enumerate() {
            h.push(0, piece);
            h.snapshot(false, &mut part);
            if i % 2 == 1 {
                h.replace(std::slice::from_ref(&part));
            }
        }
        h.advance(i64::MAX);
        prop_assert_eq!(sorted(h.out), sorted(expected(&rows, &frame, order)));
    }
}
