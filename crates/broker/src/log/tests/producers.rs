//! Sequence numbers, epochs and transactions of producers.

use super::*;
use crate::log::producers::{Admission, Marker, Producers};

fn header(id: i64, epoch: i16, sequence: i32, count: i32, offset: i64) -> BatchHeader {
    BatchHeader {
        base_offset: offset,
        length: 100,
        leader_epoch: 0,
        crc: 0,
        attributes: 0,
        last_offset_delta: count - 1,
        base_timestamp: NOW,
        max_timestamp: NOW,
        producer_id: id,
        producer_epoch: epoch,
        base_sequence: sequence,
        count,
    }
}

#[test]
fn next_duplicate_and_gap() {
    let mut producers = Producers::default();
    for at in 0..6 {
        let next = header(1, 0, at * 10, 10, i64::from(at) * 10);
        assert_eq!(producers.admit(&next).unwrap(), Admission::Append);
        producers.appended(&next, NOW);
    }
    // The last five are remembered, the one before is out of order.
    for at in 1..6 {
        let again = header(1, 0, at * 10, 10, 0);
        let known = Admission::Duplicate { base_offset: i64::from(at) * 10, timestamp: NOW };
        assert_eq!(producers.admit(&again).unwrap(), known);
    }
    assert!(matches!(producers.admit(&header(1, 0, 0, 10, 0)), Err(LogError::OutOfOrder { last: 59, sent: 0 })));
    assert!(matches!(producers.admit(&header(1, 0, 70, 1, 0)), Err(LogError::OutOfOrder { last: 59, sent: 70 })));
    assert!(matches!(producers.admit(&header(1, 1, 5, 1, 0)), Err(LogError::OutOfOrder { last: -1, sent: 5 })));
    assert_eq!(producers.admit(&header(1, 1, 0, 1, 0)).unwrap(), Admission::Append);
    assert_eq!(producers.admit(&header(2, 3, 77, 1, 0)).unwrap(), Admission::Append);
}

#[test]
fn sequence_numbers_wrap() {
    let mut producers = Producers::default();
    let last = header(1, 0, i32::MAX - 1, 3, 0);
    assert_eq!(last.last_sequence(), 0);
    producers.appended(&last, NOW);
    assert_eq!(producers.admit(&header(1, 0, 1, 1, 3)).unwrap(), Admission::Append);
}

#[test]
fn older_epochs_are_fenced_also_by_markers() {
    let mut producers = Producers::default();
    producers.appended(&header(1, 4, 0, 1, 0), NOW);
    assert!(matches!(producers.admit(&header(1, 3, 1, 1, 1)), Err(LogError::Fenced { current: 4, sent: 3 })));
    assert!(producers.admit_marker(1, 3).is_err());
    let marker = Marker { producer_id: 1, epoch: 5, coordinator_epoch: 0, commit: false };
    producers.marked(&marker, 1, NOW, NOW);
    assert!(matches!(producers.admit(&header(1, 4, 1, 1, 2)), Err(LogError::Fenced { current: 5, sent: 4 })));
    assert_eq!(producers.admit(&header(1, 5, 0, 1, 2)).unwrap(), Admission::Append);
}

#[test]
fn a_marker_of_the_same_epoch_keeps_the_sequence() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = open(dir.path(), config(&[]));
    let by = |sequence| By { id: 9, epoch: 2, sequence, transactional: true };
    append(&mut log, &batch(by(0), 0, NOW, &[(None, Some("1"))]), NOW).unwrap();
    let plain = By { transactional: false, ..by(1) };
    let refused = append(&mut log, &batch(plain, 0, NOW, &[(None, Some("outside"))]), NOW);
    assert!(matches!(refused, Err(LogError::NotTransactional)));
    assert_eq!(log.ends().stable, 0);
    log.append_marker(&Marker { producer_id: 9, epoch: 2, coordinator_epoch: 0, commit: true }, NOW).unwrap();
    assert_eq!(log.ends().stable, 2);
    append(&mut log, &batch(by(1), 0, NOW, &[(None, Some("2"))]), NOW).unwrap();
    assert_eq!(log.ends(), crate::log::Ends { start: 0, end: 3, stable: 2 });
}

#[test]
fn committed_reads_stop_at_the_stable_offset_and_name_aborted_transactions() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = open(dir.path(), config(&[]));
    let by = |id| By { id, epoch: 0, sequence: 0, transactional: true };
    append(&mut log, &batch(by(1), 0, NOW, &[(None, Some("aborted"))]), NOW).unwrap();
    append(&mut log, &batch(by(2), 0, NOW, &[(None, Some("open"))]), NOW).unwrap();
    log.append_marker(&Marker { producer_id: 1, epoch: 0, coordinator_epoch: 0, commit: false }, NOW).unwrap();
    let plan = log.plan(0, true).unwrap();
    let bytes = plan.read(1 << 20, true).unwrap();
    let first = BatchHeader::parse(&bytes).unwrap();
    assert_eq!((first.producer_id, first.total_len()), (1, bytes.len()));
    let aborted = plan.aborted.unwrap();
    assert_eq!((aborted[0].producer_id, aborted[0].first_offset, aborted[0].last_offset), (1, 0, 2));
    assert_eq!(log.plan(3, false).unwrap().read(100, true).unwrap().len(), 0);
    assert!(matches!(log.plan(4, false), Err(LogError::OutOfRange { .. })));
}
