//! A durable sequence of small records: what coordinators must remember.
//!
//! One file of frames `length, CRC-32C, JSON`. State is what replaying all frames gives. An append is answered after the
//! write (and the sync, if asked for); a torn tail is cut off at opening. When the file has grown well beyond what the state
//! needs, its owner rewrites it from the state: a new file that replaces the old one by a rename.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::marker::PhantomData;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, storage};
use crate::files::write_atomic;

/// A journal is rewritten when it is larger than this and than four times what it was after the last rewriting.
const REWRITE_MIN: u64 = 1 << 20;

/// A journal of records of type `T`.
#[derive(Debug)]
pub struct Journal<T> {
    path: PathBuf,
    file: File,
    size: u64,
    compacted: u64,
    sync: bool,
    records: PhantomData<fn(T) -> T>,
}

fn frame<T: Serialize>(record: &T, out: &mut Vec<u8>) -> std::io::Result<()> {
    let body = serde_json::to_vec(record)?;
    out.extend_from_slice(&(body.len() as u32).to_be_bytes());
    out.extend_from_slice(&crc32c::crc32c(&body).to_be_bytes());
    out.extend_from_slice(&body);
    Ok(())
}

fn next_frame(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk::<4>()?;
    let (crc, rest) = rest.split_first_chunk::<4>()?;
    let (body, rest) = rest.split_at_checked(u32::from_be_bytes(*len) as usize)?;
    // A frame of zeros has a matching checksum of nothing.
    (!body.is_empty() && crc32c::crc32c(body) == u32::from_be_bytes(*crc)).then_some((body, rest))
}

impl<T: Serialize + DeserializeOwned> Journal<T> {
    /// Opens or makes the file and hands every record in it to `replay`.
    pub fn open(path: PathBuf, sync: bool, mut replay: impl FnMut(T)) -> Result<Self, Error> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(storage(&path))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(storage(&path))?;
        let mut rest = &bytes[..];
        while let Some((body, tail)) = next_frame(rest) {
            let record = serde_json::from_slice(body)
                .map_err(|error| Error::Corrupt { path: path.clone(), reason: error.to_string() })?;
            replay(record);
            rest = tail;
        }
        let size = (bytes.len() - rest.len()) as u64;
        if !rest.is_empty() {
            tracing::warn!(file = %path.display(), bytes = rest.len(), "cut off the torn tail of a journal");
            file.set_len(size).map_err(storage(&path))?;
        }
        Ok(Self { path, file, size, compacted: size, sync, records: PhantomData })
    }

    /// Appends records with one write, synced if the journal is. After an error the journal is as before.
    pub fn append(&mut self, records: &[T]) -> std::io::Result<()> {
        self.write(records, self.sync)
    }

    /// Appends records that need not survive a loss of power.
    pub fn append_unsynced(&mut self, records: &[T]) -> std::io::Result<()> {
        self.write(records, false)
    }

    fn write(&mut self, records: &[T], sync: bool) -> std::io::Result<()> {
        let mut out = Vec::new();
        for record in records {
            frame(record, &mut out)?;
        }
        let written =
            self.file.write_all_at(&out, self.size).and_then(|()| if sync { self.file.sync_data() } else { Ok(()) });
        if let Err(error) = written {
            let _ = self.file.set_len(self.size);
            return Err(error);
        }
        self.size += out.len() as u64;
        Ok(())
    }

    /// Whether it is time to call [`Journal::rewrite`].
    pub fn is_long(&self) -> bool {
        self.size > REWRITE_MIN && self.size > self.compacted.saturating_mul(4)
    }

    /// Replaces the file by one that holds just `records`.
    pub fn rewrite<'a>(&mut self, records: impl Iterator<Item = T> + 'a) -> std::io::Result<()> {
        let mut out = Vec::new();
        for record in records {
            frame(&record, &mut out)?;
        }
        write_atomic(&self.path, &out, self.sync)?;
        self.file = OpenOptions::new().read(true).write(true).open(&self.path)?;
        self.size = out.len() as u64;
        self.compacted = self.size;
        Ok(())
    }
}
