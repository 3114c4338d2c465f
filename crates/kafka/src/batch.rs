//! Building record batches (message format 2) straight from columns.
//!
//! [`BatchBuilder`] appends records to one buffer that already has room for the header, so an
//! uncompressed batch is never copied and a compressed one once. [`RawBatch`] is the finished
//! batch without an owner: no producer id, no sequence. It can be stored as bytes and produced
//! later, under whatever producer identity holds then.

use bytes::{Bytes, BytesMut};

use crate::{
    Compression, Error, ProducerIdentity, Result, compression,
    header::{self, BatchHeader, HEADER, HeaderError},
    varint,
};

/// A record header: name and value (`None` is null).
pub type Header<'a> = (&'a str, Option<&'a [u8]>);

const MAX_BATCH: usize = i32::MAX as usize - HEADER;

/// Collects records for one partition and encodes them as one batch.
#[derive(Debug)]
pub struct BatchBuilder {
    codec: Compression,
    // The header's bytes, then the records.
    buffer: Vec<u8>,
    count: i32,
    base_timestamp: i64,
    max_timestamp: i64,
}

impl BatchBuilder {
    /// An empty batch that will be compressed with `codec`.
    pub fn new(codec: Compression) -> Self {
        Self::with_capacity(codec, 16 * 1024)
    }

    /// The same with room for `bytes` bytes of records.
    pub fn with_capacity(codec: Compression, bytes: usize) -> Self {
        let mut buffer = Vec::with_capacity(HEADER + bytes);
        buffer.resize(HEADER, 0);
        Self { codec, buffer, count: 0, base_timestamp: 0, max_timestamp: i64::MIN }
    }

    /// Records appended so far.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether nothing was appended yet.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Size in bytes of the batch if it were not compressed.
    pub fn size(&self) -> usize {
        self.buffer.len()
    }

    /// Appends a record. `timestamp` is in milliseconds since the epoch; `None` keys and values
    /// are null (a null value is a tombstone in compacted topics).
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when the batch would not fit in 2 GiB; nothing is appended then.
    pub fn append(
        &mut self,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header<'_>],
    ) -> Result<()> {
        if self.count == 0 {
            self.base_timestamp = timestamp;
        }
        let timestamp_delta = timestamp.wrapping_sub(self.base_timestamp);
        let offset_delta = i64::from(self.count);
        let body = 1
            + varint::size(timestamp_delta)
            + varint::size(offset_delta)
            + field_size(key)
            + field_size(value)
            + varint::size(headers.len() as i64)
            + headers.iter().map(|(name, value)| field_size(Some(name.as_bytes())) + field_size(*value)).sum::<usize>();
        let size = varint::size(body as i64) + body;
        if self.buffer.len() + size > MAX_BATCH || self.count == i32::MAX {
            return Err(Error::invalid(format!(
                "a record of {size} bytes does not fit in a batch that holds {} bytes already",
                self.buffer.len()
            )));
        }
        let out = &mut self.buffer;
        out.reserve(size);
        varint::put(out, body as i64);
        out.push(0);
        varint::put(out, timestamp_delta);
        varint::put(out, offset_delta);
        put_field(out, key);
        put_field(out, value);
        varint::put(out, headers.len() as i64);
        for (name, value) in headers {
            put_field(out, Some(name.as_bytes()));
            put_field(out, *value);
        }
        self.count += 1;
        self.max_timestamp = self.max_timestamp.max(timestamp);
        Ok(())
    }

    /// Encodes what was appended and starts anew; `None` when nothing was appended.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when the codec fails or the result is beyond 2 GiB.
    pub fn build(&mut self) -> Result<Option<RawBatch>> {
        if self.count == 0 {
            return Ok(None);
        }
        let records = std::mem::replace(self, Self::with_capacity(self.codec, self.buffer.len()));
        let mut batch = match records.codec {
            Compression::None => records.buffer,
            codec => {
                let mut packed = Vec::with_capacity(HEADER + records.buffer.len() / 2);
                packed.resize(HEADER, 0);
                compression::compress(codec, &records.buffer[HEADER..], &mut packed)
                    .map_err(|e| Error::invalid(format!("{codec:?} compression: {e}")))?;
                packed
            }
        };
        if batch.len() > MAX_BATCH {
            return Err(Error::invalid("a batch is larger than 2 GiB"));
        }
        let fields = BatchHeader {
            base_offset: 0,
            size: batch.len(),
            leader_epoch: -1,
            crc: 0,
            attributes: records.codec as i16,
            last_offset_delta: records.count - 1,
            base_timestamp: records.base_timestamp,
            max_timestamp: records.max_timestamp,
            producer_id: -1,
            producer_epoch: -1,
            base_sequence: -1,
            count: records.count,
        };
        fields.write(&mut batch);
        Ok(Some(RawBatch {
            bytes: batch.into(),
            records: records.count,
            base_timestamp: records.base_timestamp,
            max_timestamp: records.max_timestamp,
        }))
    }
}

fn field_size(field: Option<&[u8]>) -> usize {
    match field {
        None => 1,
        Some(bytes) => varint::size(bytes.len() as i64) + bytes.len(),
    }
}

fn put_field(out: &mut Vec<u8>, field: Option<&[u8]>) {
    match field {
        None => varint::put(out, -1),
        Some(bytes) => {
            varint::put(out, bytes.len() as i64);
            out.extend_from_slice(bytes);
        }
    }
}

/// An encoded record batch for one partition, not yet owned by a producer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawBatch {
    bytes: Bytes,
    records: i32,
    base_timestamp: i64,
    max_timestamp: i64,
}

impl RawBatch {
    /// Takes back what [`RawBatch::as_bytes`] gave out.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when the bytes are not exactly one whole, undamaged batch.
    pub fn from_bytes(bytes: Bytes) -> Result<Self> {
        let fields = BatchHeader::read(&bytes).map_err(|e| match e {
            HeaderError::CutOff => Error::invalid("a stored record batch is cut off"),
            HeaderError::Damaged(problem) => Error::invalid(format!("a stored record batch is damaged: {problem}")),
        })?;
        if fields.size != bytes.len() || fields.count <= 0 || !fields.crc_matches(&bytes) {
            return Err(Error::invalid("a stored record batch is damaged: checksum or length"));
        }
        Ok(Self {
            bytes,
            records: fields.count,
            base_timestamp: fields.base_timestamp,
            max_timestamp: fields.max_timestamp,
        })
    }

    /// The batch in Kafka's own format, for a checkpoint.
    pub fn as_bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Number of records, at least one.
    pub fn records(&self) -> usize {
        self.records as usize
    }

    /// Encoded size in bytes.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Timestamp of the first record, in milliseconds.
    pub fn base_timestamp(&self) -> i64 {
        self.base_timestamp
    }

    /// Largest timestamp, in milliseconds.
    pub fn max_timestamp(&self) -> i64 {
        self.max_timestamp
    }

    /// The batch as that producer's batch with that sequence number.
    pub fn stamp(&self, owner: ProducerIdentity, sequence: i32, transactional: bool) -> Bytes {
        let mut batch = BytesMut::from(&self.bytes[..]);
        header::stamp(&mut batch, owner.producer_id, owner.epoch, sequence, transactional);
        batch.freeze()
    }
}
