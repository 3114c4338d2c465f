//! The records inside a batch: walked for validation, time look-ups and compaction.
//!
//! A record is `length, attributes, time stamp delta, offset delta, key, value, headers`, with variable-length integers.
//! Nothing is copied: a [`Record`] borrows from the (decompressed) batch.

use super::LogError;

/// One record of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The record's time stamp minus the batch's base time stamp.
    pub timestamp_delta: i64,
    /// The record's offset minus the batch's base offset.
    pub offset_delta: i32,
    /// The key, if any.
    pub key: Option<&'a [u8]>,
    /// The value; without one the record is a tombstone.
    pub value: Option<&'a [u8]>,
    /// Number of headers and the headers, as encoded.
    pub headers: &'a [u8],
    /// The attributes byte (unused by the format so far).
    pub attributes: u8,
}

const BAD: LogError = LogError::InvalidRecord("a record does not fit its length");

/// Reads an unsigned variable-length integer of at most 64 bits.
fn unsigned(bytes: &mut &[u8]) -> Result<u64, LogError> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(BAD)?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(BAD)
}

fn signed(bytes: &mut &[u8]) -> Result<i64, LogError> {
    let raw = unsigned(bytes)?;
    Ok((raw >> 1) as i64 ^ -((raw & 1) as i64))
}

fn take<'a>(bytes: &mut &'a [u8], len: usize) -> Result<&'a [u8], LogError> {
    let (head, rest) = bytes.split_at_checked(len).ok_or(BAD)?;
    *bytes = rest;
    Ok(head)
}

fn nullable<'a>(bytes: &mut &'a [u8]) -> Result<Option<&'a [u8]>, LogError> {
    match signed(bytes)? {
        -1 => Ok(None),
        len if len >= 0 => take(bytes, len as usize).map(Some),
        _ => Err(BAD),
    }
}

/// Walks over the records of an uncompressed record section.
pub struct Records<'a> {
    rest: &'a [u8],
    left: i32,
}

impl<'a> Records<'a> {
    /// `count` is the header's; a section with fewer or more bytes than that many records gives an error at its end.
    pub fn new(section: &'a [u8], count: i32) -> Self {
        Self { rest: section, left: count }
    }

    fn read(&mut self) -> Result<Record<'a>, LogError> {
        let length = signed(&mut self.rest)?;
        let mut body = take(&mut self.rest, usize::try_from(length).map_err(|_| BAD)?)?;
        let attributes = take(&mut body, 1)?[0];
        let timestamp_delta = signed(&mut body)?;
        let offset_delta = i32::try_from(signed(&mut body)?).map_err(|_| BAD)?;
        let key = nullable(&mut body)?;
        let value = nullable(&mut body)?;
        let headers = body;
        let count = signed(&mut body)?;
        if count < 0 || count > body.len() as i64 {
            return Err(BAD);
        }
        for _ in 0..count {
            nullable(&mut body)?.ok_or(BAD)?;
            nullable(&mut body)?;
        }
        if !body.is_empty() {
            return Err(BAD);
        }
        Ok(Record { timestamp_delta, offset_delta, key, value, headers, attributes })
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left <= 0 {
            if self.rest.is_empty() {
                return None;
            }
            self.rest = &[];
            return Some(Err(LogError::InvalidRecord("a record batch has bytes after its last record")));
        }
        self.left -= 1;
        let record = self.read();
        if record.is_err() {
            self.left = 0;
            self.rest = &[];
        }
        Some(record)
    }
}

fn put_unsigned(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_signed(out: &mut Vec<u8>, value: i64) {
    put_unsigned(out, ((value << 1) ^ (value >> 63)) as u64);
}

fn put_nullable(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        None => put_signed(out, -1),
        Some(bytes) => {
            put_signed(out, bytes.len() as i64);
            out.extend_from_slice(bytes);
        }
    }
}

/// Appends one record in its wire form.
pub fn put_record(out: &mut Vec<u8>, record: &Record<'_>) {
    let mut body = Vec::with_capacity(32 + record.headers.len());
    body.push(record.attributes);
    put_signed(&mut body, record.timestamp_delta);
    put_signed(&mut body, i64::from(record.offset_delta));
    put_nullable(&mut body, record.key);
    put_nullable(&mut body, record.value);
    body.extend_from_slice(record.headers);
    put_signed(out, body.len() as i64);
    out.extend_from_slice(&body);
}
