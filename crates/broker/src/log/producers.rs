//! What the log knows of each idempotent producer: its epoch, its last five batches, its open transaction.
//!
//! A pure structure: batches in, decisions out. It is rebuilt by replaying batch headers, starting from a snapshot that is
//! written when a segment is rolled and at a clean stop. The rules are Kafka's: a batch follows when its first sequence is
//! the last one plus one; one of the last five batches sent again is answered with its first offset; a larger epoch starts
//! at sequence 0; a smaller one is fenced.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::LogError;
use super::batch::BatchHeader;

/// Batches remembered per producer; also the number of requests a client may have in flight.
const REMEMBERED: usize = 5;

/// A batch that was appended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// First sequence number.
    pub first_sequence: i32,
    /// Last sequence number.
    pub last_sequence: i32,
    /// Offset of the first record.
    pub base_offset: i64,
    /// Largest time stamp, milliseconds.
    pub timestamp: i64,
}

/// The state of one producer in one partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Producer {
    /// Current epoch.
    pub epoch: i16,
    /// Epoch of the transaction coordinator that wrote the last marker; -1 before any.
    pub coordinator_epoch: i32,
    /// Largest time stamp of its last batch, milliseconds.
    pub last_timestamp: i64,
    /// When it last wrote by the broker's clock, milliseconds since 1970; for expiry.
    pub last_seen: i64,
    /// First offset of the open transaction.
    pub transaction: Option<i64>,
    /// The last batches of the current epoch, oldest first.
    pub batches: VecDeque<Remembered>,
}

/// An aborted transaction, as read_committed consumers need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aborted {
    /// The producer.
    pub producer_id: i64,
    /// First offset of its data.
    pub first_offset: i64,
    /// Offset of the abort marker.
    pub last_offset: i64,
}

/// What to do with a batch of an idempotent producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It is the next one.
    Append,
    /// It was appended before, at this offset with this time stamp.
    Duplicate {
        /// Offset of its first record.
        base_offset: i64,
        /// Its time stamp.
        timestamp: i64,
    },
}

/// All producers of a partition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Producers {
    by_id: HashMap<i64, Producer>,
    /// First offset of each open transaction and its producer.
    open: BTreeMap<i64, i64>,
    /// Aborted transactions by the offset of their markers.
    aborted: Vec<Aborted>,
}

fn follows(last: i32, next: i32) -> bool {
    (last == i32::MAX && next == 0) || i64::from(next) == i64::from(last) + 1
}

impl Producers {
    /// Decides about a data batch before it is appended.
    pub fn admit(&self, batch: &BatchHeader) -> Result<Admission, LogError> {
        let Some(known) = self.by_id.get(&batch.producer_id) else {
            // Its earlier records may have been removed by retention: any sequence is a good start.
            return Ok(Admission::Append);
        };
        if batch.producer_epoch < known.epoch {
            return Err(LogError::Fenced { current: known.epoch, sent: batch.producer_epoch });
        }
        if batch.producer_epoch == known.epoch
            && let Some(same) = known.batches.iter().find(|appended| {
                appended.first_sequence == batch.base_sequence && appended.last_sequence == batch.last_sequence()
            })
        {
            return Ok(Admission::Duplicate { base_offset: same.base_offset, timestamp: same.timestamp });
        }
        if known.transaction.is_some() && !batch.is_transactional() {
            return Err(LogError::NotTransactional);
        }
        let last = match known.batches.back() {
            Some(last) if batch.producer_epoch == known.epoch => last.last_sequence,
            _ => -1,
        };
        if follows(last, batch.base_sequence) {
            Ok(Admission::Append)
        } else {
            Err(LogError::OutOfOrder { last, sent: batch.base_sequence })
        }
    }

    /// Notes a data batch that was appended at `batch.base_offset`.
    pub fn appended(&mut self, batch: &BatchHeader, now: i64) {
        if batch.producer_id < 0 {
            return;
        }
        let producer = self.by_id.entry(batch.producer_id).or_insert_with(|| Producer::new(batch.producer_epoch));
        if producer.epoch != batch.producer_epoch {
            producer.epoch = batch.producer_epoch;
            producer.batches.clear();
        }
        if producer.batches.len() == REMEMBERED {
            producer.batches.pop_front();
        }
        producer.batches.push_back(Remembered {
            first_sequence: batch.base_sequence,
            last_sequence: batch.last_sequence(),
            base_offset: batch.base_offset,
            timestamp: batch.max_timestamp,
        });
        producer.last_timestamp = batch.max_timestamp;
        producer.last_seen = now;
        if batch.is_transactional() && producer.transaction.is_none() {
            producer.transaction = Some(batch.base_offset);
            self.open.insert(batch.base_offset, batch.producer_id);
        }
    }

    /// Decides about a transaction marker: one of an older epoch is refused.
    pub fn admit_marker(&self, producer_id: i64, epoch: i16) -> Result<(), LogError> {
        match self.by_id.get(&producer_id) {
            Some(known) if epoch < known.epoch => Err(LogError::Fenced { current: known.epoch, sent: epoch }),
            _ => Ok(()),
        }
    }

    /// Notes a marker that was appended at `offset`: closes the open transaction, if any.
    pub fn marked(&mut self, marker: &Marker, offset: i64, timestamp: i64, now: i64) {
        let producer = self.by_id.entry(marker.producer_id).or_insert_with(|| Producer::new(marker.epoch));
        if producer.epoch != marker.epoch {
            producer.epoch = marker.epoch;
            producer.batches.clear();
        }
        producer.coordinator_epoch = marker.coordinator_epoch;
        producer.last_timestamp = timestamp;
        producer.last_seen = now;
        if let Some(first_offset) = producer.transaction.take() {
            self.open.remove(&first_offset);
            if !marker.commit {
                self.aborted.push(Aborted { producer_id: marker.producer_id, first_offset, last_offset: offset });
            }
        }
    }

    /// First offset that belongs to an open transaction.
    pub fn first_open(&self) -> Option<i64> {
        self.open.keys().next().copied()
    }

    /// Producers with an open transaction and their epochs.
    pub fn open(&self) -> Vec<(i64, i16)> {
        self.open.values().filter_map(|id| self.by_id.get(id).map(|known| (*id, known.epoch))).collect()
    }

    /// Aborted transactions with data in `from..to`.
    pub fn aborted(&self, from: i64, to: i64) -> Vec<Aborted> {
        let start = self.aborted.partition_point(|aborted| aborted.last_offset < from);
        self.aborted[start..].iter().filter(|aborted| aborted.first_offset < to).copied().collect()
    }

    /// Forgets aborted transactions whose marker lies before `start`, the new first offset of the log.
    pub fn truncate_start(&mut self, start: i64) {
        self.aborted.retain(|aborted| aborted.last_offset >= start);
    }

    /// Forgets the aborted transactions whose markers compaction removed.
    pub fn forget_aborted(&mut self, markers: &[i64]) {
        self.aborted.retain(|aborted| !markers.contains(&aborted.last_offset));
    }

    /// Forgets producers that have no open transaction and wrote nothing since `before`.
    pub fn expire(&mut self, before: i64) {
        self.by_id.retain(|_, producer| producer.transaction.is_some() || producer.last_seen >= before);
    }

    /// Every producer, for DescribeProducers.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &Producer)> {
        self.by_id.iter().map(|(id, producer)| (*id, producer))
    }
}

impl Producer {
    fn new(epoch: i16) -> Self {
        Self {
            epoch,
            coordinator_epoch: -1,
            last_timestamp: -1,
            last_seen: 0,
            transaction: None,
            batches: VecDeque::new(),
        }
    }
}

/// A transaction marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The transaction's producer.
    pub producer_id: i64,
    /// Its epoch; larger than that of the data when the marker fences.
    pub epoch: i16,
    /// Epoch of the coordinator.
    pub coordinator_epoch: i32,
    /// Commit, or abort.
    pub commit: bool,
}
