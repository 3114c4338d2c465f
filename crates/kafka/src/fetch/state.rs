//! What the fetcher's caller and its background task share.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Instant,
};

use parking_lot::Mutex;
use tokio::sync::Notify;
use uuid::Uuid;

use super::{Assignment, Fetched, Progress};
use crate::{Error, Result};

pub(super) type Key = (Arc<str>, i32);

/// A partition that is read.
#[derive(Debug)]
pub(super) struct Partition {
    /// Where the next request reads.
    pub offset: i64,
    /// Tells apart what was asked before and after a new assignment.
    pub generation: u64,
    pub paused: bool,
    pub in_flight: bool,
    /// After an error that the caller was told of: nothing is fetched until it is assigned anew.
    pub stopped: bool,
    pub failing_since: Option<Instant>,
    pub retry_at: Option<Instant>,
    /// Id of the topic when it was first resolved.
    pub topic_id: Option<Uuid>,
    progress: Progress,
}

/// Something to hand to the caller.
struct Ready {
    key: Key,
    bytes: usize,
    outcome: Result<Fetched>,
}

#[derive(Default)]
pub(super) struct State {
    pub partitions: BTreeMap<Key, Partition>,
    ready: VecDeque<Ready>,
    generation: u64,
}

/// A partition to ask for.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub key: Key,
    pub offset: i64,
    pub generation: u64,
    pub topic_id: Uuid,
}

#[derive(Default)]
pub(super) struct Shared {
    pub state: Mutex<State>,
    /// Wakes the caller: there is something to hand out.
    pub arrived: Notify,
    /// Wakes the task: room was made, or the assignment changed.
    pub changed: Notify,
}

impl State {
    pub fn assign(&mut self, assignments: Vec<Assignment>) {
        self.partitions.clear();
        self.ready.clear();
        self.add(assignments);
    }

    pub fn add(&mut self, assignments: Vec<Assignment>) {
        for assignment in assignments {
            self.generation += 1;
            let key = (assignment.topic, assignment.partition);
            self.ready.retain(|r| r.key != key);
            let partition = Partition {
                offset: assignment.offset,
                generation: self.generation,
                paused: false,
                in_flight: false,
                stopped: false,
                failing_since: None,
                retry_at: None,
                topic_id: None,
                progress: Progress { position: assignment.offset, high_watermark: None, last_stable_offset: None },
            };
            self.partitions.insert(key, partition);
        }
    }

    pub fn remove(&mut self, key: &Key) {
        self.partitions.remove(key);
        self.ready.retain(|r| r.key != *key);
    }

    pub fn progress(&self, key: &Key) -> Option<Progress> {
        self.partitions.get(key).map(|p| p.progress)
    }

    /// Bytes waiting for the caller, without those of paused partitions.
    pub fn buffered(&self) -> usize {
        let paused = |key: &Key| self.partitions.get(key).is_some_and(|p| p.paused);
        self.ready.iter().filter(|r| !paused(&r.key)).map(|r| r.bytes).sum()
    }

    /// The partition, when `generation` still holds.
    pub fn current(&mut self, key: &Key, generation: u64) -> Option<&mut Partition> {
        self.partitions.get_mut(key).filter(|p| p.generation == generation)
    }

    /// Keeps what was fetched for the caller.
    pub fn deliver(&mut self, key: &Key, fetched: Fetched) {
        let bytes = fetched.records.memory();
        self.ready.push_back(Ready { key: key.clone(), bytes, outcome: Ok(fetched) });
    }

    /// Notes the log's end, also when nothing new was in an answer.
    pub fn note(&mut self, key: &Key, high_watermark: i64, last_stable_offset: i64) {
        if let Some(partition) = self.partitions.get_mut(key) {
            partition.progress.high_watermark = Some(high_watermark).filter(|o| *o >= 0);
            partition.progress.last_stable_offset = Some(last_stable_offset).filter(|o| *o >= 0);
        }
    }

    /// Stops the partition and tells the caller why.
    pub fn stop(&mut self, key: &Key, error: Error) {
        if let Some(partition) = self.partitions.get_mut(key) {
            partition.stopped = true;
        }
        self.ready.push_back(Ready { key: key.clone(), bytes: 0, outcome: Err(error) });
    }

    /// Hands out up to about `max_bytes`, at least one item; errors come alone.
    pub fn take(&mut self, max_bytes: usize) -> Result<Vec<Fetched>> {
        let mut taken = Vec::new();
        let mut bytes = 0;
        let mut at = 0;
        while let Some(next) = self.ready.get(at) {
            let paused = self.partitions.get(&next.key).is_some_and(|p| p.paused);
            if paused && next.outcome.is_ok() {
                at += 1;
                continue;
            }
            let error_later = next.outcome.is_err() && !taken.is_empty();
            if error_later || (bytes + next.bytes > max_bytes && !taken.is_empty()) {
                break;
            }
            let Some(ready) = self.ready.remove(at) else { break };
            let fetched = ready.outcome?;
            bytes += ready.bytes;
            if let Some(partition) = self.partitions.get_mut(&ready.key) {
                partition.progress.position = fetched.records.next_offset();
            }
            taken.push(fetched);
        }
        Ok(taken)
    }
}
