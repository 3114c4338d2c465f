//! Only the last record of each key stays.

use std::collections::BTreeMap;

use super::*;
use crate::log::producers::Marker;

const SETTINGS: &[(&str, &str)] = &[
    ("segment.bytes", "1024"),
    ("cleanup.policy", "compact"),
    ("min.cleanable.dirty.ratio", "0"),
    ("delete.retention.ms", "1000"),
];

fn compact(log: &mut Log, now: i64) -> bool {
    let Some(pass) = log.plan_compaction(now).unwrap() else { return false };
    let done = pass.run().unwrap();
    log.finish_compaction(done).unwrap();
    true
}

fn latest(log: &mut Log) -> BTreeMap<String, Option<String>> {
    records(log).into_iter().map(|(_, key, value)| (key.unwrap(), value)).collect()
}

#[test]
fn keeps_the_last_value_of_each_key_at_its_offset() {
    for codec in 0..=4 {
        let dir = tempfile::tempdir().unwrap();
        let mut log = open(dir.path(), config(SETTINGS));
        for round in 0..30 {
            let value = format!("value {round}");
            let all: Vec<_> = ["a", "b", "c"].iter().map(|key| (Some(*key), Some(value.as_str()))).collect();
            append(&mut log, &batch(NOBODY, codec, NOW, &all), NOW).unwrap();
        }
        log.roll().unwrap();
        let (expected, size) = (latest(&mut log), log.size());
        assert!(compact(&mut log, NOW));
        assert!(log.size() < size / 5, "{} of {size}", log.size());
        assert_eq!(records(&mut log).iter().map(|record| record.0).collect::<Vec<_>>(), vec![87, 88, 89]);
        assert_eq!(latest(&mut log), expected);
        assert!(!compact(&mut log, NOW), "nothing is left to do");
        drop(log);
        let mut log = open(dir.path(), config(SETTINGS));
        assert_eq!(latest(&mut log), expected);
        assert_eq!(put(&mut log, "d", Some("next")), 90);
    }
}

#[test]
fn tombstones_stay_until_their_time_has_come() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = open(dir.path(), config(SETTINGS));
    put(&mut log, "gone", Some("1"));
    put(&mut log, "kept", Some("2"));
    put(&mut log, "gone", None);
    log.roll().unwrap();
    assert!(compact(&mut log, NOW));
    assert_eq!(latest(&mut log), [("gone".to_owned(), None), ("kept".to_owned(), Some("2".to_owned()))].into());
    // A record's time stamp survives the delete horizon in its batch.
    assert_eq!(log.first_at(NOW).unwrap().unwrap().timestamp, NOW);
    put(&mut log, "more", Some("3"));
    log.roll().unwrap();
    assert!(compact(&mut log, NOW + 999));
    assert!(latest(&mut log).contains_key("gone"));
    put(&mut log, "more", Some("4"));
    log.roll().unwrap();
    assert!(compact(&mut log, NOW + 1001));
    assert!(!latest(&mut log).contains_key("gone"));
}

#[test]
fn aborted_data_goes_and_does_not_shadow() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = open(dir.path(), config(SETTINGS));
    put(&mut log, "key", Some("committed"));
    let by = By { id: 3, epoch: 0, sequence: 0, transactional: true };
    append(&mut log, &batch(by, 0, NOW, &[(Some("key"), Some("aborted"))]), NOW).unwrap();
    log.append_marker(&Marker { producer_id: 3, epoch: 0, coordinator_epoch: 0, commit: false }, NOW).unwrap();
    log.roll().unwrap();
    assert!(compact(&mut log, NOW));
    assert_eq!(latest(&mut log)["key"].as_deref(), Some("committed"));
    assert_eq!(log.producers.aborted(0, i64::MAX).len(), 1, "as long as the marker is there");
    put(&mut log, "other", Some("x"));
    log.roll().unwrap();
    assert!(compact(&mut log, NOW + 2000));
    assert!(log.producers.aborted(0, i64::MAX).is_empty());
}

#[test]
fn never_above_the_stable_offset() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = open(dir.path(), config(SETTINGS));
    put(&mut log, "key", Some("1"));
    log.roll().unwrap();
    let by = By { id: 3, epoch: 0, sequence: 0, transactional: true };
    append(&mut log, &batch(by, 0, NOW, &[(Some("key"), Some("open"))]), NOW).unwrap();
    log.roll().unwrap();
    assert!(compact(&mut log, NOW));
    assert_eq!(records(&mut log).len(), 2, "the open transaction hides nothing");
    assert!(!compact(&mut log, NOW));
}

#[test]
fn an_interrupted_swap_is_finished_and_an_unfinished_file_removed() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = open(dir.path(), config(SETTINGS));
    for at in 0..60 {
        put(&mut log, "key", Some(&format!("value {at}")));
    }
    let expected = latest(&mut log);
    let (base, end) = (log.segments[0].base, log.segments[2].base);
    // The compacted form of the first two segments is empty: the key's last value comes later.
    std::fs::write(dir.path().join(format!("{base:020}-{end:020}.swap")), b"").unwrap();
    std::fs::write(dir.path().join("00000000000000000099.cleaned"), b"half").unwrap();
    drop(log);
    let mut log = open(dir.path(), config(SETTINGS));
    assert_eq!(log.segments[1].base, end);
    assert_eq!(latest(&mut log), expected);
    assert_eq!(log.ends().end, 60);
    assert!(std::fs::read_dir(dir.path()).unwrap().all(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        !name.ends_with("swap") && !name.ends_with("cleaned")
    }));
}

#[test]
fn a_compacted_topic_refuses_records_without_key() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = open(dir.path(), config(SETTINGS));
    let refused = append(&mut log, &batch(NOBODY, 4, NOW, &[(None, Some("x"))]), NOW);
    assert!(matches!(refused, Err(LogError::InvalidRecord(_))));
}
