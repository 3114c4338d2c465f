//! The 61-byte header of a record batch (message format 2), read and patched in place.
//!
//! Everything a producer has to change after a batch was encoded (producer id, epoch, sequence,
//! the transactional flag) is in the header, so a batch can be kept as bytes in a checkpoint and
//! be sent later by another producer.

use crate::Compression;

/// Length of the header; the records follow.
pub(crate) const HEADER: usize = 61;
/// Base offset and batch length: bytes that the length does not count.
pub(crate) const LOG_OVERHEAD: usize = 12;

const LENGTH: usize = 8;
const LEADER_EPOCH: usize = 12;
const MAGIC: usize = 16;
const CRC: usize = 17;
const ATTRIBUTES: usize = 21;
const LAST_OFFSET_DELTA: usize = 23;
const BASE_TIMESTAMP: usize = 27;
const MAX_TIMESTAMP: usize = 35;
const PRODUCER_ID: usize = 43;
const PRODUCER_EPOCH: usize = 51;
const BASE_SEQUENCE: usize = 53;
const COUNT: usize = 57;

const LOG_APPEND_TIME: i16 = 1 << 3;
const TRANSACTIONAL: i16 = 1 << 4;
const CONTROL: i16 = 1 << 5;

/// The fields of a batch header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BatchHeader {
    pub base_offset: i64,
    /// Bytes of the whole batch, header included.
    pub size: usize,
    pub leader_epoch: i32,
    pub crc: u32,
    pub attributes: i16,
    pub last_offset_delta: i32,
    pub base_timestamp: i64,
    pub max_timestamp: i64,
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub base_sequence: i32,
    pub count: i32,
}

/// Why no header could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HeaderError {
    /// The bytes end before the batch does; normal at the end of a fetched range.
    CutOff,
    /// The bytes are not a batch of this format.
    Damaged(String),
}

fn read<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

impl BatchHeader {
    /// Reads the header at the start of `bytes`, which must hold the whole batch.
    pub fn read(bytes: &[u8]) -> Result<Self, HeaderError> {
        Self::fields(bytes).ok_or(HeaderError::CutOff)?
    }

    fn fields(bytes: &[u8]) -> Option<Result<Self, HeaderError>> {
        let length = i32::from_be_bytes(read(bytes, LENGTH)?);
        let magic = *bytes.get(MAGIC)? as i8;
        if magic != 2 {
            return Some(Err(HeaderError::Damaged(format!("message format {magic} is not supported, only format 2"))));
        }
        let size = match usize::try_from(length) {
            Ok(length) if length + LOG_OVERHEAD >= HEADER => length + LOG_OVERHEAD,
            _ => {
                return Some(Err(HeaderError::Damaged(format!("its length is {length}"))));
            }
        };
        if bytes.len() < size {
            return None;
        }
        Some(Ok(Self {
            base_offset: i64::from_be_bytes(read(bytes, 0)?),
            size,
            leader_epoch: i32::from_be_bytes(read(bytes, LEADER_EPOCH)?),
            crc: u32::from_be_bytes(read(bytes, CRC)?),
            attributes: i16::from_be_bytes(read(bytes, ATTRIBUTES)?),
            last_offset_delta: i32::from_be_bytes(read(bytes, LAST_OFFSET_DELTA)?),
            base_timestamp: i64::from_be_bytes(read(bytes, BASE_TIMESTAMP)?),
            max_timestamp: i64::from_be_bytes(read(bytes, MAX_TIMESTAMP)?),
            producer_id: i64::from_be_bytes(read(bytes, PRODUCER_ID)?),
            producer_epoch: i16::from_be_bytes(read(bytes, PRODUCER_EPOCH)?),
            base_sequence: i32::from_be_bytes(read(bytes, BASE_SEQUENCE)?),
            count: i32::from_be_bytes(read(bytes, COUNT)?),
        }))
    }

    /// Whether the checksum over everything after it is right. `batch` is exactly this batch.
    pub fn crc_matches(&self, batch: &[u8]) -> bool {
        batch.get(ATTRIBUTES..self.size).is_some_and(|body| crc32c::crc32c(body) == self.crc)
    }

    pub fn last_offset(&self) -> i64 {
        self.base_offset.saturating_add(i64::from(self.last_offset_delta))
    }

    pub fn compression(&self) -> Option<Compression> {
        Compression::from_attributes(self.attributes)
    }

    pub fn log_append_time(&self) -> bool {
        self.attributes & LOG_APPEND_TIME != 0
    }

    pub fn transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL != 0
    }

    pub fn control(&self) -> bool {
        self.attributes & CONTROL != 0
    }

    /// Writes header and checksum into the first [`HEADER`] bytes of `batch`.
    pub fn write(&self, batch: &mut [u8]) {
        let mut put = |at: usize, bytes: &[u8]| batch[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &self.base_offset.to_be_bytes());
        put(LENGTH, &((self.size - LOG_OVERHEAD) as i32).to_be_bytes());
        put(LEADER_EPOCH, &self.leader_epoch.to_be_bytes());
        put(MAGIC, &[2]);
        put(ATTRIBUTES, &self.attributes.to_be_bytes());
        put(LAST_OFFSET_DELTA, &self.last_offset_delta.to_be_bytes());
        put(BASE_TIMESTAMP, &self.base_timestamp.to_be_bytes());
        put(MAX_TIMESTAMP, &self.max_timestamp.to_be_bytes());
        put(PRODUCER_ID, &self.producer_id.to_be_bytes());
        put(PRODUCER_EPOCH, &self.producer_epoch.to_be_bytes());
        put(BASE_SEQUENCE, &self.base_sequence.to_be_bytes());
        put(COUNT, &self.count.to_be_bytes());
        seal(batch);
    }
}

fn seal(batch: &mut [u8]) {
    let crc = crc32c::crc32c(&batch[ATTRIBUTES..]);
    batch[CRC..CRC + 4].copy_from_slice(&crc.to_be_bytes());
}

/// Makes `batch` a batch of the given producer. `batch` is one whole, well-formed batch.
pub(crate) fn stamp(batch: &mut [u8], producer_id: i64, producer_epoch: i16, base_sequence: i32, transactional: bool) {
    let attributes = i16::from_be_bytes([batch[ATTRIBUTES], batch[ATTRIBUTES + 1]]);
    let attributes = if transactional { attributes | TRANSACTIONAL } else { attributes & !TRANSACTIONAL };
    batch[ATTRIBUTES..ATTRIBUTES + 2].copy_from_slice(&attributes.to_be_bytes());
    batch[PRODUCER_ID..PRODUCER_ID + 8].copy_from_slice(&producer_id.to_be_bytes());
    batch[PRODUCER_EPOCH..PRODUCER_EPOCH + 2].copy_from_slice(&producer_epoch.to_be_bytes());
    batch[BASE_SEQUENCE..BASE_SEQUENCE + 4].copy_from_slice(&base_sequence.to_be_bytes());
    seal(batch);
}
