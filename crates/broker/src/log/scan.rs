//! Walks over the batches of a segment file.

use std::fs::File;
use std::os::unix::fs::FileExt;

use super::LogError;
use super::batch::{BatchHeader, HEADER_LEN, crc_matches};

const CHUNK: usize = 128 << 10;
/// No batch can be larger; a length beyond it is damage.
const MAX_BATCH: u64 = 1 << 30;

/// Reads batches one after the other.
pub struct Scanner<'a> {
    file: &'a File,
    position: u64,
    end: u64,
    buffer: Vec<u8>,
    buffer_at: u64,
}

impl<'a> Scanner<'a> {
    /// Walks from `position` (the start of a batch) to `end`.
    pub fn new(file: &'a File, position: u64, end: u64) -> Self {
        Self { file, position, end, buffer: Vec::new(), buffer_at: 0 }
    }

    /// Position of the next batch.
    pub fn position(&self) -> u64 {
        self.position
    }

    fn bytes(&mut self, position: u64, len: usize) -> Result<&[u8], LogError> {
        if position + len as u64 > self.end {
            return Err(LogError::Corrupt("a record batch is cut off"));
        }
        let covered = position >= self.buffer_at && position + len as u64 <= self.buffer_at + self.buffer.len() as u64;
        if !covered {
            let wanted = (len.max(CHUNK) as u64).min(self.end - position) as usize;
            self.buffer.resize(wanted, 0);
            self.buffer_at = position;
            if let Err(error) = self.file.read_exact_at(&mut self.buffer, position) {
                self.buffer.clear();
                return Err(error.into());
            }
        }
        let start = (position - self.buffer_at) as usize;
        Ok(&self.buffer[start..start + len])
    }

    /// The next header and its position; steps over the batch.
    pub fn header(&mut self) -> Result<Option<(u64, BatchHeader)>, LogError> {
        let position = self.position;
        if position >= self.end {
            return Ok(None);
        }
        let header = BatchHeader::parse(self.bytes(position, HEADER_LEN)?)?;
        let next = position + header.total_len() as u64;
        if header.total_len() as u64 > MAX_BATCH || next > self.end {
            return Err(LogError::Corrupt("a record batch is cut off"));
        }
        self.position = next;
        Ok(Some((position, header)))
    }

    /// The bytes of the batch whose header was read at `position`.
    pub fn batch(&mut self, position: u64, header: &BatchHeader) -> Result<&[u8], LogError> {
        self.bytes(position, header.total_len())
    }

    /// The next batch with its checksum verified; steps over it. After an error [`Scanner::position`] is its start.
    pub fn checked(&mut self) -> Result<Option<(u64, BatchHeader)>, LogError> {
        let Some((position, header)) = self.header()? else { return Ok(None) };
        let next = self.position;
        self.position = position;
        if !crc_matches(&header, self.batch(position, &header)?) {
            return Err(LogError::Corrupt("the checksum of a record batch does not match"));
        }
        self.position = next;
        Ok(Some((position, header)))
    }
}
