//! Opening a log: finishing what a crash interrupted.
//!
//! After a clean stop no batch is read. Otherwise every segment that may not have been on disk, or that the producers'
//! snapshot does not cover, is read and its checksums are verified. Damage beyond the recovery point is the torn tail of a
//! crash: the log is cut there. Damage below it was on disk once: the log is not opened, so that nothing is lost silently.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use super::checkpoint::{Checkpoint, drop_snapshots_after, load_snapshot};
use super::index::Index;
use super::producers::Producers;
use super::scan::Scanner;
use super::segment::Segment;
use super::{Log, LogConfig, LogError, compact, marker};
use crate::options::Fsync;

struct Scanned {
    segment: Segment,
    next_offset: i64,
    torn: bool,
}

impl Log {
    /// Opens the log in `dir`, which exists; makes the first segment of an empty one. `now` is milliseconds since 1970.
    pub fn open(dir: PathBuf, config: LogConfig, fsync: Fsync, now: i64) -> Result<Self, LogError> {
        compact::finish_swaps(&dir)?;
        let mut checkpoint = Checkpoint::load(&dir);
        let mut bases = segment_bases(&dir)?;
        if bases.is_empty() {
            bases.push(checkpoint.start);
            Segment::create(&dir, checkpoint.start)?;
        }
        let (snapshot_at, producers) = load_snapshot(&dir, i64::MAX);
        let clean = checkpoint.clean.take();
        let mut log =
            Self { dir, config, fsync, segments: Vec::new(), producers, checkpoint, next_offset: checkpoint.start };
        if let Some(clean) = clean {
            let active = bases.last().copied().unwrap_or_default();
            let size = fs::metadata(Segment::path_of(&log.dir, active))?.len();
            let fits = snapshot_at == clean.end && active <= clean.end && size == clean.size;
            log.checkpoint.save(&log.dir)?;
            if fits && log.trust(&bases, clean.end)? {
                return Ok(log);
            }
        }
        log.recover(&bases, snapshot_at, now)?;
        if log.next_offset < snapshot_at {
            // The log was cut below its latest snapshot, which was removed: replay from an older one.
            let (older, producers) = load_snapshot(&log.dir, log.next_offset);
            log.producers = producers;
            log.segments.clear();
            log.recover(&segment_bases(&log.dir)?, older, now)?;
        }
        log.checkpoint.start = log.checkpoint.start.max(log.segments.first().map_or(0, |first| first.base));
        log.producers.truncate_start(log.checkpoint.start);
        log.checkpoint.recovery_point = log.checkpoint.recovery_point.min(log.next_offset);
        log.checkpoint.cleaned = log.checkpoint.cleaned.min(log.next_offset);
        Ok(log)
    }

    /// Takes all segments as their index files describe them.
    fn trust(&mut self, bases: &[i64], end: i64) -> Result<bool, LogError> {
        for base in bases {
            let size = fs::metadata(Segment::path_of(&self.dir, *base))?.len();
            let Some(segment) = Segment::trusted(&self.dir, *base, size) else {
                self.segments.clear();
                return Ok(false);
            };
            self.segments.push(segment);
        }
        // The active segment's index is kept in memory while it is written.
        if let Some(active) = self.segments.last_mut() {
            active.index()?;
        }
        self.next_offset = end;
        Ok(true)
    }

    fn recover(&mut self, bases: &[i64], snapshot_at: i64, now: i64) -> Result<(), LogError> {
        let point = self.checkpoint.recovery_point;
        for (at, base) in bases.iter().copied().enumerate() {
            let end = bases.get(at + 1).copied();
            let size = fs::metadata(Segment::path_of(&self.dir, base))?.len();
            let needed = end.is_none_or(|end| end > point.min(snapshot_at));
            if !needed && let Some(segment) = Segment::trusted(&self.dir, base, size) {
                self.segments.push(segment);
                self.next_offset = end.unwrap_or(base);
                continue;
            }
            let scanned = self.scan(base, size, snapshot_at, now)?;
            let valid = scanned.segment.size;
            if scanned.torn && scanned.next_offset < point && end.is_some() {
                return Err(LogError::Corrupt("a segment that was on disk has a damaged record batch"));
            }
            self.next_offset = scanned.next_offset;
            self.segments.push(scanned.segment);
            if scanned.torn {
                let path = Segment::path_of(&self.dir, base);
                tracing::warn!(file = %path.display(), valid, size, "cut off the torn tail of a log");
                OpenOptions::new().write(true).open(&path)?.set_len(valid)?;
                for later in &bases[at + 1..] {
                    Segment::scanned(&self.dir, *later, 0, -1, Index::default()).remove()?;
                }
                drop_snapshots_after(&self.dir, self.next_offset);
                break;
            }
            if let Some(closed) = end.and_then(|_| self.segments.last_mut()) {
                closed.save_index()?;
            }
        }
        Ok(())
    }

    fn scan(&mut self, base: i64, size: u64, replay_from: i64, now: i64) -> Result<Scanned, LogError> {
        let file = OpenOptions::new().read(true).open(Segment::path_of(&self.dir, base))?;
        let mut scanner = Scanner::new(&file, 0, size);
        let (mut index, mut max, mut next_offset, mut valid) = (Index::default(), -1, base, 0);
        let torn = loop {
            let (position, header) = match scanner.checked() {
                Ok(Some((_, header))) if header.base_offset < next_offset => break true,
                Ok(Some(found)) => found,
                Ok(None) => break false,
                Err(LogError::Io(error)) => return Err(error.into()),
                Err(_) => break true,
            };
            if header.base_offset >= replay_from {
                replay(&mut self.producers, &header, scanner.batch(position, &header)?, now)?;
            }
            index.note(base, &header, position, max);
            max = max.max(header.data_timestamp());
            next_offset = header.last_offset() + 1;
            valid = scanner.position();
        };
        Ok(Scanned { segment: Segment::scanned(&self.dir, base, valid, max, index), next_offset, torn })
    }
}

fn replay(
    producers: &mut Producers,
    header: &super::batch::BatchHeader,
    batch: &[u8],
    now: i64,
) -> Result<(), LogError> {
    if !header.is_control() {
        producers.appended(header, now);
    } else if let Some(found) = marker::decode(header, batch)? {
        producers.marked(&found, header.base_offset, header.max_timestamp, now);
    }
    Ok(())
}

fn segment_bases(dir: &Path) -> Result<Vec<i64>, LogError> {
    let mut bases = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        let base = name.to_str().and_then(|name| name.strip_suffix(".log")).and_then(|base| base.parse::<i64>().ok());
        bases.extend(base);
    }
    bases.sort_unstable();
    Ok(bases)
}
