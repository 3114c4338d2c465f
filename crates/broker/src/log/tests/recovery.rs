//! What is there after a crash.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::FileExt;

use super::*;
use crate::log::producers::Marker;
use crate::log::segment::Segment;

#[test]
fn reopens_after_a_clean_stop_without_reading_batches() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = open(dir.path(), config(&[("segment.bytes", "1024")]));
    for at in 0..100 {
        put(&mut log, "key", Some(&format!("value {at}")));
    }
    let expected = records(&mut log);
    log.close().unwrap();
    // Damage inside of a record is not noticed: nothing was scanned.
    let path = Segment::path_of(dir.path(), log.segments[0].base);
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    let original = fs::read(&path).unwrap();
    file.write_all_at(&[original[70] ^ 1], 70).unwrap();
    let again = open(dir.path(), config(&[("segment.bytes", "1024")]));
    assert_eq!(again.ends(), log.ends());
    file.write_all_at(&original[70..71], 70).unwrap();
    let mut again = again;
    assert_eq!(records(&mut again), expected);
}

#[test]
fn cuts_off_a_torn_tail() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = open(dir.path(), config(&[]));
    put(&mut log, "a", Some("1"));
    put(&mut log, "b", Some("2"));
    let expected = records(&mut log);
    let whole = log.segments[0].size;
    let next = batch(NOBODY, 0, NOW, &[(Some("c"), Some("3"))]);
    drop(log);
    let path = Segment::path_of(dir.path(), 0);
    for torn in [1, 11, 60, next.len() - 1] {
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(&next[..torn]).unwrap();
        let mut log = open(dir.path(), config(&[]));
        assert_eq!(records(&mut log), expected, "{torn} bytes of a batch");
        assert_eq!(fs::metadata(&path).unwrap().len(), whole);
    }
    // Zeros, as a file system leaves them after a loss of power.
    OpenOptions::new().write(true).open(&path).unwrap().set_len(whole + 5000).unwrap();
    let mut log = open(dir.path(), config(&[]));
    assert_eq!(records(&mut log), expected);
    assert_eq!(put(&mut log, "c", Some("3")), 2);
}

#[test]
fn damage_below_the_recovery_point_is_reported_not_cut() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = open(dir.path(), config(&[("segment.bytes", "1024")]));
    for at in 0..60 {
        put(&mut log, "key", Some(&format!("value {at}")));
    }
    let (_, end) = log.unsynced().unwrap();
    log.synced(end);
    log.save_checkpoint().unwrap();
    let first = Segment::path_of(dir.path(), 0);
    drop(log);
    // Without its index and the snapshots the first segment is scanned.
    for entry in fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "index" || extension == "snapshot") {
            fs::remove_file(path).unwrap();
        }
    }
    OpenOptions::new().write(true).open(first).unwrap().write_all_at(&[0xff; 4], 70).unwrap();
    let opened = Log::open(dir.path().to_owned(), config(&[]), Fsync::Never, NOW);
    assert!(matches!(opened, Err(LogError::Corrupt(_))), "{opened:?}");
}

#[test]
fn makes_indexes_again() {
    let dir = tempfile::tempdir().unwrap();
    let settings = config(&[("segment.bytes", "200000")]);
    let mut log = open(dir.path(), settings);
    for at in 0..300 {
        append(&mut log, &batch(NOBODY, 0, NOW + at, &[(Some("key"), Some(&"x".repeat(2000)))]), NOW).unwrap();
    }
    drop(log);
    for entry in fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "index") {
            fs::remove_file(path).unwrap();
        }
    }
    let mut log = open(dir.path(), settings);
    assert_eq!(log.ends().end, 300);
    for offset in [0, 1, 42, 150, 299] {
        let bytes = log.plan(offset, false).unwrap().read(1, true).unwrap();
        assert_eq!(BatchHeader::parse(&bytes).unwrap().base_offset, offset);
        assert_eq!(log.first_at(NOW + offset).unwrap().unwrap().offset, offset);
    }
    assert_eq!(log.first_at(NOW + 300).unwrap(), None);
    assert_eq!(log.latest_by_time().unwrap().unwrap().offset, 299);
}

#[test]
fn rebuilds_producers_and_open_transactions() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = open(dir.path(), config(&[("segment.bytes", "1024")]));
    let by = |id, sequence| By { id, epoch: 0, sequence, transactional: id == 7 };
    for sequence in 0..30 {
        append(&mut log, &batch(by(5, sequence), 0, NOW, &[(None, Some("plain"))]), NOW).unwrap();
        append(&mut log, &batch(by(7, sequence), 0, NOW, &[(None, Some("in transaction"))]), NOW).unwrap();
    }
    let marker = |commit| Marker { producer_id: 7, epoch: 0, coordinator_epoch: 0, commit };
    log.append_marker(&marker(false), NOW).unwrap();
    append(&mut log, &batch(by(7, 30), 0, NOW, &[(None, Some("open"))]), NOW).unwrap();
    let before = log.producers.clone();
    let ends = log.ends();
    assert_eq!(ends.stable, ends.end - 1);
    drop(log);
    let log = open(dir.path(), config(&[("segment.bytes", "1024")]));
    assert_eq!(log.ends(), ends);
    assert_eq!(log.producers, before);
    assert_eq!(log.producers.aborted(0, i64::MAX).len(), 1);
}

#[test]
fn a_cut_below_the_latest_snapshot_replays_from_an_older_one() {
    let dir = tempfile::tempdir().unwrap();
    let settings = config(&[("segment.bytes", "1024")]);
    let mut log = open(dir.path(), settings);
    for sequence in 0..60 {
        let by = By { id: 1, epoch: 0, sequence, transactional: false };
        append(&mut log, &batch(by, 0, NOW, &[(None, Some("value"))]), NOW).unwrap();
    }
    let last_but_one = log.segments[log.segments.len() - 2].base;
    drop(log);
    OpenOptions::new().write(true).open(Segment::path_of(dir.path(), last_but_one)).unwrap().set_len(100).unwrap();
    let mut log = open(dir.path(), settings);
    let end = log.ends().end;
    assert_eq!(end, last_but_one + 1, "one batch of that segment is whole");
    let next = By { id: 1, epoch: 0, sequence: end as i32, transactional: false };
    assert_eq!(append(&mut log, &batch(next, 0, NOW, &[(None, Some("next"))]), NOW).unwrap().base_offset, end);
}

#[test]
fn a_refused_write_leaves_the_end_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = open(dir.path(), config(&[("max.message.bytes", "1000")]));
    put(&mut log, "a", Some("1"));
    let large = batch(NOBODY, 0, NOW, &[(None, Some(&"x".repeat(2000)))]);
    assert!(matches!(append(&mut log, &large, NOW), Err(LogError::TooLarge { .. })));
    let mut bad = batch(NOBODY, 0, NOW, &[(None, Some("y"))]);
    *bad.last_mut().unwrap() ^= 1;
    assert!(matches!(append(&mut log, &bad, NOW), Err(LogError::Corrupt(_))));
    assert_eq!(log.ends().end, 1);
}
