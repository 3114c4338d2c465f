//! Entries of a statement's checkpoint log, and how they are created and read.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{FORMAT_VERSION, Manifest};
use crate::error::StateError;
use crate::storage::{Creation, Storage};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Entry {
    Claim {
        generation: u64,
        /// Entry of the checkpoint that this generation starts from.
        base: Option<u64>,
        /// The job; None in claims of early releases.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<String>,
    },
    Checkpoint(Manifest),
}

/// The end of a log: its last checkpoint and the claims after it.
pub(super) struct History {
    pub last: Option<u64>,
    /// Highest so far.
    pub generation: u64,
    /// With the number of its entry.
    pub latest: Option<(u64, Manifest)>,
    pub claims: Vec<ClaimSeen>,
}

pub(super) struct ClaimSeen {
    pub number: u64,
    pub generation: u64,
    pub owner: Option<String>,
}

pub(super) async fn history(storage: &dyn Storage, uid: &str) -> Result<History, StateError> {
    loop {
        // Where entries were deleted while they were read, the log has moved on: without them the rest says too little.
        if let Some(history) = read_history(storage, uid).await? {
            return Ok(history);
        }
    }
}

/// None when an entry that was listed is gone.
async fn read_history(storage: &dyn Storage, uid: &str) -> Result<Option<History>, StateError> {
    let mut numbers = entry_numbers(storage, uid).await?;
    numbers.sort_unstable();
    let mut history = History { last: numbers.last().copied(), generation: 0, latest: None, claims: Vec::new() };
    for &number in numbers.iter().rev() {
        let Some(entry) = read_entry(storage, uid, number).await? else { return Ok(None) };
        match entry {
            Entry::Claim { generation, owner, .. } => {
                history.generation = history.generation.max(generation);
                history.claims.push(ClaimSeen { number, generation, owner });
            }
            Entry::Checkpoint(manifest) => {
                history.generation = history.generation.max(manifest.generation);
                history.latest = Some((number, manifest));
                break;
            }
        }
    }
    Ok(Some(history))
}

/// None when it is not there (any more).
pub(super) async fn read_entry(storage: &dyn Storage, uid: &str, number: u64) -> Result<Option<Entry>, StateError> {
    let path = entry_path(uid, number);
    match storage.get(&path).await? {
        Some(content) => parse_entry(uid, &path, &content).map(Some),
        None => Ok(None),
    }
}

pub(super) fn entry_path(uid: &str, number: u64) -> String {
    format!("{uid}/log/{number:020}")
}

pub(super) async fn entry_numbers(storage: &dyn Storage, uid: &str) -> Result<Vec<u64>, StateError> {
    let paths = storage.list(&format!("{uid}/log")).await?;
    Ok(paths.iter().filter_map(|path| path.rsplit('/').next()?.parse().ok()).collect())
}

/// Creates entry `number` and makes sure that it is the last one.
pub(super) async fn append(storage: &dyn Storage, uid: &str, number: u64, entry: &Entry) -> Result<(), StateError> {
    match storage.create(&entry_path(uid, number), serialise(uid, entry)?).await? {
        Creation::Exists => Err(StateError::Fenced { uid: uid.to_owned(), entry: number }),
        Creation::Created => ensure_highest(storage, uid, number).await,
    }
}

/// An entry that is not the last one stays all the same. Either a newer job has claimed the log between its creation and this
/// look, and goes on from it; or it was created anew where an old one had been deleted, and then there is a newer checkpoint
/// above it, no reader gets down to it, and it goes with the next garbage.
pub(super) async fn ensure_highest(storage: &dyn Storage, uid: &str, number: u64) -> Result<(), StateError> {
    match entry_numbers(storage, uid).await?.into_iter().filter(|&other| other > number).max() {
        None => Ok(()),
        Some(entry) => Err(StateError::Fenced { uid: uid.to_owned(), entry }),
    }
}

/// JSON followed by a line with its CRC-32.
pub(super) fn serialise(uid: &str, entry: &Entry) -> Result<Bytes, StateError> {
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
