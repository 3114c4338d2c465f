//! The log of one topic partition: record batches in segment files.
//!
//! A partition is a directory: `<base offset>.log` holds batches as received (base offset and leader epoch rewritten),
//! `<base offset>.index` a sparse index that can be made again from the log, `<offset>.snapshot` the producers' state at
//! that offset, `checkpoint.json` the first offset, how far files are known to be on disk and how far the log is compacted.
//! An append is one write at the end of the active segment and is answered when the operating system has it; a torn tail is
//! found by its checksum and cut off when the log is opened. A failed write leaves the known end of the log where it was.
//!
//! Everything here blocks on files: callers are on threads where that is allowed. A closed segment never changes, so reads
//! and compaction work on it without the log's lock.

pub mod batch;
pub mod checkpoint;
pub mod compact;
pub mod compression;
pub mod index;
pub mod lookup;
pub mod marker;
pub mod open;
pub mod prepare;
pub mod producers;
pub mod read;
pub mod records;
pub mod retention;
pub mod scan;
pub mod segment;
#[cfg(test)]
pub(crate) mod tests;

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use batch::HEADER_LEN;
use checkpoint::Checkpoint;
use prepare::Prepared;
use producers::{Admission, Marker, Producers};
use segment::Segment;

use crate::options::Fsync;

/// What can go wrong in a log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file system refused.
    #[error("the log could not be read or written: {0}")]
    Io(#[from] std::io::Error),
    /// Bytes on disk or in a batch header make no sense.
    #[error("{0}")]
    Corrupt(&'static str),
    /// A message format that Kafka 4 does not accept either.
    #[error("record format {0} is not supported, only format 2")]
    OldFormat(i8),
    /// The records of a batch are not well formed.
    #[error("{0}")]
    InvalidRecord(&'static str),
    /// No such codec.
    #[error("compression codec {0} is not known")]
    UnsupportedCodec(i16),
    /// A newer producer took over.
    #[error("the producer's epoch {sent} is older than {current}")]
    Fenced {
        /// The epoch that is valid now.
        current: i16,
        /// The epoch that was sent.
        sent: i16,
    },
    /// A batch is missing before this one.
    #[error("sequence number {sent} does not follow {last}")]
    OutOfOrder {
        /// Last sequence number appended.
        last: i32,
        /// First sequence number sent.
        sent: i32,
    },
    /// Non-transactional data inside a transaction.
    #[error("the producer has an open transaction and sent records outside of it")]
    NotTransactional,
    /// Larger than `max.message.bytes`.
    #[error("the record batch has {size} bytes, more than max.message.bytes = {limit}")]
    TooLarge {
        /// Bytes of the batch.
        size: usize,
        /// The topic's limit.
        limit: usize,
    },
    /// Larger than `segment.bytes`.
    #[error("the record batch has {size} bytes, more than segment.bytes = {limit}")]
    LargerThanSegment {
        /// Bytes of the batch.
        size: usize,
        /// The topic's limit.
        limit: u64,
    },
    /// The time stamp is too far from now.
    #[error("time stamp {timestamp} is out of the range that the topic accepts")]
    InvalidTimestamp {
        /// The offending time stamp, milliseconds.
        timestamp: i64,
    },
    /// The offset is not in the log.
    #[error("offset {offset} is not within {start}..={end}")]
    OutOfRange {
        /// The offset asked for.
        offset: i64,
        /// First offset.
        start: i64,
        /// Next offset to be written.
        end: i64,
    },
}

/// The topic settings that a log acts on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogConfig {
    /// Largest segment, bytes.
    pub segment_bytes: u64,
    /// Oldest active segment, milliseconds.
    pub segment_ms: i64,
    /// Age after which segments are deleted, milliseconds; negative keeps them.
    pub retention_ms: i64,
    /// Size above which segments are deleted, bytes; negative keeps them.
    pub retention_bytes: i64,
    /// Largest batch, bytes.
    pub max_message_bytes: usize,
    /// Whether old segments are deleted by age and size.
    pub delete: bool,
    /// Whether only the last record of each key is kept.
    pub compact: bool,
    /// How long tombstones and transaction markers stay, milliseconds.
    pub delete_retention_ms: i64,
    /// Share of bytes not compacted yet at which compaction starts.
    pub min_cleanable_ratio: f64,
    /// Age that records have before they are compacted, milliseconds.
    pub min_compaction_lag_ms: i64,
    /// Age at which records are compacted whatever the ratio, milliseconds.
    pub max_compaction_lag_ms: i64,
    /// Codec that batches are stored with; `None` keeps the producer's.
    pub codec: Option<i16>,
    /// Whether the broker stamps batches.
    pub append_time: bool,
    /// How far before now a producer's time stamp may be, milliseconds.
    pub timestamp_before_max_ms: i64,
    /// How far after now a producer's time stamp may be, milliseconds.
    pub timestamp_after_max_ms: i64,
}

/// Where a log begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// First offset.
    pub start: i64,
    /// Next offset to be written; on one node also the high watermark.
    pub end: i64,
    /// First offset of the oldest open transaction, or `end`.
    pub stable: i64,
}

/// The result of an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Offset of the first record.
    pub base_offset: i64,
    /// Time of the append when the topic stamps batches, else -1.
    pub append_time: i64,
    /// Whether the batch was there already.
    pub duplicate: bool,
}

/// The log of a partition.
#[derive(Debug)]
pub struct Log {
    pub(crate) dir: PathBuf,
    pub(crate) config: LogConfig,
    pub(crate) fsync: Fsync,
    pub(crate) segments: Vec<Segment>,
    pub(crate) producers: Producers,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) next_offset: i64,
}

impl Log {
    /// Where the log begins and ends.
    pub fn ends(&self) -> Ends {
        let end = self.next_offset;
        Ends { start: self.checkpoint.start, end, stable: self.producers.first_open().unwrap_or(end) }
    }

    /// The producers' state.
    pub fn producers(&self) -> &Producers {
        &self.producers
    }

    /// Takes over changed topic settings.
    pub fn configure(&mut self, config: LogConfig) {
        self.config = config;
    }

    /// Bytes of all segments.
    pub fn size(&self) -> u64 {
        self.segments.iter().map(|segment| segment.size).sum()
    }

    /// Appends a batch from a producer. `now` is milliseconds since 1970.
    pub fn append(&mut self, prepared: &Prepared<'_>, now: i64) -> Result<Appended, LogError> {
        let mut header = prepared.header;
        if header.is_idempotent()
            && let Admission::Duplicate { base_offset, timestamp } = self.producers.admit(&header)?
        {
            let append_time = if self.config.append_time { timestamp } else { -1 };
            return Ok(Appended { base_offset, append_time, duplicate: true });
        }
        header.base_offset = self.next_offset;
        header.leader_epoch = 0;
        self.write(&header, &prepared.records, now)?;
        self.producers.appended(&header, now);
        let append_time = if header.is_log_append_time() { header.max_timestamp } else { -1 };
        Ok(Appended { base_offset: header.base_offset, append_time, duplicate: false })
    }

    /// Appends a transaction marker and closes the producer's transaction; returns the marker's offset.
    pub fn append_marker(&mut self, marker: &Marker, now: i64) -> Result<i64, LogError> {
        self.producers.admit_marker(marker.producer_id, marker.epoch)?;
        let batch = marker::encode(marker, now);
        let mut header = batch::BatchHeader::parse(&batch)?;
        header.base_offset = self.next_offset;
        self.write(&header, &batch[HEADER_LEN..], now)?;
        self.producers.marked(marker, header.base_offset, now, now);
        Ok(header.base_offset)
    }

    fn write(&mut self, header: &batch::BatchHeader, records: &[u8], now: i64) -> Result<(), LogError> {
        let len = header.total_len();
        if len as u64 > self.config.segment_bytes {
            return Err(LogError::LargerThanSegment { size: len, limit: self.config.segment_bytes });
        }
        if self.active()?.is_full(&self.config, header, now) {
            self.roll()?;
        }
        let active = self.segments.last_mut().ok_or(LogError::Corrupt("a log has no active segment"))?;
        active.append(header, records, now)?;
        if self.fsync == Fsync::Always {
            active.file()?.sync_data()?;
        }
        self.next_offset = header.last_offset() + 1;
        Ok(())
    }

    pub(crate) fn active(&self) -> Result<&Segment, LogError> {
        self.segments.last().ok_or(LogError::Corrupt("a log has no active segment"))
    }

    /// Closes the active segment and starts the next one.
    pub(crate) fn roll(&mut self) -> Result<(), LogError> {
        let next = Segment::create(&self.dir, self.next_offset)?;
        checkpoint::write_snapshot(&self.dir, self.next_offset, &self.producers)?;
        if let Some(closed) = self.segments.last_mut() {
            closed.close()?;
        }
        self.segments.push(next);
        Ok(())
    }

    /// The files whose bytes may not be on disk yet, and the offset that is safe once they are synced.
    pub fn unsynced(&mut self) -> Result<(Vec<Arc<File>>, i64), LogError> {
        let point = self.checkpoint.recovery_point;
        let first = self.segments.partition_point(|segment| segment.base <= point).saturating_sub(1);
        let files = self.segments[first..].iter_mut().map(Segment::file).collect::<Result<_, _>>()?;
        Ok((files, self.next_offset))
    }

    /// Whether a closed segment may not be on disk yet.
    pub fn closed_unsynced(&self) -> bool {
        self.segments.last().is_some_and(|active| active.base > self.checkpoint.recovery_point)
    }

    /// Notes that everything below `offset` is on disk. Kept in memory; written with the next checkpoint.
    pub fn synced(&mut self, offset: i64) {
        self.checkpoint.recovery_point = self.checkpoint.recovery_point.max(offset);
    }

    /// Writes the checkpoint file.
    pub fn save_checkpoint(&self) -> Result<(), LogError> {
        Ok(self.checkpoint.save(&self.dir)?)
    }

    /// Syncs everything and notes a clean stop, so that the next opening reads no batch.
    pub fn close(&mut self) -> Result<(), LogError> {
        let (files, end) = self.unsynced()?;
        if self.fsync != Fsync::Never {
            for file in files {
                file.sync_data()?;
            }
        }
        self.synced(end);
        checkpoint::write_snapshot(&self.dir, self.next_offset, &self.producers)?;
        if let Some(active) = self.segments.last_mut() {
            active.save_index()?;
            self.checkpoint.clean = Some(checkpoint::CleanStop { end: self.next_offset, size: active.size });
        }
        self.save_checkpoint()
    }
}
