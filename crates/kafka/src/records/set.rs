//! The columns of a decoded answer.

use std::ops::Range;

use bytes::Bytes;

use super::Headers;
use crate::header::BatchHeader;

/// Who set the timestamps of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimestampType {
    /// The producer.
    CreateTime,
    /// The broker, when it appended the batch.
    LogAppendTime,
}

/// A run of rows that came from one batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchSpan {
    /// The rows of the batch.
    pub rows: Range<usize>,
    /// Who set their timestamps.
    pub timestamp_type: TimestampType,
    /// Epoch of the partition leader that appended it; -1 when not known.
    pub leader_epoch: i32,
}

/// A range of the buffer; a negative length is null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub start: u32,
    pub length: i32,
}

impl Span {
    fn range(self) -> Option<Range<usize>> {
        let length = usize::try_from(self.length).ok()?;
        let start = self.start as usize;
        Some(start..start + length)
    }
}

/// Records of one partition as columns over one buffer. Row indexes run from 0 to [`Self::len`].
/// An index outside gives `None` or an empty answer.
#[derive(Debug, Clone)]
pub struct RecordSet {
    buffer: Bytes,
    offsets: Vec<i64>,
    timestamps: Vec<i64>,
    keys: Vec<Span>,
    values: Vec<Span>,
    headers: Vec<u32>,
    batches: Vec<BatchSpan>,
    next_offset: i64,
}

impl RecordSet {
    /// No records, at `next_offset`.
    pub fn empty(next_offset: i64) -> Self {
        Self {
            buffer: Bytes::new(),
            offsets: Vec::new(),
            timestamps: Vec::new(),
            keys: Vec::new(),
            values: Vec::new(),
            headers: Vec::new(),
            batches: Vec::new(),
            next_offset,
        }
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    /// Whether there are no records (the position may have moved all the same).
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// Where to read on: after every batch seen, also those that delivered nothing.
    pub fn next_offset(&self) -> i64 {
        self.next_offset
    }

    /// Offsets, ascending.
    pub fn offsets(&self) -> &[i64] {
        &self.offsets
    }

    /// Timestamps in milliseconds since the epoch; -1 when the producer gave none.
    pub fn timestamps(&self) -> &[i64] {
        &self.timestamps
    }

    /// The key, `None` when null.
    #[inline]
    pub fn key(&self, row: usize) -> Option<&[u8]> {
        self.buffer.get(self.key_range(row)?)
    }

    /// The value, `None` when null.
    #[inline]
    pub fn value(&self, row: usize) -> Option<&[u8]> {
        self.buffer.get(self.value_range(row)?)
    }

    /// Where the key is in [`Self::buffer`].
    #[inline]
    pub fn key_range(&self, row: usize) -> Option<Range<usize>> {
        self.keys.get(row)?.range()
    }

    /// Where the value is in [`Self::buffer`].
    #[inline]
    pub fn value_range(&self, row: usize) -> Option<Range<usize>> {
        self.values.get(row)?.range()
    }

    /// The headers, parsed as the iterator is pulled.
    pub fn headers(&self, row: usize) -> Headers<'_> {
        match self.headers.get(row) {
            Some(start) => Headers::new(&self.buffer, *start as usize),
            None => Headers::new(&[], 0),
        }
    }

    /// The bytes that keys, values and headers are ranges of. Holding it keeps the answer alive.
    pub fn buffer(&self) -> &Bytes {
        &self.buffer
    }

    /// Bytes held in memory, for accounting.
    pub fn memory(&self) -> usize {
        self.buffer.len() + self.len() * 36
    }

    /// Rows grouped by the batch they came from, in order.
    pub fn batches(&self) -> &[BatchSpan] {
        &self.batches
    }

    /// Who set the row's timestamp.
    pub fn timestamp_type(&self, row: usize) -> Option<TimestampType> {
        self.batch_of(row).map(|b| b.timestamp_type)
    }

    /// Leader epoch of the row's batch; `None` when not known.
    pub fn leader_epoch(&self, row: usize) -> Option<i32> {
        self.batch_of(row).map(|b| b.leader_epoch).filter(|epoch| *epoch >= 0)
    }

    fn batch_of(&self, row: usize) -> Option<&BatchSpan> {
        let after = self.batches.partition_point(|b| b.rows.end <= row);
        self.batches.get(after).filter(|b| b.rows.contains(&row))
    }

    pub(super) fn reserve(&mut self, rows: usize) {
        self.offsets.reserve(rows);
        self.timestamps.reserve(rows);
        self.keys.reserve(rows);
        self.values.reserve(rows);
        self.headers.reserve(rows);
    }

    #[inline]
    pub(super) fn push(&mut self, offset: i64, timestamp: i64, key: Span, value: Span, headers: u32) {
        self.offsets.push(offset);
        self.timestamps.push(timestamp);
        self.keys.push(key);
        self.values.push(value);
        self.headers.push(headers);
    }

    pub(super) fn truncate(&mut self, rows: usize) {
        self.offsets.truncate(rows);
        self.timestamps.truncate(rows);
        self.keys.truncate(rows);
        self.values.truncate(rows);
        self.headers.truncate(rows);
    }

    pub(super) fn close_batch(&mut self, first: usize, header: &BatchHeader) {
        if first == self.len() {
            return;
        }
        self.batches.push(BatchSpan {
            rows: first..self.len(),
            timestamp_type: if header.log_append_time() {
                TimestampType::LogAppendTime
            } else {
                TimestampType::CreateTime
            },
            leader_epoch: header.leader_epoch,
        });
    }

    pub(super) fn advance(&mut self, next_offset: i64) {
        self.next_offset = self.next_offset.max(next_offset);
    }

    pub(super) fn attach(&mut self, buffer: Bytes) {
        self.buffer = buffer;
    }
}
