//! A produced batch checked and brought into the form in which it is stored, before the log's lock is taken.
//!
//! Checked are the header, the checksum, and (for uncompressed batches, and wherever the records must be opened anyway)
//! the records one by one. Compressed batches are otherwise trusted as their checksum says: unpacking every batch would
//! cost more than storing it.

use std::borrow::Cow;

use super::batch::{BatchHeader, HEADER_LEN, assemble, crc_matches};
use super::compression::{pack, unpack};
use super::records::Records;
use super::{LogConfig, LogError};

/// A batch that may be appended.
#[derive(Clone, Debug)]
pub struct Prepared<'a> {
    /// Its header; base offset and leader epoch are not set yet.
    pub header: BatchHeader,
    /// Its record section.
    pub records: Cow<'a, [u8]>,
}

/// Checks the record set of one partition in a Produce request: exactly one batch of format 2. `now` is milliseconds since 1970.
pub fn prepare<'a>(bytes: &'a [u8], config: &LogConfig, now: i64) -> Result<Prepared<'a>, LogError> {
    let header = BatchHeader::parse(bytes)?;
    if bytes.len() > config.max_message_bytes {
        return Err(LogError::TooLarge { size: bytes.len(), limit: config.max_message_bytes });
    }
    if header.total_len() != bytes.len() {
        return Err(LogError::InvalidRecord("a produce request must hold exactly one record batch per partition"));
    }
    if !crc_matches(&header, bytes) {
        return Err(LogError::Corrupt("the checksum of a record batch does not match"));
    }
    check_header(&header, config, now)?;
    let section = &bytes[HEADER_LEN..];
    let opened = (header.codec() == 0 || config.compact || config.codec.is_some_and(|codec| codec != header.codec()))
        .then(|| open(&header, section, config))
        .transpose()?;
    transform(header, section, opened, config, now)
}

fn check_header(header: &BatchHeader, config: &LogConfig, now: i64) -> Result<(), LogError> {
    if header.is_control() {
        return Err(LogError::InvalidRecord("clients must not write control batches"));
    }
    if header.count <= 0 || header.last_offset_delta != header.count - 1 {
        return Err(LogError::InvalidRecord("the record count of a batch does not match its offsets"));
    }
    if header.codec() > 4 {
        return Err(LogError::UnsupportedCodec(header.codec()));
    }
    if header.producer_id >= 0 && (header.producer_epoch < 0 || header.base_sequence < 0) {
        return Err(LogError::InvalidRecord("a batch of an idempotent producer lacks its epoch or sequence number"));
    }
    if header.is_transactional() && header.producer_id < 0 {
        return Err(LogError::InvalidRecord("a transactional batch lacks its producer id"));
    }
    if !config.append_time {
        for timestamp in [header.base_timestamp, header.max_timestamp] {
            let (early, late) = (now.saturating_sub(timestamp), timestamp.saturating_sub(now));
            if timestamp >= 0 && (early > config.timestamp_before_max_ms || late > config.timestamp_after_max_ms) {
                return Err(LogError::InvalidTimestamp { timestamp });
            }
        }
    }
    Ok(())
}

fn open<'a>(header: &BatchHeader, section: &'a [u8], config: &LogConfig) -> Result<Cow<'a, [u8]>, LogError> {
    let opened = unpack(header.codec(), section)?;
    for (at, record) in Records::new(&opened, header.count).enumerate() {
        let record = record?;
        if record.offset_delta != at as i32 {
            return Err(LogError::InvalidRecord("the offsets of a batch are not consecutive"));
        }
        if config.compact && record.key.is_none() {
            return Err(LogError::InvalidRecord("a compacted topic takes no record without a key"));
        }
    }
    Ok(opened)
}

fn transform<'a>(
    mut header: BatchHeader,
    section: &'a [u8],
    opened: Option<Cow<'a, [u8]>>,
    config: &LogConfig,
    now: i64,
) -> Result<Prepared<'a>, LogError> {
    let recode = config.codec.filter(|codec| *codec != header.codec());
    if recode.is_none() && !config.append_time {
        return Ok(Prepared { header, records: Cow::Borrowed(section) });
    }
    let mut records = Cow::Borrowed(section);
    if let (Some(codec), Some(opened)) = (recode, opened) {
        records = Cow::Owned(pack(codec, &opened)?);
        header = header.with_codec(codec);
    }
    if config.append_time {
        header = header.with_append_time(now);
    }
    header = BatchHeader::parse(&assemble(header, &records))?;
    Ok(Prepared { header, records })
}
