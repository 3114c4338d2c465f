//! Offsets by time, for ListOffsets.

use super::batch::{BatchHeader, HEADER_LEN};
use super::compression::unpack;
use super::records::Records;
use super::scan::Scanner;
use super::{Log, LogError};

/// A record's offset and time stamp (milliseconds).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The record's offset.
    pub offset: i64,
    /// The record's time stamp.
    pub timestamp: i64,
}

impl Log {
    /// The first record with a time stamp of at least `timestamp`.
    pub fn first_at(&mut self, timestamp: i64) -> Result<Option<Found>, LogError> {
        let start = self.checkpoint.start;
        for segment in self.segments.iter_mut().filter(|segment| segment.max_timestamp >= timestamp) {
            let (from, file) = (segment.index()?.before_time(timestamp), segment.file()?);
            let mut scanner = Scanner::new(&file, from, segment.size);
            while let Some((position, header)) = scanner.header()? {
                if header.max_timestamp < timestamp || header.last_offset() < start || header.is_control() {
                    continue;
                }
                let batch = scanner.batch(position, &header)?;
                let found = in_batch(&header, batch, |found| found.timestamp >= timestamp && found.offset >= start)?;
                if found.is_some() {
                    return Ok(found);
                }
            }
        }
        Ok(None)
    }

    /// The first record with the largest time stamp of the log.
    pub fn latest_by_time(&mut self) -> Result<Option<Found>, LogError> {
        let Some(max) = self.segments.iter().map(|segment| segment.max_timestamp).max().filter(|max| *max >= 0) else {
            return Ok(None);
        };
        self.first_at(max)
    }
}

fn in_batch(
    header: &BatchHeader,
    batch: &[u8],
    mut matches: impl FnMut(&Found) -> bool,
) -> Result<Option<Found>, LogError> {
    let section = unpack(header.codec(), &batch[HEADER_LEN..])?;
    for record in Records::new(&section, header.count) {
        let record = record?;
        let timestamp = match header.is_log_append_time() {
            true => header.max_timestamp,
            false => header.base_timestamp.saturating_add(record.timestamp_delta),
        };
        let found = Found { offset: header.base_offset + i64::from(record.offset_delta), timestamp };
        if matches(&found) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}
