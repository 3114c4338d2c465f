//! Batches: what is built can be read, whatever the codec; garbage is an error, never a panic.

use bytes::{Bytes, BytesMut};
use proptest::{collection::vec, option, prelude::*};

use crate::{
    AbortedTransaction, BatchBuilder, Compression, DecodeOptions, IsolationLevel, ProducerIdentity, RawBatch,
    RecordSet, TimestampType, decode_fetch_answer, decode_records,
    header::{BatchHeader, HEADER},
};

const CODECS: [Compression; 5] =
    [Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];

type Row = (i64, Option<Vec<u8>>, Option<Vec<u8>>, Vec<(String, Option<Vec<u8>>)>);

fn row() -> impl Strategy<Value = Row> {
    let bytes = || option::of(vec(any::<u8>(), 0..200));
    (any::<i64>(), bytes(), bytes(), vec(("[a-z]{0,5}", bytes()), 0..3))
}

fn build(codec: Compression, rows: &[Row]) -> RawBatch {
    let mut builder = BatchBuilder::new(codec);
    for (timestamp, key, value, headers) in rows {
        let headers: Vec<_> = headers.iter().map(|(n, v)| (n.as_str(), v.as_deref())).collect();
        builder.append(*timestamp, key.as_deref(), value.as_deref(), &headers).unwrap();
    }
    builder.build().unwrap().unwrap()
}

fn rows_of(set: &RecordSet) -> Vec<Row> {
    (0..set.len())
        .map(|i| {
            let headers = set.headers(i).map(|(n, v)| (n.into_owned(), v.map(<[u8]>::to_vec))).collect();
            let owned = |field: Option<&[u8]>| field.map(<[u8]>::to_vec);
            (set.timestamps()[i], owned(set.key(i)), owned(set.value(i)), headers)
        })
        .collect()
}

/// The bytes with another base offset, which the checksum does not cover.
fn at_offset(batch: &Bytes, offset: i64) -> BytesMut {
    let mut bytes = BytesMut::from(&batch[..]);
    bytes[..8].copy_from_slice(&offset.to_be_bytes());
    bytes
}

fn simple(codec: Compression, values: &[&str]) -> RawBatch {
    let rows: Vec<Row> = values.iter().map(|v| (5, None, Some(v.as_bytes().to_vec()), Vec::new())).collect();
    build(codec, &rows)
}

fn values(set: &RecordSet) -> Vec<&str> {
    (0..set.len()).map(|i| std::str::from_utf8(set.value(i).unwrap()).unwrap()).collect()
}

/// A control batch: `kind` 0 aborts, 1 commits.
fn marker(producer: ProducerIdentity, offset: i64, kind: u8) -> BytesMut {
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(0, Some(&[0, 0, 0, kind]), Some(&[0, 0, 0, 0, 0, 0]), &[]).unwrap();
    let batch = builder.build().unwrap().unwrap();
    let mut bytes = BytesMut::from(&batch.stamp(producer, -1, true)[..]);
    let mut header = BatchHeader::read(&bytes).unwrap();
    header.attributes |= 1 << 5;
    header.base_offset = offset;
    header.write(&mut bytes);
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_built_is_read_back(rows in vec(row(), 1..40), offset in 0i64..1 << 40) {
        for codec in CODECS {
            let batch = build(codec, &rows);
            let set = decode_records(
                at_offset(batch.as_bytes(), offset).freeze(), &DecodeOptions::default()).unwrap();
            prop_assert_eq!(&rows_of(&set), &rows);
            prop_assert_eq!(set.offsets()[0], offset);
            prop_assert_eq!(set.next_offset(), offset + rows.len() as i64);
            let restored = RawBatch::from_bytes(batch.as_bytes().clone()).unwrap();
            prop_assert_eq!(restored, batch);
        }
    }

    #[test]
    fn garbage_is_never_a_panic(bytes in vec(any::<u8>(), 0..400), version in 0i16..20) {
        let bytes = Bytes::from(bytes);
        let _ = decode_records(bytes.clone(), &DecodeOptions::default());
        let _ = decode_fetch_answer(bytes, version);
    }

    #[test]
    fn a_damaged_batch_is_never_a_panic(
        rows in vec(row(), 1..10), at in any::<prop::sample::Index>(), bits in 1u8..,
        check_crc in any::<bool>(), codec in 0usize..5, cut in any::<prop::sample::Index>(),
    ) {
        let batch = build(CODECS[codec], &rows);
        let mut bytes = batch.as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= bits;
        let options = DecodeOptions { check_crc, ..DecodeOptions::default() };
        let outcome = decode_records(Bytes::from(bytes.clone()), &options);
        if check_crc && at > 20 {
            prop_assert!(outcome.is_err());
        }
        if let Ok(set) = outcome {
            rows_of(&set);
        }
        bytes.truncate(cut.index(bytes.len()));
        if let Ok(set) = decode_records(Bytes::from(bytes), &options) {
            rows_of(&set);
        }
    }
}

/// One name and many partitions: a copy for each would be far more than was sent.
#[test]
fn a_topic_name_longer_than_kafkas_is_not_copied_for_each_partition() {
    let answer = |name: usize| {
        let name = [&(name as i16).to_be_bytes()[..], &vec![b't'; name]].concat();
        // Version 4: correlation id and throttle time, one topic, two empty partitions.
        let partition = [&[0; 4 + 2 + 8 + 8 + 4][..], &[255; 4]].concat();
        [&[0; 8][..], &[0, 0, 0, 1], &name, &[0, 0, 0, 2], &partition, &partition].concat()
    };
    let decoded = decode_fetch_answer(answer(249).into(), 4).unwrap();
    assert_eq!((decoded.partitions.len(), decoded.partitions[1].topic.len()), (2, 249));
    assert_eq!(decode_fetch_answer(answer(250).into(), 4), None);
}

#[test]
fn the_owner_of_a_batch_can_change() {
    let batch = simple(Compression::Zstd, &["a", "b"]);
    let owner = ProducerIdentity { producer_id: 77, epoch: 3 };
    let stamped = batch.stamp(owner, 9, true);
    let header = BatchHeader::read(&stamped).unwrap();
    assert!(header.crc_matches(&stamped));
    assert_eq!((header.producer_id, header.producer_epoch, header.base_sequence), (77, 3, 9));
    assert!(header.transactional());
    let again = RawBatch::from_bytes(stamped).unwrap().stamp(owner, 9, false);
    assert!(!BatchHeader::read(&again).unwrap().transactional());
}

#[test]
fn batches_follow_each_other_and_mixed_codecs_share_a_buffer() {
    let mut bytes = at_offset(simple(Compression::None, &["a", "b"]).as_bytes(), 10);
    bytes.extend_from_slice(&at_offset(simple(Compression::Lz4, &["c"]).as_bytes(), 14));
    let cut = at_offset(simple(Compression::None, &["never"]).as_bytes(), 15);
    bytes.extend_from_slice(&cut[..cut.len() - 1]);
    let options = DecodeOptions { from_offset: 11, ..DecodeOptions::default() };
    let set = decode_records(bytes.freeze(), &options).unwrap();
    assert_eq!(values(&set), ["b", "c"]);
    assert_eq!(set.offsets(), [11, 14]);
    assert_eq!(set.next_offset(), 15);
    assert_eq!(set.timestamp_type(0), Some(TimestampType::CreateTime));
    assert_eq!(set.batches().len(), 2);
}

#[test]
fn an_uncompressed_set_is_a_view_of_the_frame() {
    let batch = simple(Compression::None, &["payload"]);
    let frame = batch.as_bytes().clone();
    let set = decode_records(frame.clone(), &DecodeOptions::default()).unwrap();
    assert_eq!(set.buffer().as_ptr(), frame.as_ptr());
}

#[test]
fn a_damaged_batch_comes_after_the_good_ones_with_its_offset() {
    let mut bytes = at_offset(simple(Compression::None, &["a"]).as_bytes(), 0);
    let mut bad = at_offset(simple(Compression::None, &["b"]).as_bytes(), 1);
    let last = bad.len() - 1;
    bad[last - 1] ^= 1;
    bytes.extend_from_slice(&bad);
    let set = decode_records(bytes.clone().freeze(), &DecodeOptions::default()).unwrap();
    assert_eq!((values(&set), set.next_offset()), (vec!["a"], 1));
    let options = DecodeOptions { from_offset: 1, ..DecodeOptions::default() };
    let error = decode_records(bytes.freeze(), &options).unwrap_err();
    assert_eq!(error.offset, 1);
    assert!(error.problem.contains("checksum"));
}

/// What would be delivered twice, or never, is an error: base offsets and deltas are the broker's word only.
#[test]
fn offsets_that_do_not_ascend_are_damage() {
    let batch = simple(Compression::None, &["a", "b", "c"]);
    let mut twice = at_offset(batch.as_bytes(), 10);
    twice.extend_from_slice(&at_offset(batch.as_bytes(), 12));
    let set = decode_records(twice.freeze(), &DecodeOptions::default()).unwrap();
    assert_eq!((set.offsets(), set.next_offset()), (&[10, 11, 12][..], 13));
    // Each record is size, attributes, timestamp delta, offset delta; deltas are zigzag.
    let size = (batch.size() - HEADER) / 3;
    for (row, delta) in [(1, 0), (0, 1), (2, 6)] {
        let mut damaged = batch.as_bytes().to_vec();
        damaged[HEADER + row * size + 3] = delta;
        let options = DecodeOptions { check_crc: false, ..DecodeOptions::default() };
        let error = decode_records(damaged.into(), &options).unwrap_err();
        assert!(error.problem.contains("damaged"), "{error}");
    }
}

/// Otherwise its records would be passed over without a word.
#[test]
fn a_batch_that_seems_to_be_an_old_one_is_checked_too() {
    const LAST_OFFSET_DELTA: usize = 23;
    let mut damaged = simple(Compression::None, &["a", "b", "c"]).as_bytes().to_vec();
    for (byte, from_offset) in [(0x80, 0), (0, 1)] {
        damaged[LAST_OFFSET_DELTA] = byte;
        damaged[LAST_OFFSET_DELTA + 3] = 0;
        let options = DecodeOptions { from_offset, ..DecodeOptions::default() };
        assert!(decode_records(damaged.clone().into(), &options).unwrap_err().problem.contains("checksum"));
    }
}

#[test]
fn read_committed_leaves_out_aborted_records_and_markers() {
    let (one, two) = (ProducerIdentity { producer_id: 1, epoch: 0 }, ProducerIdentity { producer_id: 2, epoch: 0 });
    let write =
        |owner, offset, value: &str| at_offset(&simple(Compression::Gzip, &[value]).stamp(owner, 0, true), offset);
    let mut bytes = write(one, 0, "aborted");
    bytes.extend_from_slice(&write(two, 1, "committed"));
    bytes.extend_from_slice(&at_offset(simple(Compression::None, &["plain"]).as_bytes(), 2));
    bytes.extend_from_slice(&marker(one, 3, 0));
    bytes.extend_from_slice(&write(one, 4, "second try"));
    bytes.extend_from_slice(&marker(one, 5, 1));
    bytes.extend_from_slice(&marker(two, 6, 1));
    bytes.extend_from_slice(&write(two, 7, "open"));
    let bytes = bytes.freeze();
    let options = DecodeOptions {
        isolation: IsolationLevel::ReadCommitted,
        aborted: &[AbortedTransaction { producer_id: 1, first_offset: 0 }],
        last_stable_offset: 7,
        ..DecodeOptions::default()
    };
    let set = decode_records(bytes.clone(), &options).unwrap();
    assert_eq!(values(&set), ["committed", "plain", "second try"]);
    assert_eq!(set.next_offset(), 7, "past the markers, not past the last stable offset");
    let everything = decode_records(bytes, &DecodeOptions::default()).unwrap();
    assert_eq!(everything.len(), 5, "control records are never delivered");
}

#[test]
fn a_bomb_stops_at_the_limit() {
    let zeros = vec![0u8; 8 << 20];
    for codec in &CODECS[1..] {
        let batch = build(*codec, &[(0, None, Some(zeros.clone()), Vec::new())]);
        let options = DecodeOptions { max_decompressed: 1 << 20, ..DecodeOptions::default() };
        let error = decode_records(batch.as_bytes().clone(), &options).unwrap_err();
        assert!(error.problem.contains("more than"), "{codec:?}: {}", error.problem);
    }
}
