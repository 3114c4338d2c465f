//! Compaction: of every key only the last record stays.
//!
//! A pass looks at the closed segments below the last stable offset: it notes the last offset of every key in the part that
//! was not compacted yet, then writes the segments again without superseded records, aborted data, and tombstones and
//! transaction markers whose time has come. Batches that lose nothing are copied as they are. New files are swapped in by
//! renames that a restart finishes. Keys are remembered as 128-bit keyed hashes, so memory is bounded by the number of keys
//! per pass; when it is full, the pass ends early and the next one goes on from there. Traded away: batches emptied of all
//! records go too, so a producer that is gone from the snapshots too may start with any sequence number.

use std::collections::HashMap;
use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::batch::{BatchHeader, HEADER_LEN, assemble};
use super::compression::{pack, unpack};
use super::index::Index;
use super::producers::Aborted;
use super::records::{Record, Records, put_record};
use super::scan::Scanner;
use super::segment::Segment;
use super::{Log, LogConfig, LogError};
use crate::files::sync_dir;

/// Keys remembered in one pass: about 64 MiB.
const MAX_KEYS: usize = 1 << 20;

struct Input {
    base: i64,
    end: i64,
    size: u64,
    file: Arc<File>,
}

/// A pass that was planned under the log's lock.
pub struct Pass {
    dir: PathBuf,
    config: LogConfig,
    inputs: Vec<Input>,
    cleaned: i64,
    aborted: Vec<Aborted>,
    now: i64,
}

struct Output {
    base: i64,
    end: i64,
    size: u64,
    max_timestamp: i64,
    index: Index,
    path: PathBuf,
}

/// A pass that was carried out and waits to be swapped in.
pub struct Done {
    outputs: Vec<Output>,
    cleaned: i64,
    markers: Vec<i64>,
}

/// Last offsets by key.
struct Keys {
    seeds: (RandomState, RandomState),
    last: HashMap<u128, i64>,
}

impl Keys {
    fn hash(&self, key: &[u8]) -> u128 {
        u128::from(self.seeds.0.hash_one(key)) << 64 | u128::from(self.seeds.1.hash_one(key))
    }

    fn is_last(&self, key: &[u8], offset: i64) -> bool {
        self.last.get(&self.hash(key)).is_none_or(|last| *last <= offset)
    }
}

impl Log {
    /// Plans a pass if the topic is compacted and there is enough to do. `now` is milliseconds since 1970.
    pub fn plan_compaction(&mut self, now: i64) -> Result<Option<Pass>, LogError> {
        if !self.config.compact {
            return Ok(None);
        }
        let config = self.config;
        let stable = self.ends().stable;
        let cleaned = self.checkpoint.cleaned.max(self.checkpoint.start);
        let (mut inputs, mut dirty, mut total, mut overdue) = (Vec::new(), 0, 0, false);
        for at in 0..self.segments.len().saturating_sub(1) {
            let end = self.segments[at + 1].base;
            let segment = &mut self.segments[at];
            if end > stable || segment.max_timestamp > now - config.min_compaction_lag_ms {
                break;
            }
            total += segment.size;
            if end > cleaned {
                dirty += segment.size;
                overdue |= segment.max_timestamp.saturating_add(config.max_compaction_lag_ms) < now;
            }
            inputs.push(Input { base: segment.base, end, size: segment.size, file: segment.file()? });
        }
        let due = dirty > 0 && (overdue || dirty as f64 >= config.min_cleanable_ratio * total as f64);
        let aborted = self.producers.aborted(0, i64::MAX);
        Ok(due.then(|| Pass { dir: self.dir.clone(), config, inputs, cleaned, aborted, now }))
    }

    /// Swaps the result of a pass in, unless the log lost segments meanwhile.
    pub fn finish_compaction(&mut self, done: Done) -> Result<(), LogError> {
        for output in done.outputs {
            let first = self.segments.partition_point(|segment| segment.base < output.base);
            let after = self.segments.partition_point(|segment| segment.base < output.end);
            let whole = self.segments.get(first).is_some_and(|segment| segment.base == output.base)
                && self.segments.get(after).is_some_and(|segment| segment.base == output.end);
            if !whole {
                fs::remove_file(&output.path)?;
                continue;
            }
            let swap = self.dir.join(format!("{:020}-{:020}.swap", output.base, output.end));
            fs::rename(&output.path, &swap)?;
            sync_dir(&self.dir)?;
            for old in self.segments.drain(first..after) {
                old.remove()?;
            }
            fs::rename(&swap, Segment::path_of(&self.dir, output.base))?;
            let mut segment = Segment::scanned(&self.dir, output.base, output.size, output.max_timestamp, output.index);
            segment.save_index()?;
            self.segments.insert(first, segment);
        }
        self.producers.forget_aborted(&done.markers);
        self.checkpoint.cleaned = self.checkpoint.cleaned.max(done.cleaned);
        super::checkpoint::write_snapshot(&self.dir, self.next_offset, &self.producers)?;
        self.save_checkpoint()
    }
}

impl Pass {
    /// Carries the pass out; touches only new files.
    pub fn run(mut self) -> Result<Done, LogError> {
        let mut keys = Keys { seeds: Default::default(), last: HashMap::new() };
        let mut cleaned = self.cleaned;
        let mut used = 0;
        for input in &self.inputs {
            if input.end > self.cleaned {
                if used > 0 && keys.last.len() >= MAX_KEYS {
                    break;
                }
                self.note_keys(input, &mut keys)?;
                cleaned = input.end;
            }
            used += 1;
        }
        self.inputs.truncate(used);
        let (mut outputs, mut markers) = (Vec::new(), Vec::new());
        let mut at = 0;
        while at < self.inputs.len() {
            let mut group = at + 1;
            let mut size = self.inputs[at].size;
            while group < self.inputs.len()
                && size + self.inputs[group].size <= self.config.segment_bytes
                && self.inputs[group].end - self.inputs[at].base < i64::from(i32::MAX)
            {
                size += self.inputs[group].size;
                group += 1;
            }
            outputs.push(self.rewrite(&self.inputs[at..group], &keys, &mut markers)?);
            at = group;
        }
        Ok(Done { outputs, cleaned, markers })
    }

    fn is_aborted(&self, header: &BatchHeader) -> bool {
        header.is_transactional()
            && !header.is_control()
            && self.aborted.iter().any(|aborted| {
                aborted.producer_id == header.producer_id
                    && (aborted.first_offset..aborted.last_offset).contains(&header.base_offset)
            })
    }

    fn note_keys(&self, input: &Input, keys: &mut Keys) -> Result<(), LogError> {
        let mut scanner = Scanner::new(&input.file, 0, input.size);
        while let Some((position, header)) = scanner.header()? {
            if header.is_control() || self.is_aborted(&header) {
                continue;
            }
            let batch = scanner.batch(position, &header)?;
            let section = unpack(header.codec(), &batch[HEADER_LEN..])?;
            for record in Records::new(&section, header.count) {
                let record = record?;
                if let Some(key) = record.key {
                    let hash = keys.hash(key);
                    keys.last.insert(hash, header.base_offset + i64::from(record.offset_delta));
                }
            }
        }
        Ok(())
    }

    fn rewrite(&self, group: &[Input], keys: &Keys, markers: &mut Vec<i64>) -> Result<Output, LogError> {
        let (base, end) = (group[0].base, group[group.len() - 1].end);
        let path = self.dir.join(format!("{base:020}.cleaned"));
        let mut writer = BufWriter::with_capacity(256 << 10, File::create(&path)?);
        let (mut size, mut max_timestamp, mut index) = (0, -1, Index::default());
        for input in group {
            let mut scanner = Scanner::new(&input.file, 0, input.size);
            while let Some((position, header)) = scanner.header()? {
                let batch = scanner.batch(position, &header)?;
                let kept = self.keep(&header, batch, keys, markers)?;
                let Some(kept) = kept else { continue };
                let kept = kept.as_deref().unwrap_or(batch);
                index.note(base, &header, size, max_timestamp);
                writer.write_all(kept)?;
                size += kept.len() as u64;
                max_timestamp = max_timestamp.max(header.data_timestamp());
            }
        }
        writer.into_inner().map_err(|error| error.into_error())?.sync_all()?;
        Ok(Output { base, end, size, max_timestamp, index, path })
    }

    /// `None` drops the batch, `Some(None)` keeps it as it is, `Some(Some(..))` is its new form.
    #[allow(clippy::option_option)]
    fn keep(
        &self,
        header: &BatchHeader,
        batch: &[u8],
        keys: &Keys,
        markers: &mut Vec<i64>,
    ) -> Result<Option<Option<Vec<u8>>>, LogError> {
        if header.is_control() {
            // The data of an aborted transaction goes in the pass that sees its marker, so the marker may go when it is old.
            if header.max_timestamp + self.config.delete_retention_ms < self.now {
                markers.push(header.base_offset);
                return Ok(None);
            }
            return Ok(Some(None));
        }
        if self.is_aborted(header) {
            return Ok(None);
        }
        let section = unpack(header.codec(), &batch[HEADER_LEN..])?;
        let horizon = header.delete_horizon();
        let mut kept: Vec<Record<'_>> = Vec::new();
        let mut tombstones = false;
        for record in Records::new(&section, header.count) {
            let record = record?;
            let Some(key) = record.key else { continue };
            let dead = record.value.is_none() && horizon.is_some_and(|horizon| horizon < self.now);
            if keys.is_last(key, header.base_offset + i64::from(record.offset_delta)) && !dead {
                tombstones |= record.value.is_none();
                kept.push(record);
            }
        }
        if kept.is_empty() {
            return Ok(None);
        }
        let mark = tombstones && horizon.is_none();
        if kept.len() == header.count as usize && !mark {
            return Ok(Some(None));
        }
        let mut header = BatchHeader { count: kept.len() as i32, ..*header };
        if mark {
            let horizon = self.now.saturating_add(self.config.delete_retention_ms);
            let shift = header.base_timestamp.wrapping_sub(horizon);
            for record in &mut kept {
                record.timestamp_delta = record.timestamp_delta.wrapping_add(shift);
            }
            header = header.with_delete_horizon(horizon);
        }
        let mut records = Vec::new();
        kept.iter().for_each(|record| put_record(&mut records, record));
        Ok(Some(Some(assemble(header, &pack(header.codec(), &records)?))))
    }
}

/// Finishes or undoes the swaps that a crash interrupted.
pub fn finish_swaps(dir: &Path) -> Result<(), LogError> {
    let mut swaps = Vec::new();
    let mut bases = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("cleaned" | "tmp") => fs::remove_file(&path)?,
            Some("swap") => {
                let range = stem.split_once('-').and_then(|(base, end)| Some((base.parse().ok()?, end.parse().ok()?)));
                swaps.extend(range.map(|range: (i64, i64)| (range, path.clone())));
            }
            Some("log") => bases.extend(stem.parse::<i64>().ok()),
            _ => {}
        }
    }
    for ((base, end), swap) in swaps {
        for old in bases.iter().filter(|old| (base..end).contains(*old)) {
            Segment::scanned(dir, *old, 0, -1, Index::default()).remove()?;
        }
        fs::rename(&swap, Segment::path_of(dir, base))?;
    }
    Ok(())
}
