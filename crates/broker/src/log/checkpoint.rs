//! Small files beside the segments: the checkpoint and the producer snapshots.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::producers::Producers;
use crate::files::write_atomic;

/// How the log was left at a clean stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CleanStop {
    /// Next offset.
    pub end: i64,
    /// Bytes of the active segment.
    pub size: u64,
}

/// What is known of a log besides its batches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// First offset that may be read; raised by retention and DeleteRecords.
    pub start: i64,
    /// Everything below is on disk.
    pub recovery_point: i64,
    /// Everything below was compacted.
    pub cleaned: i64,
    /// Set at a clean stop, void after the next append.
    pub clean: Option<CleanStop>,
}

impl Checkpoint {
    fn path(dir: &Path) -> PathBuf {
        dir.join("checkpoint.json")
    }

    /// Reads the file; a missing or unreadable one is the same as none, which only costs time at the next opening.
    pub fn load(dir: &Path) -> Self {
        fs::read(Self::path(dir)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// Replaces the file.
    pub fn save(&self, dir: &Path) -> std::io::Result<()> {
        write_atomic(&Self::path(dir), &serde_json::to_vec(self)?, false)
    }
}

fn snapshot_path(dir: &Path, offset: i64) -> PathBuf {
    dir.join(format!("{offset:020}.snapshot"))
}

/// Offsets of the snapshot files, largest first.
fn snapshots(dir: &Path) -> Vec<i64> {
    let mut offsets: Vec<i64> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".snapshot")?.parse().ok())
        .collect();
    offsets.sort_unstable_by(|a, b| b.cmp(a));
    offsets
}

/// Writes the producers' state at `offset` and removes all but the two latest snapshots before it.
pub fn write_snapshot(dir: &Path, offset: i64, producers: &Producers) -> std::io::Result<()> {
    let body = serde_json::to_vec(producers)?;
    let mut bytes = crc32c::crc32c(&body).to_be_bytes().to_vec();
    bytes.extend_from_slice(&body);
    write_atomic(&snapshot_path(dir, offset), &bytes, false)?;
    for old in snapshots(dir).into_iter().filter(|at| *at != offset).skip(2) {
        let _ = fs::remove_file(snapshot_path(dir, old));
    }
    Ok(())
}

fn read_snapshot(dir: &Path, offset: i64) -> Option<Producers> {
    let bytes = fs::read(snapshot_path(dir, offset)).ok()?;
    let (crc, body) = bytes.split_first_chunk::<4>()?;
    if crc32c::crc32c(body) != u32::from_be_bytes(*crc) {
        return None;
    }
    serde_json::from_slice(body).ok()
}

/// The latest readable snapshot at or below `limit`.
pub fn load_snapshot(dir: &Path, limit: i64) -> (i64, Producers) {
    snapshots(dir)
        .into_iter()
        .filter(|offset| *offset <= limit)
        .find_map(|offset| read_snapshot(dir, offset).map(|producers| (offset, producers)))
        .unwrap_or_default()
}

/// Removes snapshots beyond the end of a log that was cut.
pub fn drop_snapshots_after(dir: &Path, end: i64) {
    for offset in snapshots(dir).into_iter().filter(|offset| *offset > end) {
        let _ = fs::remove_file(snapshot_path(dir, offset));
    }
}
