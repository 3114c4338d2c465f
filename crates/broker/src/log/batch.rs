//! The header of a record batch, format version 2 (magic 2).
//!
//! Only the header is read on the way in and out: records stay as the producer encoded (and compressed) them. The broker
//! owns two fields, the base offset and the partition leader epoch; the checksum starts after both, so they are rewritten
//! without computing it again.

use bytes::{Buf, BufMut};

use super::LogError;

/// Bytes of a batch before its first record.
pub const HEADER_LEN: usize = 61;
/// Bytes before the part that the length field counts: base offset and length.
pub const LOG_OVERHEAD: usize = 12;
/// Where the part covered by the checksum starts.
const CRC_START: usize = 21;

const COMPRESSION_MASK: i16 = 0x07;
const LOG_APPEND_TIME: i16 = 0x08;
const TRANSACTIONAL: i16 = 0x10;
const CONTROL: i16 = 0x20;
const DELETE_HORIZON: i16 = 0x40;

/// The decoded header of one batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    /// Offset of the first record (before any compaction).
    pub base_offset: i64,
    /// Bytes that follow the length field.
    pub length: i32,
    /// Epoch of the partition's leader when the batch was appended.
    pub leader_epoch: i32,
    /// CRC-32C of everything from the attributes on.
    pub crc: u32,
    /// Compression, time stamp type, transactional, control and delete horizon bits.
    pub attributes: i16,
    /// Offset of the last record minus the base offset.
    pub last_offset_delta: i32,
    /// Time stamp that the records' deltas count from, or the delete horizon when that bit is set; milliseconds.
    pub base_timestamp: i64,
    /// Largest time stamp of the records; milliseconds.
    pub max_timestamp: i64,
    /// Producer id, -1 without idempotence.
    pub producer_id: i64,
    /// Producer epoch, -1 without idempotence.
    pub producer_epoch: i16,
    /// Sequence number of the first record, -1 without idempotence.
    pub base_sequence: i32,
    /// Number of records in the batch.
    pub count: i32,
}

impl BatchHeader {
    /// Reads the header at the start of `bytes`. Checks what must hold for the batch to be walked over (magic, length),
    /// not the checksum.
    pub fn parse(mut bytes: &[u8]) -> Result<Self, LogError> {
        if bytes.len() < HEADER_LEN {
            return Err(LogError::Corrupt("a record batch is shorter than its header"));
        }
        let base_offset = bytes.get_i64();
        let length = bytes.get_i32();
        let leader_epoch = bytes.get_i32();
        let magic = bytes.get_i8();
        if magic != 2 {
            return Err(LogError::OldFormat(magic));
        }
        if length < (HEADER_LEN - LOG_OVERHEAD) as i32 {
            return Err(LogError::Corrupt("the length of a record batch is shorter than its header"));
        }
        Ok(Self {
            base_offset,
            length,
            leader_epoch,
            crc: bytes.get_u32(),
            attributes: bytes.get_i16(),
            last_offset_delta: bytes.get_i32(),
            base_timestamp: bytes.get_i64(),
            max_timestamp: bytes.get_i64(),
            producer_id: bytes.get_i64(),
            producer_epoch: bytes.get_i16(),
            base_sequence: bytes.get_i32(),
            count: bytes.get_i32(),
        })
    }

    /// Writes the header (with the checksum field as it stands) to `out`.
    pub fn write(&self, out: &mut impl BufMut) {
        out.put_i64(self.base_offset);
        out.put_i32(self.length);
        out.put_i32(self.leader_epoch);
        out.put_i8(2);
        out.put_u32(self.crc);
        out.put_i16(self.attributes);
        out.put_i32(self.last_offset_delta);
        out.put_i64(self.base_timestamp);
        out.put_i64(self.max_timestamp);
        out.put_i64(self.producer_id);
        out.put_i16(self.producer_epoch);
        out.put_i32(self.base_sequence);
        out.put_i32(self.count);
    }

    /// Bytes of the whole batch.
    pub fn total_len(&self) -> usize {
        LOG_OVERHEAD + self.length as usize
    }

    /// Offset of the last record (before any compaction).
    pub fn last_offset(&self) -> i64 {
        self.base_offset + i64::from(self.last_offset_delta)
    }

    /// Sequence number of the last record; sequence numbers wrap to 0 after `i32::MAX`.
    pub fn last_sequence(&self) -> i32 {
        if self.base_sequence < 0 {
            return -1;
        }
        let last = i64::from(self.base_sequence) + i64::from(self.last_offset_delta);
        (last % (i64::from(i32::MAX) + 1)) as i32
    }

    /// Number of the compression codec: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.
    pub fn codec(&self) -> i16 {
        self.attributes & COMPRESSION_MASK
    }

    /// The same header with another codec.
    pub fn with_codec(mut self, codec: i16) -> Self {
        self.attributes = (self.attributes & !COMPRESSION_MASK) | codec;
        self
    }

    /// Whether the records belong to a transaction.
    pub fn is_transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL != 0
    }

    /// Whether the batch is a transaction marker.
    pub fn is_control(&self) -> bool {
        self.attributes & CONTROL != 0
    }

    /// Whether the maximum time stamp is the time of the append and holds for every record.
    pub fn is_log_append_time(&self) -> bool {
        self.attributes & LOG_APPEND_TIME != 0
    }

    /// Largest time stamp of its data; transaction markers have none.
    pub fn data_timestamp(&self) -> i64 {
        if self.is_control() { -1 } else { self.max_timestamp }
    }

    /// Whether an idempotent producer wrote the batch.
    pub fn is_idempotent(&self) -> bool {
        self.producer_id >= 0 && self.base_sequence >= 0
    }

    /// The time after which compaction may drop the batch's tombstones, when it was set.
    pub fn delete_horizon(&self) -> Option<i64> {
        (self.attributes & DELETE_HORIZON != 0).then_some(self.base_timestamp)
    }

    /// Marks the batch with a delete horizon (KIP-534); the records' deltas must then count from it.
    pub fn with_delete_horizon(mut self, horizon: i64) -> Self {
        self.attributes |= DELETE_HORIZON;
        self.base_timestamp = horizon;
        self
    }

    /// Stamps the batch with the time of the append.
    pub fn with_append_time(mut self, now: i64) -> Self {
        self.attributes |= LOG_APPEND_TIME;
        self.max_timestamp = now;
        self
    }

    /// Attributes of a transaction marker.
    pub fn marker_attributes() -> i16 {
        TRANSACTIONAL | CONTROL
    }
}

/// Compares the checksum in the header with that of the bytes.
pub fn crc_matches(header: &BatchHeader, batch: &[u8]) -> bool {
    batch.len() == header.total_len() && crc32c::crc32c(&batch[CRC_START..]) == header.crc
}

/// Puts header and records together, with length and checksum computed.
pub fn assemble(mut header: BatchHeader, records: &[u8]) -> Vec<u8> {
    header.length = (HEADER_LEN - LOG_OVERHEAD + records.len()) as i32;
    let mut out = Vec::with_capacity(HEADER_LEN + records.len());
    header.write(&mut out);
    out.extend_from_slice(records);
    let crc = crc32c::crc32c(&out[CRC_START..]);
    out[CRC_START - 4..CRC_START].copy_from_slice(&crc.to_be_bytes());
    out
}
