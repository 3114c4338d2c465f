//! The sparse index of a segment: by offset and by time.
//!
//! Every 32 KiB of log there is an entry with the position of a batch, its offset, and the largest time stamp of all
//! batches before it. Kept in memory for the active segment; that of a closed one is in a file with the log's size in its
//! head, loaded when asked for, and made again from the log when it is missing or does not fit.

use std::fs;
use std::path::Path;

use bytes::{Buf, BufMut};

use super::batch::BatchHeader;
use crate::files::write_atomic;

/// Bytes of log between two entries.
const INTERVAL: u64 = 32 << 10;
const MAGIC: u64 = 0x4e4b_4944_5800_0001;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    /// Offset of the batch minus the segment's base offset.
    offset: u32,
    position: u32,
    /// Largest time stamp of the batches before this one.
    before: i64,
}

/// The index of one segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    entries: Vec<Entry>,
}

impl Index {
    /// Notes the batch at `position`; `before` is the largest time stamp of the batches before it.
    pub fn note(&mut self, base: i64, header: &BatchHeader, position: u64, before: i64) {
        let last = self.entries.last().map_or(0, |entry| u64::from(entry.position));
        if position < last + INTERVAL {
            return;
        }
        let offset = u32::try_from(header.base_offset - base);
        if let (Ok(offset), Ok(position)) = (offset, u32::try_from(position)) {
            self.entries.push(Entry { offset, position, before });
        }
    }

    /// A position at or before the batch that holds the offset `base + offset`.
    pub fn before_offset(&self, offset: i64) -> u64 {
        let after = self.entries.partition_point(|entry| i64::from(entry.offset) <= offset);
        after.checked_sub(1).map_or(0, |at| u64::from(self.entries[at].position))
    }

    /// A position before which no batch has a time stamp of at least `timestamp`.
    pub fn before_time(&self, timestamp: i64) -> u64 {
        let after = self.entries.partition_point(|entry| entry.before < timestamp);
        after.checked_sub(1).map_or(0, |at| u64::from(self.entries[at].position))
    }

    /// Writes the index file of a log with `size` bytes whose largest time stamp is `max_timestamp`.
    pub fn save(&self, path: &Path, size: u64, max_timestamp: i64) -> std::io::Result<()> {
        let mut out = Vec::with_capacity(32 + self.entries.len() * 16);
        out.put_u64(MAGIC);
        out.put_u64(size);
        out.put_i64(max_timestamp);
        for entry in &self.entries {
            out.put_u32(entry.offset);
            out.put_u32(entry.position);
            out.put_i64(entry.before);
        }
        let crc = crc32c::crc32c(&out);
        out.put_u32(crc);
        write_atomic(path, &out, false)
    }

    /// Reads the index file if it fits a log of `size` bytes; gives the largest time stamp too.
    pub fn load(path: &Path, size: u64) -> Option<(Self, i64)> {
        let bytes = fs::read(path).ok()?;
        let (mut body, crc) = bytes.split_last_chunk::<4>()?;
        if crc32c::crc32c(body) != u32::from_be_bytes(*crc) || body.len() < 24 || (body.len() - 24) % 16 != 0 {
            return None;
        }
        if body.get_u64() != MAGIC || body.get_u64() != size {
            return None;
        }
        let max_timestamp = body.get_i64();
        let mut entries = Vec::with_capacity(body.len() / 16);
        while body.has_remaining() {
            entries.push(Entry { offset: body.get_u32(), position: body.get_u32(), before: body.get_i64() });
        }
        Some((Self { entries }, max_timestamp))
    }
}
