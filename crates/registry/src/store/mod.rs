//! What the registry keeps, and where.
//!
//! The registry's whole state is a set of [`Entry`]s, each under a key of its own; a later entry of
//! the same key replaces the earlier one, and some entries only remove. A [`SchemaStore`] has two
//! duties: give the entries back, and take a batch all or nothing, durably. That fits a file that
//! grows, a compacted topic and a table with a key column alike. The registry itself answers from
//! memory and is the store's only writer.

mod log;
mod memory;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::model::{Mode, Schema, Subject, SubjectConfig};

pub use log::LogStore;
pub use memory::MemoryStore;

/// The store could not be read or written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The medium failed.
    #[error("NUTKIN-3510: {action} failed: {reason}. Free space or mend the file system, then start again")]
    Io {
        /// What was being done, with the path.
        action: String,
        /// The system's words.
        reason: String,
    },
    /// What is stored is not what was written.
    #[error("NUTKIN-3510: {path} is damaged at byte {offset}: {reason}. Restore it from a backup; nothing was changed")]
    Corrupt {
        /// The file.
        path: String,
        /// Where.
        offset: u64,
        /// What is wrong.
        reason: String,
    },
    /// Another process has the store.
    #[error("NUTKIN-3510: {path} is in use by another process. Stop that one first")]
    Locked {
        /// The file.
        path: String,
    },
    /// An earlier write failed in a way that leaves open what is on disk.
    #[error("NUTKIN-3510: an earlier write to {path} failed; start the registry again to read what was kept")]
    Poisoned {
        /// The file.
        path: String,
    },
}

impl StoreError {
    pub(crate) fn io(action: impl Into<String>, error: &std::io::Error) -> Self {
        Self::Io { action: action.into(), reason: error.to_string() }
    }
}

/// A registered schema as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredSchema {
    /// Under which subject.
    pub subject: Subject,
    /// Which version of it.
    pub version: i32,
    /// The id in the subject's context.
    pub id: i32,
    /// The id across contexts.
    pub guid: Uuid,
    /// Type, text and references.
    pub schema: Schema,
    /// SHA-256 of what makes two schemas the same, in hex.
    pub fingerprint: String,
    /// Soft deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
}

/// One change of the registry's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Entry {
    /// A version of a subject, new or changed.
    Version(Box<StoredSchema>),
    /// A version is gone for good.
    #[serde(rename_all = "camelCase")]
    VersionGone {
        /// Of which subject.
        subject: Subject,
        /// Which version.
        version: i32,
    },
    /// The settings of a subject, a context or the registry; `None` removes them.
    Config {
        /// Of whom.
        subject: Subject,
        /// The settings.
        config: Option<SubjectConfig>,
    },
    /// The mode of a subject, a context or the registry; `None` removes it.
    Mode {
        /// Of whom.
        subject: Subject,
        /// The mode.
        mode: Option<Mode>,
    },
    /// The highest id given out in a context: ids are never used twice.
    LastId {
        /// The context.
        context: String,
        /// The id.
        id: i32,
    },
}

impl Entry {
    /// The key under which this entry replaces earlier ones.
    pub fn key(&self) -> String {
        match self {
            Self::Version(stored) => version_key(&stored.subject, stored.version),
            Self::VersionGone { subject, version } => version_key(subject, *version),
            Self::Config { subject, .. } => format!("config/{}/{}", subject.context(), subject.name()),
            Self::Mode { subject, .. } => format!("mode/{}/{}", subject.context(), subject.name()),
            Self::LastId { context, .. } => format!("id/{context}"),
        }
    }

    /// True when the entry only removes what is under its key.
    pub fn removes(&self) -> bool {
        matches!(self, Self::VersionGone { .. } | Self::Config { config: None, .. } | Self::Mode { mode: None, .. })
    }
}

fn version_key(subject: &Subject, version: i32) -> String {
    format!("version/{}/{}/{version}", subject.context(), subject.name())
}

/// Keeps the registry's entries.
#[async_trait]
pub trait SchemaStore: Send + Sync {
    /// Every entry that counts, at most one a key, none that only removes. Called once, before any commit.
    async fn load(&self) -> Result<Vec<Entry>, StoreError>;

    /// Makes a batch of entries durable, all or none. After an error the batch may or may not be
    /// there when the store is loaded again, but never a part of it.
    async fn commit(&self, entries: Vec<Entry>) -> Result<(), StoreError>;
}

/// Entries by key, with the last one of each key in the order of first appearance.
#[derive(Debug, Default)]
pub(crate) struct Latest {
    entries: std::collections::BTreeMap<String, Entry>,
    /// How many entries were replaced or removed.
    pub(crate) superseded: usize,
}

impl Latest {
    pub(crate) fn apply(&mut self, entry: Entry) {
        let removes = entry.removes();
        let key = entry.key();
        let before = if removes { self.entries.remove(&key) } else { self.entries.insert(key, entry) };
        self.superseded += usize::from(removes) + usize::from(before.is_some());
    }

    pub(crate) fn to_vec(&self) -> Vec<Entry> {
        self.entries.values().cloned().collect()
    }
}
