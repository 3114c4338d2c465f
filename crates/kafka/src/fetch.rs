//! Reading many partitions ahead of the caller.
//!
//! A [`Fetcher`] is given partitions and offsets (positions live in the caller's checkpoints; there
//! is no consumer group). A background task keeps a long-polling request at every leader, decodes
//! answers into [`RecordSet`]s and stops asking when `prefetch_bytes` wait for the caller, so the
//! next data is on its way while the caller works and memory is bounded. Answers to an assignment
//! that was replaced in between are dropped by generation.
//!
//! Errors that pass by themselves (a leader moves, a broker restarts) are retried here; an error is
//! handed to the caller when it needs a decision, and that partition then rests until it is
//! assigned anew. Requests are without fetch sessions: a request names a few hundred bytes of
//! partitions, and a session would be one more thing that a restart has to get right.

mod answer;
mod state;
mod worker;

use std::{sync::Arc, time::Duration};

use tokio::task::JoinHandle;

use crate::{Client, IsolationLevel, RecordSet, Result};
pub use answer::{FetchAnswer, PartitionAnswer, decode_fetch_answer};
use state::Shared;

/// A partition to read and where to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Topic.
    pub topic: Arc<str>,
    /// Partition.
    pub partition: i32,
    /// Offset of the first record wanted.
    pub offset: i64,
}

/// How to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetcherOptions {
    /// Whether uncommitted and aborted records are left out.
    pub isolation: IsolationLevel,
    /// How long a broker may hold a request back while there is nothing new.
    pub max_wait: Duration,
    /// Bytes a broker waits for, within `max_wait`.
    pub min_bytes: i32,
    /// Largest answer to ask for, in bytes as stored.
    pub max_bytes: i32,
    /// The same per partition.
    pub partition_max_bytes: i32,
    /// No new request while this many decoded bytes wait for the caller.
    pub prefetch_bytes: usize,
    /// Whether to verify checksums.
    pub check_crc: bool,
}

impl Default for FetcherOptions {
    fn default() -> Self {
        Self {
            isolation: IsolationLevel::ReadCommitted,
            max_wait: Duration::from_millis(500),
            min_bytes: 1,
            max_bytes: 16 << 20,
            partition_max_bytes: 2 << 20,
            prefetch_bytes: 32 << 20,
            check_crc: true,
        }
    }
}

/// Records of one partition.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Topic.
    pub topic: Arc<str>,
    /// Partition.
    pub partition: i32,
    /// The records; may be empty when only the position moved (transaction markers, aborted
    /// records, compaction).
    pub records: RecordSet,
    /// Offset after the last replicated record.
    pub high_watermark: i64,
    /// Offset of the first open transaction, or the high watermark.
    pub last_stable_offset: i64,
    /// First offset in the log.
    pub log_start_offset: i64,
}

/// How far a partition was handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Next offset to hand out.
    pub position: i64,
    /// High watermark of the newest answer.
    pub high_watermark: Option<i64>,
    /// Last stable offset of the newest answer.
    pub last_stable_offset: Option<i64>,
}

/// Reads assigned partitions in the background; dropped, it stops.
pub struct Fetcher {
    shared: Arc<Shared>,
    worker: JoinHandle<()>,
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetcher").finish_non_exhaustive()
    }
}

impl Fetcher {
    /// A fetcher without partitions. Must be called within a tokio runtime.
    pub fn new(client: &Client, options: FetcherOptions) -> Self {
        let shared = Arc::new(Shared::default());
        let worker = worker::Worker::new(client.clone(), options, shared.clone());
        Self { worker: tokio::spawn(worker.run()), shared }
    }

    /// Reads these partitions from now on and no others.
    pub fn assign(&mut self, assignments: Vec<Assignment>) {
        self.shared.state.lock().assign(assignments);
        self.shared.changed.notify_one();
    }

    /// Reads these partitions as well; one that is assigned already starts anew at the offset.
    pub fn add(&mut self, assignments: Vec<Assignment>) {
        self.shared.state.lock().add(assignments);
        self.shared.changed.notify_one();
    }

    /// Reads this partition no more.
    pub fn remove(&mut self, topic: &str, partition: i32) {
        self.shared.state.lock().remove(&(topic.into(), partition));
        self.shared.changed.notify_one();
    }

    /// Hands out nothing of this partition until it is resumed; what was read ahead is kept.
    pub fn pause(&mut self, topic: &str, partition: i32) {
        self.set_paused(topic, partition, true);
    }

    /// Ends a pause.
    pub fn resume(&mut self, topic: &str, partition: i32) {
        self.set_paused(topic, partition, false);
    }

    fn set_paused(&mut self, topic: &str, partition: i32, paused: bool) {
        let key = (topic.into(), partition);
        if let Some(partition) = self.shared.state.lock().partitions.get_mut(&key) {
            partition.paused = paused;
        }
        self.shared.changed.notify_one();
    }

    /// How far a partition was handed out; `None` when it is not assigned.
    pub fn progress(&self, topic: &str, partition: i32) -> Option<Progress> {
        self.shared.state.lock().progress(&(topic.into(), partition))
    }

    /// What has arrived, up to about `max_bytes`; waits up to `max_wait` for something and gives
    /// an empty list when nothing came. Cancel-safe: nothing is lost when the future is dropped.
    ///
    /// # Errors
    /// An error concerns one partition, which rests until it is assigned anew:
    /// [`crate::Error::OffsetOutOfRange`] with the log's bounds, [`crate::Error::Corrupt`],
    /// authorization, a topic deleted or created anew, or a cluster unreachable for longer than
    /// the API time-out.
    pub async fn fetch(&mut self, max_wait: Duration, max_bytes: usize) -> Result<Vec<Fetched>> {
        let deadline = tokio::time::Instant::now() + max_wait;
        loop {
            let taken = self.shared.state.lock().take(max_bytes)?;
            if !taken.is_empty() {
                self.shared.changed.notify_one();
                return Ok(taken);
            }
            let arrived = self.shared.arrived.notified();
            if tokio::time::timeout_at(deadline, arrived).await.is_err() {
                return self.shared.state.lock().take(max_bytes);
            }
        }
    }
}

impl Drop for Fetcher {
    fn drop(&mut self) {
        self.worker.abort();
    }
}
