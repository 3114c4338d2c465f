//! Transaction markers as control batches: one record whose key says commit or abort and whose value names the
//! coordinator's epoch.

use super::LogError;
use super::batch::{BatchHeader, HEADER_LEN, assemble};
use super::producers::Marker;
use super::records::{Record, Records, put_record};

const ABORT: i16 = 0;
const COMMIT: i16 = 1;

/// Encodes the marker as a batch with base offset 0.
pub fn encode(marker: &Marker, now: i64) -> Vec<u8> {
    let mut key = 0i16.to_be_bytes().to_vec();
    key.extend_from_slice(&(if marker.commit { COMMIT } else { ABORT }).to_be_bytes());
    let mut value = 0i16.to_be_bytes().to_vec();
    value.extend_from_slice(&marker.coordinator_epoch.to_be_bytes());
    let mut records = Vec::new();
    let record = Record {
        timestamp_delta: 0,
        offset_delta: 0,
        key: Some(&key),
        value: Some(&value),
        headers: &[0],
        attributes: 0,
    };
    put_record(&mut records, &record);
    let header = BatchHeader {
        base_offset: 0,
        length: 0,
        leader_epoch: 0,
        crc: 0,
        attributes: BatchHeader::marker_attributes(),
        last_offset_delta: 0,
        base_timestamp: now,
        max_timestamp: now,
        producer_id: marker.producer_id,
        producer_epoch: marker.epoch,
        base_sequence: -1,
        count: 1,
    };
    assemble(header, &records)
}

/// Decodes a control batch; `None` for control records of other kinds.
pub fn decode(header: &BatchHeader, batch: &[u8]) -> Result<Option<Marker>, LogError> {
    const BAD: LogError = LogError::Corrupt("a transaction marker cannot be read");
    let section = batch.get(HEADER_LEN..).ok_or(BAD)?;
    let record = Records::new(section, header.count).next().ok_or(BAD)??;
    let key = record.key.and_then(|key| key.first_chunk::<4>()).ok_or(BAD)?;
    let commit = match i16::from_be_bytes([key[2], key[3]]) {
        ABORT => false,
        COMMIT => true,
        _ => return Ok(None),
    };
    let coordinator_epoch = record
        .value
        .and_then(|value| value.get(2..6))
        .and_then(|epoch| epoch.try_into().ok())
        .map(i32::from_be_bytes)
        .ok_or(BAD)?;
    let (producer_id, epoch) = (header.producer_id, header.producer_epoch);
    Ok(Some(Marker { producer_id, epoch, coordinator_epoch, commit }))
}
