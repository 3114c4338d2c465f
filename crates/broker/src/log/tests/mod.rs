//! Tests of the log on real files.

mod compaction;
mod producers;
mod properties;
mod recovery;
mod retention;

use std::path::Path;

use super::batch::{BatchHeader, assemble};
use super::compression::pack;
use super::prepare::prepare;
use super::records::{Record, Records, put_record};
use super::{Appended, Log, LogConfig, LogError};
use crate::options::Fsync;
use crate::topics::config::{Overrides, log_config};

/// A time in tests, milliseconds.
pub(crate) const NOW: i64 = 1_700_000_000_000;

/// Settings with small segments.
pub(crate) fn config(overrides: &[(&str, &str)]) -> LogConfig {
    let overrides: Overrides = overrides.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    log_config(&overrides)
}

pub(crate) fn open(dir: &Path, config: LogConfig) -> Log {
    Log::open(dir.to_owned(), config, Fsync::Never, NOW).unwrap()
}

/// Who writes a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct By {
    pub id: i64,
    pub epoch: i16,
    pub sequence: i32,
    pub transactional: bool,
}

pub(crate) const NOBODY: By = By { id: -1, epoch: -1, sequence: -1, transactional: false };

/// A batch as a producer sends it: keys and values, `None` values are tombstones.
pub(crate) fn batch(by: By, codec: i16, timestamp: i64, records: &[(Option<&str>, Option<&str>)]) -> Vec<u8> {
    let mut section = Vec::new();
    for (at, (key, value)) in records.iter().enumerate() {
        let record = Record {
            timestamp_delta: 0,
            offset_delta: at as i32,
            key: key.map(str::as_bytes),
            value: value.map(str::as_bytes),
            headers: &[0],
            attributes: 0,
        };
        put_record(&mut section, &record);
    }
    let count = records.len() as i32;
    let header = BatchHeader {
        base_offset: 0,
        length: 0,
        leader_epoch: -1,
        crc: 0,
        attributes: codec | if by.transactional { 0x10 } else { 0 },
        last_offset_delta: count - 1,
        base_timestamp: timestamp,
        max_timestamp: timestamp,
        producer_id: by.id,
        producer_epoch: by.epoch,
        base_sequence: by.sequence,
        count,
    };
    assemble(header, &pack(codec, &section).unwrap())
}

pub(crate) fn append(log: &mut Log, bytes: &[u8], now: i64) -> Result<Appended, LogError> {
    let prepared = prepare(bytes, &log.config, now)?;
    log.append(&prepared, now)
}

/// Appends one record per value and returns the base offset.
pub(crate) fn put(log: &mut Log, key: &str, value: Option<&str>) -> i64 {
    append(log, &batch(NOBODY, 0, NOW, &[(Some(key), value)]), NOW).unwrap().base_offset
}

/// All data records as (offset, key, value), aborted ones too.
pub(crate) fn records(log: &mut Log) -> Vec<(i64, Option<String>, Option<String>)> {
    let mut found = Vec::new();
    let ends = log.ends();
    let mut offset = ends.start;
    while offset < ends.end {
        let bytes = log.plan(offset, false).unwrap().read(1 << 20, true).unwrap();
        let mut rest = &bytes[..];
        let before = offset;
        while !rest.is_empty() {
            let header = BatchHeader::parse(rest).unwrap();
            let section =
                super::compression::unpack(header.codec(), &rest[super::batch::HEADER_LEN..header.total_len()])
                    .unwrap()
                    .into_owned();
            for record in Records::new(&section, header.count).filter(|_| !header.is_control()) {
                let record = record.unwrap();
                let text = |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap());
                found.push((header.base_offset + i64::from(record.offset_delta), text(record.key), text(record.value)));
            }
            offset = header.last_offset() + 1;
            rest = &rest[header.total_len()..];
        }
        if offset == before {
            break;
        }
    }
    found.retain(|(offset, ..)| *offset >= ends.start);
    found
}
