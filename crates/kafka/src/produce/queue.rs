//! The unacknowledged batches of one partition.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use bytes::Bytes;

use crate::{ProducerIdentity, RawBatch};

/// A batch with its sequence number.
#[derive(Debug)]
pub(super) struct Item {
    pub sequence: i32,
    pub batch: Bytes,
    pub records: usize,
    pub sent: bool,
    taken: Instant,
}

impl Item {
    /// How long it waits for its acknowledgement.
    pub fn age(&self) -> Duration {
        self.taken.elapsed()
    }
}

/// Batches in sequence order; a batch leaves when it is acknowledged.
#[derive(Debug, Default)]
pub(super) struct Queue {
    next_sequence: i32,
    items: VecDeque<Item>,
    // Whether the broker has accepted a batch of this epoch. A broker that knows nothing of the
    // producer takes any sequence for the first, so the first batch must not be overtaken.
    established: bool,
    pub retry_at: Option<Instant>,
    pub failures: u32,
}

impl Queue {
    pub fn push(&mut self, batch: &RawBatch, owner: ProducerIdentity, transactional: bool) {
        let sequence = self.next_sequence;
        self.next_sequence = advance(sequence, batch.records() as i32);
        self.items.push_back(Item {
            sequence,
            batch: batch.stamp(owner, sequence, transactional),
            records: batch.records(),
            sent: false,
            taken: Instant::now(),
        });
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The batch to send next. After a failure nothing is sent before the later ones of the
    /// partition have come back too: they must follow in order.
    pub fn sendable(&mut self, now: Instant) -> Option<&mut Item> {
        if self.retry_at.is_some_and(|at| at > now) {
            return None;
        }
        let first = self.items.iter().position(|i| !i.sent)?;
        if (first > 0 && !self.established) || self.items.iter().skip(first).any(|i| i.sent) {
            return None;
        }
        self.items.get_mut(first)
    }

    pub fn acknowledge(&mut self, sequence: i32) -> Option<Item> {
        let at = self.items.iter().position(|i| i.sequence == sequence)?;
        self.established = true;
        self.retry_at = None;
        self.failures = 0;
        self.items.remove(at)
    }

    /// Marks a batch to be sent again; whether it is the oldest, and how old.
    pub fn bring_back(&mut self, sequence: i32) -> Option<(bool, Duration)> {
        let at = self.items.iter().position(|i| i.sequence == sequence)?;
        let item = self.items.get_mut(at)?;
        item.sent = false;
        Some((at == 0, item.age()))
    }

    /// How long the oldest batch waits.
    pub fn oldest_age(&self) -> Option<Duration> {
        self.items.front().map(Item::age)
    }

    /// Forgets what was never sent.
    pub fn drop_unsent(&mut self) {
        self.items.retain(|i| i.sent);
    }
}

/// Sequence numbers run to `i32::MAX` and start again at 0.
fn advance(sequence: i32, records: i32) -> i32 {
    ((i64::from(sequence) + i64::from(records)) % (i64::from(i32::MAX) + 1)) as i32
}
