//! Transactions that must end committed, exactly once, whatever crashes.
//!
//! A sink writes the records of an epoch into a transaction per subtask, together with an *offset marker*: the epoch,
//! committed as the offset of a group that belongs to this sink subtask. At the barrier the records are acknowledged and the
//! transaction stays open ("prepared"). The manifest of the checkpoint names it and the files with its batches. Only after
//! the manifest is published may the transaction be committed, and it must be, by this job or by any later one.
//!
//! When a commit is refused nobody knows whether it happened before: the id is fenced (nothing of it can change any more)
//! and the marker is read. At least the epoch means committed; less means aborted, and the kept batches are produced again in
//! a new transaction with the same marker. [`decide`] is that rule as a pure function; [`confirm`] carries it out.
//!
//! The group is one per sink subtask (`_confluent-flink_<uid>_<sink>_<subtask>`), because one transaction's marker must say
//! nothing about another's.

use serde::{Deserialize, Serialize};

mod confirm;
mod decide;

pub(crate) use confirm::{abort_others, confirm};
pub use decide::{Known, Step, decide};

use nutkin_kafka::ProducerIdentity;
use nutkin_state::FileRef;

/// Transactions in turn per sink subtask: the next epoch is written while the last one is being confirmed.
pub const SLOTS: u64 = 3;

/// A flushed transaction that a checkpoint promises to commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreparedTransaction {
    pub cluster_id: String,
    pub topic: String,
    pub transactional_id: String,
    pub producer_id: i64,
    pub producer_epoch: i16,
    /// Group of the offset marker.
    pub group: String,
    /// Checkpoint whose records it holds, and the marker's value.
    pub epoch: u64,
    /// Marker value known to be committed before; lets the loss of markers be noticed.
    pub previous_marker: Option<u64>,
    /// The encoded batches, in order, for producing them again.
    pub batches: Vec<FileRef>,
}

impl PreparedTransaction {
    pub fn identity(&self) -> ProducerIdentity {
        ProducerIdentity { producer_id: self.producer_id, epoch: self.producer_epoch }
    }
}

/// Prefix of every transactional id of a statement.
pub fn transaction_prefix(uid: &str) -> String {
    format!("_confluent-flink_{uid}_")
}

/// Id of the transactions of a sink subtask in one slot.
pub fn transactional_id(uid: &str, sink: usize, subtask: u32, slot: u64) -> String {
    format!("_confluent-flink_{uid}_{sink}_{subtask}_{slot}")
}

/// Group of a sink subtask's offset marker.
pub fn marker_group(uid: &str, sink: usize, subtask: u32) -> String {
    format!("_confluent-flink_{uid}_{sink}_{subtask}")
}
