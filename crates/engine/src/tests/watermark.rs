//! The default watermark of spec sql.md 2.6, line by line, and progressive idleness.

use crate::source::watermark::{DefaultWatermark, Idleness, PartitionWatermark, WARM_UP_EVENTS};

const DAY: i64 = 86_400_000;

/// A partition that has seen `events` events in order, the last one at `at`.
fn in_order(events: i64, at: i64) -> DefaultWatermark {
    let mut watermark = DefaultWatermark::default();
    (0..events).for_each(|i| watermark.observe(at - (events - 1 - i)));
    watermark
}

#[test]
fn nothing_is_known_before_the_first_event() {
    assert_eq!(DefaultWatermark::default().current(), None);
}

#[test]
fn the_margin_shrinks_with_the_events_seen() {
    let at = 1_000 * DAY;
    let table = [
        (1, 7 * DAY),
        (250, 7 * DAY),
        (251, 30_000),
        (500, 30_000),
        (501, 10_000),
        (750, 10_000),
        (751, 1_000),
        (1000, 1_000),
        (1001, 0),
        (9000, 0),
    ];
    for (events, margin) in table {
        // In order, the quantile is clamped to 50 ms.
        assert_eq!(in_order(events, at).current(), Some(at - 50 - margin), "{events} events");
    }
    assert_eq!(WARM_UP_EVENTS, 251);
}

#[test]
fn the_delay_is_the_95_percent_quantile() {
    let mut watermark = in_order(1001, 1_000_000);
    // 50 of 1051 are 400 ms late: less than 5 %.
    (0..50).for_each(|_| watermark.observe(1_000_000 - 400));
    assert_eq!(watermark.current(), Some(1_000_000 - 50));
    // 60 of 1061 are more than 5 %.
    (0..10).for_each(|_| watermark.observe(1_000_000 - 400));
    assert_eq!(watermark.current(), Some(1_000_000 - 400));
}

#[test]
fn the_delay_is_at_most_seven_days() {
    let at = 100 * DAY;
    let mut watermark = in_order(1001, at);
    (0..2000).for_each(|_| watermark.observe(at - 30 * DAY));
    assert_eq!(watermark.current(), Some(at - 7 * DAY));
}

#[test]
fn only_the_last_5000_events_count() {
    let at = 1_000_000;
    let mut watermark = in_order(1001, at);
    (0..1000).for_each(|_| watermark.observe(at - 900));
    assert_eq!(watermark.current(), Some(at - 900));
    (0..4751).for_each(|_| watermark.observe(at));
    assert_eq!(watermark.current(), Some(at - 50));
}

#[test]
fn it_never_goes_back_and_survives_a_checkpoint() {
    let at = 1_000_000;
    let mut watermark = in_order(1001, at);
    watermark.emitted(at - 50);
    (0..5000).for_each(|_| watermark.observe(at - 5000));
    let stored = serde_json::to_string(&watermark).unwrap();
    assert!(stored.len() < 200, "{stored}");
    let restored: DefaultWatermark = serde_json::from_str(&stored).unwrap();
    assert_eq!(restored, watermark);
    assert_eq!(restored.current(), Some(at - 50));
    assert!(serde_json::from_str::<DefaultWatermark>(&stored.replace("5000]", "900000000]")).is_err());
}

#[test]
fn the_other_strategies_take_the_largest_value() {
    let mut largest = PartitionWatermark::Largest(None);
    assert_eq!(largest.current(), None);
    [5, 9, 7].into_iter().for_each(|value| largest.observe(value));
    assert_eq!(largest.current(), Some(9));
}

#[test]
fn idleness_grows_from_15_seconds_to_5_minutes() {
    let progressive = Idleness::Progressive { created_at: 1_000 };
    assert_eq!(progressive.timeout(0), Some(15_000));
    assert_eq!(progressive.timeout(1_000), Some(15_000));
    assert_eq!(progressive.timeout(1_000 + 1_800_000), Some(157_500));
    assert_eq!(progressive.timeout(1_000 + 3_600_000), Some(300_000));
    assert_eq!(progressive.timeout(i64::MAX), Some(300_000));
    assert_eq!(Idleness::After(500).timeout(7), Some(500));
    assert_eq!(Idleness::Never.timeout(7), None);
}
