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
//!
//! **Whose claim is it?** A claim names its owner, a random text of the job. So a job whose answer was lost can go on under a
//! new generation ([`Lineage::renew`]) without ever taking the log back from one that replaced it meanwhile.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::error::StateError;
use crate::storage::Storage;

mod log;

use log::{Entry, append, ensure_highest, entry_numbers, entry_path, history, read_entry, serialise};

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
    /// In every claim of this job.
    owner: String,
    generation: u64,
    last_entry: u64,
    last_epoch: u64,
    /// The outcome of the last publication is known.
    settled: bool,
}

impl CheckpointStore {
    pub fn new(storage: Arc<dyn Storage>) -> CheckpointStore {
        CheckpointStore { storage }
    }

    /// Starts a new generation of `uid`. After this no older job can publish.
    ///
    /// # Errors
    /// [`StateError::Fenced`] when another job claimed it in the same moment, after this one.
    pub async fn claim(&self, uid: &str) -> Result<Claim, StateError> {
        let mut lineage = Lineage {
            storage: self.storage.clone(),
            uid: uid.to_owned(),
            owner: uuid::Uuid::new_v4().simple().to_string(),
            generation: 0,
            last_entry: 0,
            last_epoch: 0,
            settled: false,
        };
        let latest = lineage.append_claim(|_| Ok(())).await?;
        Ok(Claim { lineage, latest })
    }

    /// The last published checkpoint, without claiming anything.
    pub async fn latest(&self, uid: &str) -> Result<Option<Manifest>, StateError> {
        Ok(history(&*self.storage, uid).await?.latest.map(|(_, manifest)| manifest))
    }

    /// Removes everything of a statement that is gone.
    pub async fn delete(&self, uid: &str) -> Result<(), StateError> {
        self.storage.delete_all(self.storage.list(uid).await?).await
    }

    /// The whole content of a file that a manifest refers to.
    pub async fn read_file(&self, file: &FileRef) -> Result<Bytes, StateError> {
        read_file(&*self.storage, file).await
    }
}

impl Lineage {
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Epoch of the last checkpoint known to this job; the next one it publishes is one higher.
    pub fn last_epoch(&self) -> u64 {
        self.last_epoch
    }

    /// False after a publication of unknown outcome: [`Lineage::renew`] before anything else.
    pub fn is_settled(&self) -> bool {
        self.settled
    }

    /// Finds out whether another job has claimed the statement. A claim that comes a moment later is not seen, so this is no
    /// right to do what must not happen twice; it keeps a job that was replaced from getting in its successor's way.
    ///
    /// # Errors
    /// [`StateError::Fenced`] when one has.
    pub async fn ensure_current(&self) -> Result<(), StateError> {
        for number in entry_numbers(&*self.storage, &self.uid).await? {
            // Only a newer job deletes what is newer than the last entry of this one.
            if number > self.last_entry
                && read_entry(&*self.storage, &self.uid, number).await?.is_none_or(|entry| self.is_foreign(&entry))
            {
                return Err(StateError::Fenced { uid: self.uid.clone(), entry: number });
            }
        }
        Ok(())
    }

    /// Goes on under a new generation after a publication whose outcome is unknown, and gives the checkpoint to go on from:
    /// that one, if it was published. It can no longer be afterwards.
    ///
    /// # Errors
    /// [`StateError::Fenced`] when another job has claimed the statement. After any other error it can be called again.
    pub async fn renew(&mut self) -> Result<Option<Manifest>, StateError> {
        let (uid, owner, own) = (self.uid.clone(), self.owner.clone(), self.generation);
        self.append_claim(|history| {
            let claim =
                history.claims.iter().find(|claim| claim.generation > own && claim.owner.as_ref() != Some(&owner));
            let checkpoint = history.latest.as_ref().filter(|(_, manifest)| manifest.generation > own);
            match claim.map(|claim| claim.number).or(checkpoint.map(|(number, _)| *number)) {
                Some(entry) => Err(StateError::Fenced { uid: uid.clone(), entry }),
                None => Ok(()),
            }
        })
        .await
    }

    /// Appends a claim, if `check` has nothing against it, and gives the checkpoint to go on from.
    async fn append_claim(
        &mut self,
        check: impl Fn(&log::History) -> Result<(), StateError>,
    ) -> Result<Option<Manifest>, StateError> {
        loop {
            let history = history(&*self.storage, &self.uid).await?;
            check(&history)?;
            let (next, generation) = (history.last.map_or(0, |last| last + 1), history.generation + 1);
            let base = history.latest.as_ref().map(|(entry, _)| *entry);
            let claim = Entry::Claim { generation, base, owner: Some(self.owner.clone()) };
            match append(&*self.storage, &self.uid, next, &claim).await {
                Ok(()) => {
                    let latest = history.latest.map(|(_, manifest)| manifest);
                    self.last_epoch = latest.as_ref().map_or(0, |manifest| manifest.epoch);
                    (self.generation, self.last_entry, self.settled) = (generation, next, true);
                    return Ok(latest);
                }
                // The claim stands, and somebody has claimed after it: that job is the successor of this one.
                Err(StateError::Fenced { entry, .. }) if entry > next && self.is_succeeded(generation).await? => {
                    return Err(StateError::Fenced { uid: self.uid.clone(), entry });
                }
                // Somebody was faster: look again, there may be a newer checkpoint.
                Err(StateError::Fenced { .. }) => continue,
                Err(error) => return Err(error),
            }
        }
    }

    /// True when the log has come to a later generation than `generation`. It has not where an old number was created anew:
    /// what is above it then is of jobs before this one.
    async fn is_succeeded(&self, generation: u64) -> Result<bool, StateError> {
        Ok(history(&*self.storage, &self.uid).await?.generation > generation)
    }

    fn is_foreign(&self, entry: &Entry) -> bool {
        match entry {
            Entry::Claim { owner, .. } => owner.as_ref() != Some(&self.owner),
            Entry::Checkpoint(manifest) => manifest.generation != self.generation,
        }
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
    /// same content, or [`Lineage::renew`], settles it.
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
        self.settled = false;
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
        (self.last_entry, self.last_epoch, self.settled) = (next, manifest.epoch, true);
        Ok(manifest)
    }

    /// Deletes entries older than `manifest`, the one just published, and files it does not refer to. Files of this
    /// generation that are not referred to yet may belong to the checkpoint being written: the caller names those it has
    /// given up in `abandoned`.
    pub async fn collect_garbage(&self, manifest: &Manifest, abandoned: &[FileRef]) -> Result<(), StateError> {
        let numbers = entry_numbers(&*self.storage, &self.uid).await?.into_iter();
        let old = numbers.filter(|number| *number < self.last_entry).map(|number| entry_path(&self.uid, number));
        self.storage.delete_all(old.collect()).await?;
        let kept: HashSet<&str> = manifest.files.iter().map(|file| file.path.as_str()).collect();
        let given_up: HashSet<&str> = abandoned.iter().map(|file| file.path.as_str()).collect();
        let own = format!("{}/files/{:020}/", self.uid, self.generation);
        let mut files = self.storage.list(&format!("{}/files", self.uid)).await?;
        files.retain(|path| {
            let removable = !path.starts_with(&own) || given_up.contains(path.as_str());
            removable && !kept.contains(path.as_str())
        });
        self.storage.delete_all(files).await
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
