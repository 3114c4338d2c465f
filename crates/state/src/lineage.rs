//! The checkpoint log of a statement.
//!
//! Files of statement `uid`:
//! - `<uid>/log/<n, 20 digits>`: entry n, created if absent, never changed. A `Claim` when a job starts, a `Checkpoint` when
//!   one is complete.
//! - `<uid>/files/<generation>/<name>`: state files, written before the entry that refers to them.
//!
//! **Why it is safe.** A job appends entry n+1 only after it saw entry n as the last one, and create-if-absent lets one job
//! win each number. A new job's claim takes the number that the old job would publish next, so the old job's next publish
//! finds it taken: it is fenced, and it must not commit that epoch's transactions. If the old job was faster, the claim finds
//! the number taken, reads that newer checkpoint and claims the next number. Old entries are deleted in time; so that a very
//! late job cannot create a deleted number anew and believe in it, every create is followed by a look whether higher numbers
//! exist.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::error::StateError;
use crate::storage::{Creation, Storage};

/// Version of the manifest's outer form.
pub const FORMAT_VERSION: u32 = 1;

/// A state file that a manifest refers to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileRef {
    pub path: String,
    pub bytes: u64,
}

/// A complete checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub format_version: u32,
    pub statement_uid: String,
    pub generation: u64,
    /// Number of the checkpoint: 1, 2, ... over all generations.
    pub epoch: u64,
    /// Every file that `body` refers to, also those of earlier checkpoints that it builds on.
    pub files: Vec<FileRef>,
    /// The engine's part.
    pub body: serde_json::Value,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Entry {
    Claim {
        generation: u64,
        /// Entry of the checkpoint that this generation starts from.
        base: Option<u64>,
    },
    Checkpoint(Manifest),
}

/// Checkpoints of all statements in one storage.
#[derive(Debug, Clone)]
pub struct CheckpointStore {
    storage: Arc<dyn Storage>,
}

/// Result of [`CheckpointStore::claim`].
#[derive(Debug)]
pub struct Claim {
    /// The right to write.
    pub lineage: Lineage,
    /// The checkpoint to start from; None for a first start.
    pub latest: Option<Manifest>,
}

/// One job's right to write checkpoints of its statement, until a newer job claims it.
#[derive(Debug)]
pub struct Lineage {
    storage: Arc<dyn Storage>,
    uid: String,
    generation: u64,
    last_entry: u64,
    last_epoch: u64,
}

impl CheckpointStore {
    pub fn new(storage: Arc<dyn Storage>) -> CheckpointStore {
        CheckpointStore { storage }
    }

    /// Starts a new generation of `uid`. After this no older job can publish.
    pub async fn claim(&self, uid: &str) -> Result<Claim, StateError> {
        loop {
            let history = self.history(uid).await?;
            let next = history.last.map_or(0, |last| last + 1);
            let generation = history.generation + 1;
            let claim = Entry::Claim { generation, base: history.latest.as_ref().map(|(entry, _)| *entry) };
            match append(&*self.storage, uid, next, &claim).await {
                Ok(()) => {
                    let latest = history.latest.map(|(_, manifest)| manifest);
                    let last_epoch = latest.as_ref().map_or(0, |manifest| manifest.epoch);
                    let storage = self.storage.clone();
                    let lineage = Lineage { storage, uid: uid.to_owned(), generation, last_entry: next, last_epoch };
                    return Ok(Claim { lineage, latest });
                }
                // Another job was faster: look again, its checkpoint may be newer.
                Err(StateError::Fenced { .. }) => continue,
                Err(error) => return Err(error),
            }
        }
    }

    /// The last published checkpoint, without claiming anything.
    pub async fn latest(&self, uid: &str) -> Result<Option<Manifest>, StateError> {
        Ok(self.history(uid).await?.latest.map(|(_, manifest)| manifest))
    }

    /// Removes everything of a statement that is gone.
    pub async fn delete(&self, uid: &str) -> Result<(), StateError> {
        for path in self.storage.list(uid).await? {
            self.storage.delete(&path).await?;
        }
        Ok(())
    }

    /// The whole content of a file that a manifest refers to.
    pub async fn read_file(&self, file: &FileRef) -> Result<Bytes, StateError> {
        read_file(&*self.storage, file).await
    }

    async fn history(&self, uid: &str) -> Result<History, StateError> {
        let mut numbers = entry_numbers(&*self.storage, uid).await?;
        numbers.sort_unstable();
        let mut history = History { last: numbers.last().copied(), generation: 0, latest: None };
        for &number in numbers.iter().rev() {
            let path = entry_path(uid, number);
            // Deleted since it was listed: it was an old one.
            let Some(content) = self.storage.get(&path).await? else { continue };
            match parse_entry(uid, &path, &content)? {
                Entry::Claim { generation, .. } => history.generation = history.generation.max(generation),
                Entry::Checkpoint(manifest) => {
                    history.generation = history.generation.max(manifest.generation);
                    history.latest = Some((number, manifest));
                    break;
                }
            }
        }
        Ok(history)
    }
}

struct History {
    last: Option<u64>,
    generation: u64,
    latest: Option<(u64, Manifest)>,
}

impl Lineage {
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Epoch of the last checkpoint known to this job; the next one it publishes is one higher.
    pub fn last_epoch(&self) -> u64 {
        self.last_epoch
    }

    /// Writes a state file for a coming checkpoint. `name` must be new within this generation.
    pub async fn write_file(&self, name: &str, content: Bytes) -> Result<FileRef, StateError> {
        self.file_writer().write(name, content).await
    }

    /// A handle that writes state files while the lineage itself is in use elsewhere.
    pub fn file_writer(&self) -> FileWriter {
        FileWriter { storage: self.storage.clone(), folder: format!("{}/files/{:020}", self.uid, self.generation) }
    }

    pub async fn read_file(&self, file: &FileRef) -> Result<Bytes, StateError> {
        read_file(&*self.storage, file).await
    }

    /// Publishes checkpoint [`Lineage::last_epoch`] + 1. [`StateError::Fenced`] means that a newer job has taken over and
    /// nothing of this checkpoint may be committed. After any other error the outcome is unknown; calling again with the
    /// same content settles it.
    pub async fn publish(&mut self, files: Vec<FileRef>, body: serde_json::Value) -> Result<Manifest, StateError> {
        let manifest = Manifest {
            format_version: FORMAT_VERSION,
            statement_uid: self.uid.clone(),
            generation: self.generation,
            epoch: self.last_epoch + 1,
            files,
            body,
        };
        let next = self.last_entry + 1;
        let entry = Entry::Checkpoint(manifest);
        match append(&*self.storage, &self.uid, next, &entry).await {
            Ok(()) => {}
            // An earlier try whose answer was lost may have written exactly this entry.
            Err(fenced @ StateError::Fenced { .. }) => {
                let existing = self.storage.get(&entry_path(&self.uid, next)).await?;
                if existing.as_deref() != Some(&serialise(&self.uid, &entry)?[..]) {
                    return Err(fenced);
                }
                ensure_highest(&*self.storage, &self.uid, next).await?;
            }
            Err(error) => return Err(error),
        }
        let Entry::Checkpoint(manifest) = entry else {
            return Err(StateError::Incompatible { uid: self.uid.clone(), problem: "not a checkpoint".to_owned() });
        };
        self.last_entry = next;
        self.last_epoch = manifest.epoch;
        Ok(manifest)
    }

    /// Deletes entries older than `manifest`, the one just published, and files it does not refer to. Files of this
    /// generation that are not referred to yet may belong to the checkpoint being written: the caller names those it has
    /// given up in `abandoned`.
    pub async fn collect_garbage(&self, manifest: &Manifest, abandoned: &[FileRef]) -> Result<(), StateError> {
        for number in entry_numbers(&*self.storage, &self.uid).await? {
            if number < self.last_entry {
                self.storage.delete(&entry_path(&self.uid, number)).await?;
            }
        }
        let kept: HashSet<&str> = manifest.files.iter().map(|file| file.path.as_str()).collect();
        let given_up: HashSet<&str> = abandoned.iter().map(|file| file.path.as_str()).collect();
        let own = format!("{}/files/{:020}/", self.uid, self.generation);
        for path in self.storage.list(&format!("{}/files", self.uid)).await? {
            let removable = !path.starts_with(&own) || given_up.contains(path.as_str());
            if removable && !kept.contains(path.as_str()) {
                self.storage.delete(&path).await?;
            }
        }
        Ok(())
    }
}

/// Writes state files of one generation.
#[derive(Debug, Clone)]
pub struct FileWriter {
    storage: Arc<dyn Storage>,
    folder: String,
}

impl FileWriter {
    /// Writes the file durably; `name` must be new within the generation.
    pub async fn write(&self, name: &str, content: Bytes) -> Result<FileRef, StateError> {
        let path = format!("{}/{name}", self.folder);
        let bytes = content.len() as u64;
        self.storage.put(&path, content).await?;
        Ok(FileRef { path, bytes })
    }
}

async fn read_file(storage: &dyn Storage, file: &FileRef) -> Result<Bytes, StateError> {
    let corrupt = |problem: &str| StateError::Corrupt { path: file.path.clone(), problem: problem.to_owned() };
    let content = storage.get(&file.path).await?.ok_or_else(|| corrupt("it is missing"))?;
    if content.len() as u64 != file.bytes {
        return Err(corrupt("its length differs"));
    }
    Ok(content)
}

fn entry_path(uid: &str, number: u64) -> String {
    format!("{uid}/log/{number:020}")
}

async fn entry_numbers(storage: &dyn Storage, uid: &str) -> Result<Vec<u64>, StateError> {
    let paths = storage.list(&format!("{uid}/log")).await?;
    Ok(paths.iter().filter_map(|path| path.rsplit('/').next()?.parse().ok()).collect())
}

/// Creates entry `number` and makes sure that it is the last one.
async fn append(storage: &dyn Storage, uid: &str, number: u64, entry: &Entry) -> Result<(), StateError> {
    match storage.create(&entry_path(uid, number), serialise(uid, entry)?).await? {
        Creation::Exists => Err(StateError::Fenced { uid: uid.to_owned(), entry: number }),
        Creation::Created => ensure_highest(storage, uid, number).await,
    }
}

async fn ensure_highest(storage: &dyn Storage, uid: &str, number: u64) -> Result<(), StateError> {
    match entry_numbers(storage, uid).await?.into_iter().filter(|&other| other > number).max() {
        None => Ok(()),
        Some(entry) => {
            storage.delete(&entry_path(uid, number)).await?;
            Err(StateError::Fenced { uid: uid.to_owned(), entry })
        }
    }
}

/// JSON followed by a line with its CRC-32.
fn serialise(uid: &str, entry: &Entry) -> Result<Bytes, StateError> {
    let incompatible = |e: serde_json::Error| StateError::Incompatible { uid: uid.to_owned(), problem: e.to_string() };
    let mut content = serde_json::to_vec(entry).map_err(incompatible)?;
    let crc = crc32fast::hash(&content);
    content.extend_from_slice(format!("\n{crc:08x}").as_bytes());
    Ok(Bytes::from(content))
}

fn parse_entry(uid: &str, path: &str, content: &[u8]) -> Result<Entry, StateError> {
    let corrupt = |problem: &str| StateError::Corrupt { path: path.to_owned(), problem: problem.to_owned() };
    let line = content.iter().rposition(|&byte| byte == b'\n').ok_or_else(|| corrupt("it has no checksum"))?;
    let (json, crc) = (&content[..line], &content[line + 1..]);
    if crc != format!("{:08x}", crc32fast::hash(json)).as_bytes() {
        return Err(corrupt("its checksum differs"));
    }
    let entry: Entry = serde_json::from_slice(json).map_err(|e| corrupt(&e.to_string()))?;
    if let Entry::Checkpoint(manifest) = &entry
        && manifest.format_version != FORMAT_VERSION
    {
        let problem = format!("format {}, this release reads {FORMAT_VERSION}", manifest.format_version);
        return Err(StateError::Incompatible { uid: uid.to_owned(), problem });
    }
    Ok(entry)
}
