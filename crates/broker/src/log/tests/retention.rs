//! Deletion by age, size and request.

use super::*;
use crate::log::Marker;

fn filled(dir: &Path, overrides: &[(&str, &str)]) -> Log {
    let mut all = vec![("segment.bytes", "1024")];
    all.extend_from_slice(overrides);
    let mut log = open(dir, config(&all));
    for at in 0..100 {
        put(&mut log, "key", Some(&format!("value {at}")));
    }
    assert!(log.segments.len() > 5);
    log
}

#[test]
fn by_size() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = filled(dir.path(), &[("retention.bytes", "3000")]);
    assert!(log.maintain(NOW).unwrap());
    assert!(log.size() >= 3000 && log.size() < 4100, "{}", log.size());
    let start = log.ends().start;
    assert_eq!(records(&mut log)[0].0, start);
    drop(log);
    let mut log = open(dir.path(), config(&[]));
    assert_eq!(log.ends().start, start);
    assert!(matches!(log.plan(start - 1, false), Err(LogError::OutOfRange { .. })));
}

#[test]
fn by_age_rolls_the_active_segment_too() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = filled(dir.path(), &[("retention.ms", "1000")]);
    assert!(!log.maintain(NOW + 1000).unwrap());
    assert!(log.maintain(NOW + 1001).unwrap());
    assert_eq!(log.ends(), crate::log::Ends { start: 100, end: 100, stable: 100 });
    drop(log);
    assert_eq!(open(dir.path(), config(&[])).ends().end, 100, "offsets go on after everything was deleted");
}

#[test]
fn not_when_the_policy_is_compact() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = filled(dir.path(), &[("retention.ms", "1000"), ("cleanup.policy", "compact")]);
    assert!(!log.maintain(NOW + 100_000).unwrap());
}

#[test]
fn segments_roll_by_age() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = open(dir.path(), config(&[("segment.ms", "5000")]));
    put(&mut log, "a", Some("1"));
    log.maintain(NOW + 5000).unwrap();
    assert_eq!(log.segments.len(), 1);
    log.maintain(NOW + 5001).unwrap();
    assert_eq!(log.segments.len(), 2);
}

#[test]
fn by_request() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = filled(dir.path(), &[]);
    assert_eq!(log.delete_before(42, NOW).unwrap(), 42);
    assert_eq!(log.delete_before(10, NOW).unwrap(), 42, "the start never goes back");
    assert_eq!(records(&mut log)[0].0, 42);
    assert!(matches!(log.delete_before(101, NOW), Err(LogError::OutOfRange { .. })));
    drop(log);
    let mut log = open(dir.path(), config(&[("segment.bytes", "1024")]));
    assert_eq!((log.ends().start, records(&mut log)[0].0), (42, 42));
    assert_eq!(log.delete_before(-1, NOW).unwrap(), 100);
}

/// A transaction that was given up before its records were sent leaves a marker alone: the log begins where it began.
#[test]
fn a_marker_alone_is_not_old() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = open(dir.path(), config(&[("retention.ms", "60000")]));
    log.append_marker(&Marker { producer_id: 1, epoch: 0, coordinator_epoch: 0, commit: false }, NOW).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    assert!(!log.maintain(now).unwrap());
    assert_eq!(log.ends().start, 0);
    assert!(log.maintain(now + 120_000).unwrap(), "it goes when its time has come");
    assert_eq!(log.ends().start, 1);
}
