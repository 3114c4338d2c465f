//! How a [`KafkaSource`] keeps in step with other sources: partitions that are too far ahead are paused.

use std::collections::BTreeMap;

use super::KafkaSource;
use super::partition::Partition;
use crate::cluster::Fetched;
use crate::source::alignment::{HOLDS_NOBODY, Seat};

/// The seat and what alignment holds back here.
pub(super) struct Aligning {
    seat: Seat,
    /// Records of paused partitions that were at hand already, and how many rows of them are done.
    held: BTreeMap<i32, (Fetched, usize)>,
}

impl Aligning {
    pub fn new(seat: Seat) -> Aligning {
        Aligning { seat, held: BTreeMap::new() }
    }

    /// Ends when other sources have moved the limit.
    pub async fn changed(aligning: &mut Option<Aligning>) {
        match aligning {
            Some(aligning) => aligning.seat.changed().await,
            None => std::future::pending().await,
        }
    }
}

impl KafkaSource {
    /// Says how far this source is, pauses partitions that are too far ahead and goes on with those that are not any more.
    /// Records of a paused partition move aside.
    pub(super) fn align(&mut self) {
        let Some(aligning) = &mut self.aligning else { return };
        let idles = self.options.idleness.timeout(self.options.clock.now_millis()).is_some();
        let position = self.partitions.values().map(|partition| partition.position(idles)).min();
        let limit = aligning.seat.report(position.unwrap_or(HOLDS_NOBODY));
        for (&number, partition) in self.partitions.iter_mut().filter(|(_, partition)| !partition.is_done()) {
            let blocked = partition.watermark.largest().is_some_and(|largest| largest > limit);
            if blocked != partition.blocked {
                partition.blocked = blocked;
                self.reader.pause(number, blocked);
            }
        }
        let is_blocked = |partitions: &BTreeMap<i32, Partition>, number: i32| {
            partitions.get(&number).is_some_and(|partition| partition.blocked)
        };
        if let Some((fetched, done)) =
            self.pending.take_if(|(fetched, _)| is_blocked(&self.partitions, fetched.partition))
        {
            aligning.held.insert(fetched.partition, (fetched, done));
        }
        if self.pending.is_none() {
            let next = aligning.held.keys().copied().find(|&number| !is_blocked(&self.partitions, number));
            self.pending = next.and_then(|number| aligning.held.remove(&number));
        }
    }

    /// True when records of this partition were taken from the reader and wait.
    pub(super) fn is_held(&self, partition: i32) -> bool {
        self.aligning.as_ref().is_some_and(|aligning| aligning.held.contains_key(&partition))
    }
}
