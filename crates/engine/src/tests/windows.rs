//! Windows against a computation by hand, for random rows, batches, watermarks and restores.

use std::collections::BTreeMap;

use nutkin_plan::operators::{
    GlobalWindowAggregate, GroupWindowAggregate, LocalWindowAggregate, MergedCall, WindowAggregate, WindowInput,
    WindowProperty, WindowTableFunction,
};
use nutkin_plan::{ChangelogMode, WindowSpec};
use nutkin_types::{LogicalType, Schema};
use proptest::prelude::*;

use crate::state::Part;
use crate::tests::harness::*;
use crate::tests::plans::{BIGINT, INSTANT, call, schema};

const LOCAL: LogicalType = LogicalType::Timestamp { precision: 3 };

fn aggregate(window: WindowSpec, time: LogicalType, zone: &str) -> Harness {
    let plan = WindowAggregate {
        grouping: vec![0],
        calls: vec![call("n", "COUNT", vec![], BIGINT), call("s", "SUM", vec![1], BIGINT)],
        input: WindowInput::Assign { window, time_column: 2 },
        properties: vec![WindowProperty::Start, WindowProperty::End, WindowProperty::Time],
    };
    let input = schema(&[("k", BIGINT), ("v", BIGINT), ("rowtime", time.clone())]);
    let output =
        schema(&[("k", BIGINT), ("n", BIGINT), ("s", BIGINT), ("ws", LOCAL), ("we", LOCAL), ("rowtime", time)]);
    let append = ChangelogMode::Append;
    Harness::new(plan, &[(input, append)], (output, append), zone, 100)
}

/// What a first phase sends to a second one.
fn between() -> Schema {
    schema(&[
        ("k", BIGINT),
        ("count$0", BIGINT),
        ("sum$1", BIGINT),
        ("sum$2", BIGINT),
        ("count1$", BIGINT),
        ("$slice_end", LOCAL),
    ])
}

/// The first of two phases.
fn first_phase(window: WindowSpec, time: LogicalType, zone: &str) -> Harness {
    let append = ChangelogMode::Append;
    let input = schema(&[("k", BIGINT), ("v", BIGINT), ("rowtime", time)]);
    let local = LocalWindowAggregate {
        grouping: vec![0],
        calls: vec![call("n", "COUNT", vec![], BIGINT), call("s", "SUM", vec![1], BIGINT)],
        state_widths: vec![1, 2],
        input: WindowInput::Assign { window, time_column: 2 },
    };
    Harness::new(local, &[(input, append)], (between(), append), zone, 100)
}

/// The same in two phases.
fn two_phases(window: WindowSpec, time: LogicalType, zone: &str) -> Harness {
    let append = ChangelogMode::Append;
    let output =
        schema(&[("k", BIGINT), ("n", BIGINT), ("s", BIGINT), ("ws", LOCAL), ("we", LOCAL), ("rowtime", time.clone())]);
    let global = GlobalWindowAggregate {
        grouping: vec![0],
        calls: vec![
            MergedCall { call: call("n", "COUNT", vec![1], BIGINT), arg_types: vec![] },
            MergedCall { call: call("s", "SUM", vec![2, 3], BIGINT), arg_types: vec![BIGINT.nullable()] },
        ],
        window,
        is_attached: false,
        is_instant: matches!(time, LogicalType::TimestampLtz { .. }),
        rows_column: 4,
        end_column: 5,
        retracts: false,
        properties: vec![WindowProperty::Start, WindowProperty::End, WindowProperty::Time],
    };
    let local = first_phase(window, time, zone);
    Harness::new(global, &[(between(), append)], (output, append), zone, 100).behind(local)
}

/// Of 300 rows each of whose keys comes `times` times, all in one window.
fn keys(times: i64) -> Vec<Change> {
    (0..300).map(|number| row(&[number / times, number, 1])).collect()
}

#[test]
fn a_first_phase_that_folds_nothing_stops_folding_for_a_while() {
    let tumble = WindowSpec::Tumble { size: 10, offset: 0 };
    let sent = |batches: &[i64]| {
        let mut first = first_phase(tumble, INSTANT, "UTC");
        let sent = batches.iter().map(|&times| {
            first.push(0, &keys(times));
            std::mem::take(&mut first.out).len()
        });
        sent.collect::<Vec<_>>()
    };
    assert_eq!(sent(&[3, 3]), [100, 100]);
    // The second batch is passed on row by row.
    assert_eq!(sent(&[1, 3]), [300, 300]);
    // In time it is looked at again.
    let mut batches = vec![1];
    batches.extend([3; 40]);
    assert_eq!(sent(&batches)[32..], [100; 9]);

    let (mut one, mut two) = (aggregate(tumble, INSTANT, "UTC"), two_phases(tumble, INSTANT, "UTC"));
    for h in [&mut one, &mut two] {
        for times in [1, 3, 2, 1] {
            h.push(0, &keys(times));
        }
        h.advance(i64::MAX);
        h.out.sort_by_key(|change| format!("{change:?}"));
    }
    assert_eq!(one.out.len(), 300);
    assert_eq!(one.out, two.out);
}

fn row(values: &[i64]) -> Change {
    insert(values.iter().map(|v| int(*v)).collect())
}

#[test]
fn a_tumbling_window_is_put_out_when_the_watermark_passes_its_end() {
    let mut h = aggregate(WindowSpec::Tumble { size: 1000, offset: 0 }, LOCAL, "UTC");
    h.push(0, &[row(&[1, 10, 100]), row(&[1, 20, 999]), row(&[1, 5, 1000])]);
    h.advance(998);
    assert!(h.out.is_empty());
    h.advance(999);
    assert_eq!(h.out, vec![row(&[1, 2, 30, 0, 1000, 999])]);
    h.push(0, &[row(&[1, 1, 500]), row(&[2, 1, 1001])]);
    assert_eq!(h.late(), 1);
    h.advance(i64::MAX);
    assert_eq!(h.out[1..], [row(&[1, 1, 5, 1000, 2000, 1999]), row(&[2, 1, 1, 1000, 2000, 1999])]);
}

/// GROUP BY HOP(...) whose size is no multiple of its slide, without a window time.
#[test]
fn a_window_of_groups_is_put_out_as_one_of_a_function() {
    let plan = GroupWindowAggregate {
        grouping: vec![0],
        calls: vec![call("n", "COUNT", vec![], BIGINT)],
        window: WindowSpec::Hop { slide: 2000, size: 3000, offset: 0 },
        time_column: 1,
        is_event_time: true,
        properties: vec![WindowProperty::Start, WindowProperty::End],
    };
    let input = schema(&[("k", BIGINT), ("rowtime", LOCAL)]);
    let output = schema(&[("k", BIGINT), ("n", BIGINT), ("ws", LOCAL), ("we", LOCAL)]);
    let append = ChangelogMode::Append;
    let mut h = Harness::new(plan, &[(input, append)], (output, append), "UTC", 100);
    h.push(0, &[row(&[1, 500]), row(&[1, 2500])]);
    h.advance(i64::MAX);
    h.out.sort_by_key(|(_, values)| format!("{values:?}"));
    let mut expected = vec![row(&[1, 1, -2000, 1000]), row(&[1, 2, 0, 3000]), row(&[1, 1, 2000, 5000])];
    expected.sort_by_key(|(_, values)| format!("{values:?}"));
    assert_eq!(h.out, expected);
}

#[test]
fn a_row_late_for_one_sliding_window_counts_for_the_next() {
    let mut h = aggregate(WindowSpec::Hop { slide: 1000, size: 2000, offset: 0 }, LOCAL, "UTC");
    h.push(0, &[row(&[1, 1, 1500])]);
    h.advance(1999);
    assert_eq!(h.out, vec![row(&[1, 1, 1, 0, 2000, 1999])]);
    h.push(0, &[row(&[1, 10, 1600])]);
    assert_eq!(h.late(), 0);
    h.advance(2999);
    assert_eq!(h.out[1..], [row(&[1, 2, 11, 1000, 3000, 2999])]);
    h.push(0, &[row(&[1, 10, 1700])]);
    assert_eq!(h.late(), 1);
}

#[test]
fn days_are_cut_in_the_session_time_zone() {
    const DAY: i64 = 86_400_000;
    let days = WindowSpec::Tumble { size: DAY, offset: 0 };
    days_of_berlin(aggregate(days, INSTANT, "Europe/Berlin"));
    days_of_berlin(two_phases(days, INSTANT, "Europe/Berlin"));
}

fn days_of_berlin(mut h: Harness) {
    const DAY: i64 = 86_400_000;
    // 2024-03-31, the day of 23 hours: it begins at 23:00 UTC of the day before and ends at 22:00 UTC.
    let midnight = 1_711_839_600_000;
    let local = 1_711_843_200_000;
    h.push(0, &[row(&[1, 1, midnight]), row(&[1, 2, midnight + 23 * 3_600_000 - 1]), row(&[1, 4, midnight - 1])]);
    h.advance(midnight - 1);
    assert_eq!(h.out, vec![row(&[1, 1, 4, local - DAY, local, midnight - 1])]);
    h.advance(midnight + 23 * 3_600_000 - 2);
    assert_eq!(h.out.len(), 1);
    h.advance(midnight + 23 * 3_600_000 - 1);
    assert_eq!(h.out[1], row(&[1, 2, 3, local, local + DAY, midnight + 23 * 3_600_000 - 1]));
}

#[test]
fn the_table_function_puts_a_row_into_each_of_its_windows() {
    let input = schema(&[("k", BIGINT), ("v", BIGINT), ("rowtime", LOCAL)]);
    let output =
        schema(&[("k", BIGINT), ("v", BIGINT), ("t", LOCAL), ("ws", LOCAL), ("we", LOCAL), ("rowtime", LOCAL)]);
    let plan = WindowTableFunction {
        window: WindowSpec::Cumulate { step: 100, max: 300, offset: 0 },
        time_column: 2,
        partition: Vec::new(),
    };
    let append = ChangelogMode::Append;
    let mut h = Harness::new(plan, &[(input, append)], (output, append), "UTC", 10);
    h.push(0, &[row(&[1, 7, 350]), row(&[1, 8, 599])]);
    assert_eq!(
        h.out,
        vec![
            row(&[1, 7, 350, 300, 400, 399]),
            row(&[1, 7, 350, 300, 500, 499]),
            row(&[1, 7, 350, 300, 600, 599]),
            row(&[1, 8, 599, 300, 600, 599]),
        ]
    );
}

#[test]
fn rows_that_carry_their_window_are_aggregated_per_window() {
    let plan = WindowAggregate {
        grouping: vec![0],
        calls: vec![call("s", "SUM", vec![1], BIGINT)],
        input: WindowInput::Attached {
            window: WindowSpec::Cumulate { step: 100, max: 300, offset: 0 },
            start_column: 2,
            end_column: 3,
            is_instant: false,
        },
        properties: vec![WindowProperty::Start, WindowProperty::End],
    };
    let input = schema(&[("k", BIGINT), ("v", BIGINT), ("ws", LOCAL), ("we", LOCAL)]);
    let output = schema(&[("k", BIGINT), ("s", BIGINT), ("ws", LOCAL), ("we", LOCAL)]);
    let append = ChangelogMode::Append;
    let mut h = Harness::new(plan, &[(input, append)], (output, append), "UTC", 10);
    h.push(0, &[row(&[1, 7, 300, 500]), row(&[1, 8, 300, 600]), row(&[1, 1, 300, 500])]);
    h.advance(499);
    assert_eq!(h.out, vec![row(&[1, 8, 300, 500])]);
    h.push(0, &[row(&[1, 9, 300, 500])]);
    assert_eq!(h.late(), 1);
    h.advance(599);
    assert_eq!(h.out[1], row(&[1, 8, 300, 600]));
}

fn windows() -> impl Strategy<Value = WindowSpec> {
    prop_oneof![
        (1..50i64, 0..50i64).prop_map(|(size, offset)| WindowSpec::Tumble { size, offset: offset % size }),
        (1..20i64, 1..60i64, 0..20i64).prop_map(|(slide, size, offset)| WindowSpec::Hop {
            slide,
            size,
            offset: offset % slide
        }),
        (1..10i64, 1..6i64, 0..10i64).prop_map(|(step, count, offset)| WindowSpec::Cumulate {
            step,
            max: step * count,
            offset: offset % step
        }),
    ]
}

/// Every window that holds `time`, from the definition.
fn windows_of(spec: WindowSpec, time: i64) -> Vec<(i64, i64)> {
    match spec {
        WindowSpec::Tumble { size, offset } => {
            let start = time - (time - offset).rem_euclid(size);
            vec![(start, start + size)]
        }
        WindowSpec::Hop { slide, size, offset } => {
            let mut start = time - (time - offset).rem_euclid(slide);
            let mut found = Vec::new();
            while start + size > time {
                found.push((start, start + size));
                start -= slide;
            }
            found
        }
        WindowSpec::Cumulate { step, max, offset } => {
            let start = time - (time - offset).rem_euclid(max);
            (1..=max / step).map(|k| (start, start + k * step)).filter(|(_, end)| *end > time).collect()
        }
        WindowSpec::Session { .. } => panic!("a session is not known by one row"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_window_counts_what_the_definition_says(
        spec in windows(),
        rows in prop::collection::vec((0..3i64, 0..100i64, 0..400i64), 1..120),
        sizes in prop::collection::vec(1..20usize, 1..5),
        lag in 0..60i64,
        in_two_phases in prop::bool::ANY,
    ) {
        let mut h = if in_two_phases { two_phases(spec, LOCAL, "UTC") } else { aggregate(spec, LOCAL, "UTC") };
        let changes: Vec<Change> = rows.iter().map(|(k, v, t)| row(&[*k, *v, *t])).collect();
        let mut part = Part::default();
        let mut watermark = i64::MIN;
        let mut expected: BTreeMap<(i64, i64, i64), (i64, i64)> = BTreeMap::new();
        let mut late = 0;
        let mut at = 0;
        for (i, chunk) in chunks(&changes, &sizes).iter().enumerate() {
            for (key, value, time) in &rows[at..at + chunk.len()] {
                let open: Vec<_> = windows_of(spec, *time).into_iter().filter(|(_, end)| *end - 1 > watermark).collect();
                // HOP with size < slide has gaps: rows in them are in no window and late for none.
                late += u64::from(open.is_empty() );
                for (start, end) in open {
                    let cell = expected.entry((end, start, *key)).or_default();
                    cell.0 += 1;
                    cell.1 += value;
                }
            }
            at += chunk.len();
            h.push(0, chunk);
            let seen = rows[..at].iter().map(|row| row.2).max().unwrap() - lag;
            if seen > watermark {
                watermark = seen;
                h.advance(watermark);
            }
            h.snapshot(i % 3 == 0, &mut part);
            if i % 2 == 1 {
                h.replace(std::slice::from_ref(&part));
            }
        }
        h.advance(i64::MAX);
        let mut found: Vec<Change> = h.out.clone();
        found.sort_by_key(|change| format!("{change:?}"));
        let mut wanted: Vec<Change> = expected
            .into_iter()
            .map(|((end, start, key), (n, s))| row(&[key, n, s, start, end, end - 1]))
            .collect();
        wanted.sort_by_key(|change| format!("{change:?}"));
        prop_assert_eq!(found, wanted);
        prop_assert_eq!(h.late(), late);
    }
}
