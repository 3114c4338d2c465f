//! Decoding fetched record batches into columns.
//!
//! A [`RecordSet`] holds the records of one partition's answer: offsets and timestamps as arrays,
//! keys, values and headers as ranges into one buffer. When no batch is compressed that buffer is
//! the network frame itself; otherwise every batch is decompressed once behind the one before.
//! There is no allocation per record. Decoding is a pure function of bytes and never panics: what
//! cannot be read becomes a [`DecodeError`] with the offset of the batch, after the good batches
//! before it were handed out.
//!
//! `read_committed` is decided here, from batch headers alone: aborted batches and control batches
//! are never decompressed, and [`RecordSet::next_offset`] moves past them.

mod buffers;
mod headers;
mod set;

pub use buffers::Buffers;
pub use headers::Headers;
pub use set::{BatchSpan, RecordSet, TimestampType};

use std::collections::HashSet;

use bytes::Bytes;

use crate::{
    Compression, IsolationLevel, compression,
    header::{BatchHeader, HEADER, HeaderError},
    varint,
};

/// A transaction that was aborted: its records at and after `first_offset` are not delivered
/// under `read_committed`, up to its abort marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AbortedTransaction {
    /// The producer whose transaction it was.
    pub producer_id: i64,
    /// Its first offset in the partition.
    pub first_offset: i64,
}

/// How to read the bytes of one partition.
#[derive(Debug, Clone)]
pub struct DecodeOptions<'a> {
    /// Records before this offset are left out (a batch may start earlier than asked).
    pub from_offset: i64,
    /// Whether aborted records are left out.
    pub isolation: IsolationLevel,
    /// The aborted transactions that came with the bytes.
    pub aborted: &'a [AbortedTransaction],
    /// Under `read_committed`, batches at or after this offset are not delivered; negative when
    /// it is not known.
    pub last_stable_offset: i64,
    /// Whether to verify checksums.
    pub check_crc: bool,
    /// Most bytes that the records of one set may decompress to.
    pub max_decompressed: usize,
    /// Where decompressed records get their memory; None takes it from the system.
    pub buffers: Option<&'a Buffers>,
}

impl Default for DecodeOptions<'_> {
    fn default() -> Self {
        Self {
            from_offset: 0,
            isolation: IsolationLevel::ReadUncommitted,
            aborted: &[],
            last_stable_offset: -1,
            check_crc: true,
            max_decompressed: 256 << 20,
            buffers: None,
        }
    }
}

/// A batch that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("record batch at offset {offset}: {problem}")]
pub struct DecodeError {
    /// Base offset of the batch; where even that is unreadable, the position before it.
    pub offset: i64,
    /// What is wrong with it.
    pub problem: String,
}

/// Decodes the batches in `records`.
///
/// A batch that is cut off at the end is left for the next fetch. When a batch after the first
/// cannot be read, the set ends before it, so that nothing readable is lost; fetching from
/// `next_offset` then gives the error.
///
/// # Errors
/// [`DecodeError`] when the first batch that matters cannot be read.
pub fn decode_records(records: Bytes, options: &DecodeOptions<'_>) -> Result<RecordSet, DecodeError> {
    let decoder = Decoder::new(options);
    let compressed = any_compressed(&records);
    // Offsets into the buffer are 32 bits wide; no fetch comes near that.
    if records.len() > u32::MAX as usize {
        return Err(DecodeError { offset: options.from_offset, problem: "more than 4 GiB in one answer".to_owned() });
    }
    decoder.run(records, compressed)
}

fn any_compressed(records: &[u8]) -> bool {
    let mut at = 0;
    while let Ok(header) = BatchHeader::read(&records[at..]) {
        if !header.control() && header.compression() != Some(Compression::None) {
            return true;
        }
        at += header.size;
    }
    false
}

struct Decoder<'a> {
    options: &'a DecodeOptions<'a>,
    // Aborted transactions by first offset, and how far they have become active.
    pending: Vec<AbortedTransaction>,
    reached: usize,
    aborted: HashSet<i64>,
    // Offset after the batch before.
    end: i64,
    set: RecordSet,
}

impl<'a> Decoder<'a> {
    fn new(options: &'a DecodeOptions<'a>) -> Self {
        let mut pending = options.aborted.to_vec();
        pending.sort_by_key(|t| t.first_offset);
        let set = RecordSet::empty(options.from_offset);
        Self { options, pending, reached: 0, aborted: HashSet::new(), end: 0, set }
    }

    fn run(mut self, records: Bytes, copy: bool) -> Result<RecordSet, DecodeError> {
        let buffers = self.options.buffers.filter(|_| copy);
        let mut unpacked = buffers.map(Buffers::take).unwrap_or_default();
        let mut at = 0;
        while at < records.len() {
            let header = match BatchHeader::read(&records[at..]) {
                Ok(header) => header,
                Err(HeaderError::CutOff) => break,
                Err(HeaderError::Damaged(problem)) => match self.stop(None, problem) {
                    None => break,
                    Some(error) => return Err(error),
                },
            };
            if self.beyond_stable(&header) {
                break;
            }
            let batch = &records[at..at + header.size];
            let outcome = if copy {
                self.batch(&header, batch, Target::Copy(&mut unpacked))
            } else {
                self.batch(&header, batch, Target::InPlace { frame: &records, at })
            };
            if let Err(problem) = outcome {
                match self.stop(Some(header.base_offset), problem) {
                    None => break,
                    Some(error) => return Err(error),
                }
            }
            self.end = self.end.max(header.last_offset().saturating_add(1));
            self.set.advance(self.end);
            at += header.size;
        }
        self.set.attach(match buffers {
            Some(buffers) => buffers.share(unpacked),
            None if copy => unpacked.into(),
            None => records,
        });
        Ok(self.set)
    }

    // An error, unless there is something readable before it to hand out first.
    fn stop(&self, offset: Option<i64>, problem: String) -> Option<DecodeError> {
        let progressed = self.set.next_offset() > self.options.from_offset;
        (!progressed).then(|| DecodeError { offset: offset.unwrap_or(self.set.next_offset()), problem })
    }

    fn beyond_stable(&self, header: &BatchHeader) -> bool {
        self.options.isolation == IsolationLevel::ReadCommitted
            && self.options.last_stable_offset >= 0
            && header.base_offset >= self.options.last_stable_offset
    }

    fn batch(&mut self, header: &BatchHeader, batch: &[u8], target: Target<'_>) -> Result<(), String> {
        // Before anything in the header decides that the batch does not matter.
        if self.options.check_crc && !header.crc_matches(batch) {
            return Err("its checksum does not match".to_owned());
        }
        if header.last_offset_delta < 0 || header.count < 0 || header.base_offset < 0 {
            return Err("its header has negative counts or offsets".to_owned());
        }
        if header.last_offset() < self.options.from_offset {
            return Ok(());
        }
        // Base offsets are outside of the checksum.
        if header.base_offset < self.end {
            return Err("its offsets do not follow those of the batch before it".to_owned());
        }
        if self.skipped(header, &batch[HEADER..]) || header.count == 0 {
            return Ok(());
        }
        let codec = header.compression().ok_or("its compression codec is unknown")?;
        match target {
            Target::InPlace { frame, at } => self.rows(header, frame, at + HEADER, at + header.size),
            Target::Copy(out) => {
                let start = out.len();
                let limit = self.options.max_decompressed.min(u32::MAX as usize);
                let limit = limit.saturating_sub(start);
                let outcome = compression::decompress(codec, &batch[HEADER..], out, limit)
                    .and_then(|()| self.rows(header, out, start, out.len()));
                if outcome.is_err() {
                    out.truncate(start);
                }
                outcome
            }
        }
    }

    // Whether the whole batch is left out: a control batch, or one of an aborted transaction.
    fn skipped(&mut self, header: &BatchHeader, body: &[u8]) -> bool {
        while let Some(next) = self.pending.get(self.reached)
            && next.first_offset <= header.last_offset()
        {
            self.aborted.insert(next.producer_id);
            self.reached += 1;
        }
        if header.control() {
            if is_abort_marker(body) {
                self.aborted.remove(&header.producer_id);
            }
            return true;
        }
        self.options.isolation == IsolationLevel::ReadCommitted
            && header.transactional()
            && self.aborted.contains(&header.producer_id)
    }

    fn rows(&mut self, header: &BatchHeader, buffer: &[u8], start: usize, end: usize) -> Result<(), String> {
        let mark = self.set.len();
        let outcome = self.try_rows(header, &buffer[..end], start);
        match outcome {
            Some(()) => {
                self.set.close_batch(mark, header);
                Ok(())
            }
            None => {
                self.set.truncate(mark);
                Err(format!("its records are cut off or damaged (it claims {})", header.count))
            }
        }
    }

    fn try_rows(&mut self, header: &BatchHeader, buffer: &[u8], start: usize) -> Option<()> {
        let count = header.count as usize;
        self.set.reserve(count.min((buffer.len() - start) / MIN_RECORD + 1));
        let mut at = start;
        let mut previous = -1;
        for _ in 0..count {
            let length = varint::take_length(buffer, &mut at)?;
            let end = at + usize::try_from(length).ok()?;
            previous = self.row(header, &buffer[..end], at, previous)?;
            at = end;
        }
        Some(())
    }

    // Gives the record's offset delta. Compaction leaves gaps, but a delta that does not ascend or is beyond the batch would
    // make records come twice or never.
    #[inline]
    fn row(&mut self, header: &BatchHeader, record: &[u8], mut at: usize, previous: i64) -> Option<i64> {
        at += 1;
        let timestamp_delta = varint::take(record, &mut at)?;
        let offset_delta = varint::take(record, &mut at)?;
        if offset_delta <= previous || offset_delta > i64::from(header.last_offset_delta) {
            return None;
        }
        let offset = header.base_offset.checked_add(offset_delta)?;
        let key = take_span(record, &mut at)?;
        let value = take_span(record, &mut at)?;
        let headers = at as u32;
        let header_count = varint::take(record, &mut at)?;
        if header_count != 0 {
            headers::check(record, at, header_count)?;
        }
        if offset < self.options.from_offset {
            return Some(offset_delta);
        }
        let timestamp = if header.log_append_time() {
            header.max_timestamp
        } else {
            header.base_timestamp.wrapping_add(timestamp_delta)
        };
        self.set.push(offset, timestamp, key, value, headers);
        Some(offset_delta)
    }
}

/// Length, attributes, two deltas, null key, null value, no headers.
const MIN_RECORD: usize = 7;

enum Target<'a> {
    /// Uncompressed: rows point into the frame.
    InPlace { frame: &'a [u8], at: usize },
    /// Some batch of the set is compressed: everything goes into one new buffer.
    Copy(&'a mut Vec<u8>),
}

#[inline]
fn take_span(record: &[u8], at: &mut usize) -> Option<set::Span> {
    let length = varint::take_length(record, at)?;
    let span = set::Span { start: *at as u32, length };
    *at += length.max(0) as usize;
    Some(span)
}

// The key of a control record is a version and a type; type 0 is an abort marker.
fn is_abort_marker(body: &[u8]) -> bool {
    let mut at = 0;
    let key = (|| {
        varint::take_length(body, &mut at)?;
        at += 1;
        varint::take(body, &mut at)?;
        varint::take(body, &mut at)?;
        let length = varint::take_length(body, &mut at)?;
        body.get(at..at + usize::try_from(length).ok()?)
    })();
    key.and_then(|k| k.get(2..4)).is_some_and(|kind| kind == [0, 0])
}
