//! One segment file of a log with its index.
//!
//! Files are opened when they are used and closed again when idle, so that thousands of quiet partitions hold no
//! descriptors. Writes go to explicit positions: bytes of a failed write are overwritten by the next one.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::batch::{BatchHeader, HEADER_LEN};
use super::index::Index;
use super::scan::Scanner;
use super::{LogConfig, LogError};

/// Batches up to this size are put together in memory and written at once.
const ONE_WRITE: usize = 16 << 10;

/// A segment of a log.
#[derive(Debug)]
pub struct Segment {
    /// Offset in its name: no record of it has a smaller one.
    pub base: i64,
    /// Bytes of whole batches.
    pub size: u64,
    /// Largest time stamp of its records, milliseconds; -1 when it is empty.
    pub max_timestamp: i64,
    /// When its first batch was appended, milliseconds since 1970, if known.
    pub created: Option<i64>,
    path: PathBuf,
    index: Option<Arc<Index>>,
    file: Option<Arc<File>>,
    /// Whether it was used since the last call of [`Segment::rest`].
    used: bool,
}

impl Segment {
    /// Path of the segment with this base offset.
    pub fn path_of(dir: &Path, base: i64) -> PathBuf {
        dir.join(format!("{base:020}.log"))
    }

    /// From when its age counts, milliseconds since 1970: its youngest record. Markers of transactions have no age of their own, so a
    /// segment of nothing else is as old as its file's last change, as in Kafka.
    pub fn youngest(&self) -> i64 {
        if self.max_timestamp >= 0 {
            return self.max_timestamp;
        }
        let changed = std::fs::metadata(&self.path).and_then(|file| file.modified()).ok();
        let since = changed.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        since.map_or(-1, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// Makes an empty segment.
    pub fn create(dir: &Path, base: i64) -> Result<Self, LogError> {
        let path = Self::path_of(dir, base);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&path)?;
        Ok(Self {
            base,
            size: 0,
            max_timestamp: -1,
            created: None,
            path,
            index: Some(Arc::default()),
            file: Some(Arc::new(file)),
            used: true,
        })
    }

    /// A segment that exists, with what its index file says; `None` when that does not fit.
    pub fn trusted(dir: &Path, base: i64, size: u64) -> Option<Self> {
        let path = Self::path_of(dir, base);
        let (_, max_timestamp) = Index::load(&path.with_extension("index"), size)?;
        Some(Self { base, size, max_timestamp, created: None, path, index: None, file: None, used: false })
    }

    /// A segment that exists and was scanned.
    pub fn scanned(dir: &Path, base: i64, size: u64, max_timestamp: i64, index: Index) -> Self {
        let path = Self::path_of(dir, base);
        let index = Some(Arc::new(index));
        Self { base, size, max_timestamp, created: None, path, index, file: None, used: true }
    }

    /// The open file.
    pub fn file(&mut self) -> Result<Arc<File>, LogError> {
        self.used = true;
        if let Some(file) = &self.file {
            return Ok(Arc::clone(file));
        }
        let file = Arc::new(OpenOptions::new().read(true).write(true).open(&self.path)?);
        self.file = Some(Arc::clone(&file));
        Ok(file)
    }

    /// The index, loaded or made again when it is not in memory.
    pub fn index(&mut self) -> Result<Arc<Index>, LogError> {
        self.used = true;
        if let Some(index) = &self.index {
            return Ok(Arc::clone(index));
        }
        let index = match Index::load(&self.path.with_extension("index"), self.size) {
            Some((index, _)) => index,
            None => {
                let file = self.file()?;
                let (mut index, mut max) = (Index::default(), -1);
                let mut scanner = Scanner::new(&file, 0, self.size);
                while let Some((position, header)) = scanner.header()? {
                    index.note(self.base, &header, position, max);
                    max = max.max(header.data_timestamp());
                }
                index
            }
        };
        let index = Arc::new(index);
        self.index = Some(Arc::clone(&index));
        Ok(index)
    }

    /// Whether the batch must go to a new segment.
    pub fn is_full(&self, config: &LogConfig, header: &BatchHeader, now: i64) -> bool {
        let old = self.created.is_some_and(|created| now.saturating_sub(created) > config.segment_ms);
        self.size > 0
            && (self.size + header.total_len() as u64 > config.segment_bytes
                || header.last_offset() - self.base > i64::from(i32::MAX)
                || old)
    }

    /// Writes a batch at the end. After an error the segment is as before.
    pub fn append(&mut self, header: &BatchHeader, records: &[u8], now: i64) -> Result<(), LogError> {
        let file = self.file()?;
        let mut head = Vec::with_capacity(HEADER_LEN + if records.len() <= ONE_WRITE { records.len() } else { 0 });
        header.write(&mut head);
        let written = if records.len() <= ONE_WRITE {
            head.extend_from_slice(records);
            file.write_all_at(&head, self.size)
        } else {
            file.write_all_at(&head, self.size).and_then(|()| file.write_all_at(records, self.size + HEADER_LEN as u64))
        };
        if let Err(error) = written {
            // Gives the space back; if even that fails, the next append overwrites the half batch.
            let _ = file.set_len(self.size);
            return Err(error.into());
        }
        let (base, size, max) = (self.base, self.size, self.max_timestamp);
        if let Some(index) = &mut self.index {
            Arc::make_mut(index).note(base, header, size, max);
        }
        self.size += header.total_len() as u64;
        self.max_timestamp = self.max_timestamp.max(header.data_timestamp());
        self.created.get_or_insert(now);
        Ok(())
    }

    /// Writes the index file.
    pub fn save_index(&mut self) -> Result<(), LogError> {
        let index = self.index()?;
        Ok(index.save(&self.path.with_extension("index"), self.size, self.max_timestamp)?)
    }

    /// Ends writing: the index goes to its file.
    pub fn close(&mut self) -> Result<(), LogError> {
        self.save_index()
    }

    /// Gives up file and index when they were not used since the last call; `active` keeps its index.
    pub fn rest(&mut self, active: bool) {
        if !std::mem::take(&mut self.used) {
            self.file = None;
            if !active {
                self.index = None;
            }
        }
    }

    /// Deletes the files.
    pub fn remove(self) -> Result<(), LogError> {
        let _ = std::fs::remove_file(self.path.with_extension("index"));
        Ok(std::fs::remove_file(&self.path)?)
    }
}
