//! A store in one file that only grows, compacted when it is opened.
//!
//! Format: eight bytes of magic, then records of `length: u32 LE | crc32: u32 LE | payload`, the
//! payload a JSON array of entries (one committed batch), the checksum over length and payload.
//! A commit appends one record and syncs the file before it returns, so at most the last record can
//! be torn by a crash; opening cuts it off. A bad record with a good one after it is no torn write
//! but damage, and refused. Compaction writes a new file beside the old one, syncs it, renames it
//! over the old one and syncs the folder: at every instant one complete file has the name.
//!
//! Trade-off: the state is read into memory whole. A registry has thousands of schemas, not millions.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;

use super::{Entry, Latest, SchemaStore, StoreError};

const MAGIC: &[u8; 8] = b"NKSCHEM1";
const HEADER: usize = 8;
/// Largest record that is believed: far above the limit of a request body.
const MAX_RECORD: usize = 256 << 20;

/// The registry's log.
pub struct LogStore {
    inner: Arc<Mutex<Log>>,
}

struct Log {
    path: PathBuf,
    file: File,
    /// Where the next record goes.
    end: u64,
    loaded: Vec<Entry>,
    poisoned: bool,
    /// Holds the lock on the store for as long as it is open.
    _lock: File,
}

impl LogStore {
    /// Opens or creates the log at `path` (its folder must exist), cuts off a torn last record and
    /// compacts. Blocking.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let path = path.into();
        let lock = lock(&path)?;
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|e| StoreError::io(format!("opening {}", path.display()), &e))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|e| StoreError::io(format!("reading {}", path.display()), &e))?;
        let (latest, end) = replay(&path, &bytes)?;
        if end < bytes.len() {
            tracing::warn!(path = %path.display(), bytes = bytes.len() - end, "cut off a record torn by a crash");
        }
        let loaded = latest.to_vec();
        let mut log = Log { path, file, end: end as u64, loaded, poisoned: false, _lock: lock };
        if end == 0 || latest.superseded > 0 {
            log.compact()?;
        } else if end < bytes.len() {
            log.cut()?;
        }
        Ok(Self { inner: Arc::new(Mutex::new(log)) })
    }
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let path = path.with_extension("lock");
    let failed = |e: &std::io::Error| StoreError::io(format!("locking {}", path.display()), e);
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(|e| failed(&e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::Locked { path: path.display().to_string() }),
        Err(std::fs::TryLockError::Error(e)) => Err(failed(&e)),
    }
}

/// Reads the records and says where the good part ends.
fn replay(path: &Path, bytes: &[u8]) -> Result<(Latest, usize), StoreError> {
    let mut latest = Latest::default();
    let corrupt = |offset: usize, reason: &str| StoreError::Corrupt {
        path: path.display().to_string(),
        offset: offset as u64,
        reason: reason.to_owned(),
    };
    if bytes.len() < MAGIC.len() {
        // Creation itself was cut short.
        return if MAGIC.starts_with(bytes) { Ok((latest, 0)) } else { Err(corrupt(0, "not a schema log")) };
    }
    if !bytes.starts_with(MAGIC) {
        return Err(corrupt(0, "not a schema log, or of a newer version"));
    }
    let mut at = MAGIC.len();
    while at < bytes.len() {
        let Some(payload) = record(&bytes[at..]) else {
            if (at + 1..bytes.len()).any(|later| record(&bytes[later..]).is_some()) {
                return Err(corrupt(at, "a record fails its checksum, and good records follow it"));
            }
            return Ok((latest, at));
        };
        let batch: Vec<Entry> = serde_json::from_slice(payload).map_err(|e| corrupt(at, &e.to_string()))?;
        batch.into_iter().for_each(|entry| latest.apply(entry));
        at += HEADER + payload.len();
    }
    Ok((latest, at))
}

/// The payload of the record at the start of `bytes`, when it is whole.
fn record(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (sum, rest) = rest.split_first_chunk::<4>()?;
    let size = u32::from_le_bytes(*length) as usize;
    if size == 0 || size > MAX_RECORD {
        return None;
    }
    let payload = rest.get(..size)?;
    (checksum(length, payload) == u32::from_le_bytes(*sum)).then_some(payload)
}

fn checksum(length: &[u8; 4], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(length);
    hasher.update(payload);
    hasher.finalize()
}

fn frame(entries: &[Entry]) -> Result<Vec<u8>, StoreError> {
    let payload = serde_json::to_vec(entries)
        .map_err(|e| StoreError::Io { action: "encoding a batch".into(), reason: e.to_string() })?;
    if payload.len() > MAX_RECORD {
        let reason = format!("{} bytes exceed the largest record", payload.len());
        return Err(StoreError::Io { action: "encoding a batch".into(), reason });
    }
    let length = (payload.len() as u32).to_le_bytes();
    let mut bytes = Vec::with_capacity(HEADER + payload.len());
    bytes.extend(length);
    bytes.extend(checksum(&length, &payload).to_le_bytes());
    bytes.extend(payload);
    Ok(bytes)
}

impl Log {
    fn failed(&self, action: &str, error: &std::io::Error) -> StoreError {
        StoreError::io(format!("{action} {}", self.path.display()), error)
    }

    fn append(&mut self, entries: &[Entry]) -> Result<(), StoreError> {
        if self.poisoned {
            return Err(StoreError::Poisoned { path: self.path.display().to_string() });
        }
        let bytes = frame(entries)?;
        let written = self.file.seek(SeekFrom::Start(self.end)).and_then(|_| self.file.write_all(&bytes));
        if let Err(error) = written {
            // Nothing was promised yet: take back what reached the file, or stop.
            self.poisoned = self.cut().is_err();
            return Err(self.failed("appending to", &error));
        }
        if let Err(error) = self.file.sync_data() {
            // After a failed sync nobody knows what is on disk.
            self.poisoned = true;
            return Err(self.failed("syncing", &error));
        }
        self.end += bytes.len() as u64;
        Ok(())
    }

    fn cut(&mut self) -> Result<(), StoreError> {
        let cut = self.file.set_len(self.end).and_then(|()| self.file.sync_all());
        cut.map_err(|e| self.failed("truncating", &e))
    }

    /// Writes what counts into a new file and gives it the name.
    fn compact(&mut self) -> Result<(), StoreError> {
        let next = self.path.with_extension("compacting");
        let mut bytes = MAGIC.to_vec();
        for entry in &self.loaded {
            bytes.extend(frame(std::slice::from_ref(entry))?);
        }
        let write = || {
            let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&next)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            std::fs::rename(&next, &self.path)?;
            if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                File::open(folder)?.sync_all()?;
            }
            Ok(file)
        };
        self.file = write().map_err(|e| self.failed("compacting", &e))?;
        self.end = bytes.len() as u64;
        Ok(())
    }
}

#[async_trait]
impl SchemaStore for LogStore {
    async fn load(&self) -> Result<Vec<Entry>, StoreError> {
        Ok(std::mem::take(&mut self.inner.lock().loaded))
    }

    async fn commit(&self, entries: Vec<Entry>) -> Result<(), StoreError> {
        let inner = self.inner.clone();
        let written = tokio::task::spawn_blocking(move || inner.lock().append(&entries)).await;
        written.map_err(|e| StoreError::Io { action: "writing".into(), reason: e.to_string() })?
    }
}
