//! Record batches as the client decodes them: columns that fit together, positions that only move on.

use bytes::Bytes;
use nutkin_kafka::{
    AbortedTransaction, BatchBuilder, Compression, DecodeOptions, IsolationLevel, ProducerIdentity, RecordSet,
    decode_records,
};

use crate::mutate::BINARY;
use crate::run::{Check, Target};

pub const TARGET: Target = Target { samples, mutations: BINARY, check, a_minute: 12_000_000 };

const CODECS: [Compression; 5] =
    [Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];
/// Where the batch length, the checksum and the attributes stand in a batch.
const LENGTH: usize = 8;
const CRC: usize = 17;
const ATTRIBUTES: usize = 21;
const CONTROL: u8 = 1 << 5;

/// A batch at `offset`; `control` makes an end marker of it.
fn batch(codec: Compression, offset: i64, records: i64, control: bool) -> Vec<u8> {
    let mut builder = BatchBuilder::new(codec);
    for n in 0..records {
        let key = if control { Some(&[0, 0, 0, 0][..]) } else { [None, Some(&b"key"[..])][(n % 2) as usize] };
        builder.append(1000 + n, key, Some(&b"value ".repeat(n as usize)), &[("a", Some(b"x")), ("b", None)]).unwrap();
    }
    let owner = ProducerIdentity { producer_id: 4, epoch: 1 };
    let mut batch = builder.build().unwrap().unwrap().stamp(owner, 0, true).to_vec();
    batch[..8].copy_from_slice(&offset.to_be_bytes());
    if control {
        batch[ATTRIBUTES + 1] |= CONTROL;
    }
    checksummed(&mut batch);
    batch
}

/// Makes the checksum of every batch match again.
fn checksummed(records: &mut [u8]) {
    let Some(length) = records.get(LENGTH..LENGTH + 4).and_then(|bytes| bytes.first_chunk()) else { return };
    let size = usize::try_from(i32::from_be_bytes(*length)).unwrap_or(0).saturating_add(LENGTH + 4);
    let Some((batch, rest)) = records.split_at_mut_checked(size) else { return };
    if let Some(body) = batch.get(ATTRIBUTES..) {
        let crc = crc32c::crc32c(body);
        batch[CRC..ATTRIBUTES].copy_from_slice(&crc.to_be_bytes());
    }
    checksummed(rest);
}

fn samples() -> Vec<Vec<u8>> {
    let alone = CODECS.map(|codec| batch(codec, 3, 5, false));
    let mixed = CODECS.iter().zip(0..).flat_map(|(codec, n)| batch(*codec, 4 * n, 4, false)).collect();
    let aborted = [batch(Compression::None, 0, 3, false), batch(Compression::None, 3, 1, true)].concat();
    alone.into_iter().chain([mixed, aborted]).collect()
}

fn check() -> Check {
    Box::new(|input| {
        let mut repaired = input.to_vec();
        checksummed(&mut repaired);
        let mut read = false;
        for (records, check_crc) in [(input, true), (input, false), (&repaired, true)] {
            let records = Bytes::copy_from_slice(records);
            for (from_offset, isolation) in [(0, IsolationLevel::ReadUncommitted), (5, IsolationLevel::ReadCommitted)] {
                let options = DecodeOptions {
                    from_offset,
                    isolation,
                    aborted: &[AbortedTransaction { producer_id: 4, first_offset: 2 }],
                    last_stable_offset: 1 << 40,
                    check_crc,
                    max_decompressed: 1 << 20,
                    buffers: None,
                };
                match decode_records(records.clone(), &options) {
                    Ok(set) => {
                        consistent(&set, from_offset);
                        read |= !set.is_empty();
                    }
                    Err(error) => assert!(!error.problem.is_empty()),
                }
            }
        }
        read
    })
}

fn consistent(set: &RecordSet, from_offset: i64) {
    assert_eq!(set.timestamps().len(), set.len());
    assert!(set.offsets().is_sorted(), "offsets descend");
    assert!(
        set.offsets().iter().all(|offset| (from_offset..set.next_offset()).contains(offset)),
        "offsets are read again"
    );
    assert!(set.next_offset() >= from_offset);
    let mut rows = 0;
    for batch in set.batches() {
        assert_eq!(batch.rows.start, rows);
        rows = batch.rows.end;
    }
    assert_eq!(rows, set.len(), "rows without a batch");
    for row in 0..set.len() {
        assert_eq!(set.key(row).is_some(), set.key_range(row).is_some(), "a key outside the buffer");
        assert_eq!(set.value(row).is_some(), set.value_range(row).is_some(), "a value outside the buffer");
        assert!(set.timestamp_type(row).is_some());
        assert!(set.headers(row).count() <= set.buffer().len());
    }
}
