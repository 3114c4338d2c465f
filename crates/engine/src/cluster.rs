//! What the engine needs of a Kafka cluster, as a trait.
//!
//! [`crate::KafkaCluster`] implements it on the Kafka client; tests implement it in memory, with crashes at every step. The
//! trait speaks of whole operations with a defined outcome, so that the commit protocol ([`crate::commit`]) can be checked
//! against it without a broker.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use nutkin_kafka::{IsolationLevel, OffsetSpec, ProducerIdentity, RawBatch, RecordSet};

use crate::error::Failure;

/// Clusters by id. Implemented by whoever holds addresses and credentials.
#[async_trait]
pub trait Clusters: Send + Sync + std::fmt::Debug {
    /// The cluster `lkc-...`; the same client for every call.
    async fn cluster(&self, cluster_id: &str) -> Result<Arc<dyn Cluster>, Failure>;
}

/// Answer to an attempt to end a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndOutcome {
    /// The coordinator said that it is committed.
    Committed,
    /// The coordinator refused: fenced, expired, unknown, or in another state. It may have been committed before.
    Refused,
}

/// Records of one partition.
#[derive(Debug)]
pub struct Fetched {
    pub partition: i32,
    pub records: RecordSet,
    /// End of the partition when this was fetched (the last stable offset under read_committed).
    pub end_offset: i64,
}

/// Where reading was not possible.
#[derive(Debug)]
pub enum FetchError {
    /// The position is not in the log any more: it begins at `log_start`.
    OutOfRange {
        partition: i32,
        offset: i64,
        log_start: i64,
        log_end: i64,
    },
    /// A damaged batch.
    Corrupt {
        partition: i32,
        offset: i64,
        problem: String,
    },
    Failed(Failure),
}

/// How a reader reads.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    pub isolation: IsolationLevel,
    /// Bytes that may be read ahead.
    pub buffer_bytes: usize,
}

/// Reads some partitions of one topic.
#[async_trait]
pub trait Reader: Send {
    /// The next records of any partition; waits until there are some. Safe to drop and call again: nothing is lost.
    async fn next(&mut self) -> Result<Fetched, FetchError>;

    /// Reads `partition` from `offset` on; moves it when it is read already.
    fn assign(&mut self, partition: i32, offset: i64);

    /// Stops reading `partition`.
    fn unassign(&mut self, partition: i32);

    /// Gives nothing of `partition` until the pause ends; what was read ahead is kept.
    fn pause(&mut self, partition: i32, paused: bool);

    /// End of `partition` as of the broker's newest answer, as in [`Fetched::end_offset`]; None before the first.
    fn end_offset(&self, partition: i32) -> Option<i64>;
}

/// Writes in the transactions of one transactional id, one after another.
#[async_trait]
pub trait TransactionWriter: Send {
    fn identity(&self) -> ProducerIdentity;

    /// Opens the next transaction after the last one was ended elsewhere, under a new identity. An older transaction that is
    /// still open is aborted.
    async fn begin_next(&mut self) -> Result<(), Failure>;

    /// Sends batches for partitions of `topic`, in order per partition; may return before they are acknowledged.
    async fn produce(&mut self, topic: &str, batches: Vec<(i32, RawBatch)>) -> Result<(), Failure>;

    /// Adds the offset marker to the transaction: `epoch` as the offset of `group` in partition 0 of `topic`.
    async fn mark(&mut self, group: &str, topic: &str, epoch: u64) -> Result<(), Failure>;

    /// Waits until everything is acknowledged. The transaction stays open.
    async fn flush(&mut self) -> Result<(), Failure>;
}

#[async_trait]
pub trait Cluster: Send + Sync + std::fmt::Debug {
    async fn partitions(&self, topic: &str) -> Result<Vec<i32>, Failure>;

    /// One offset per partition, in order; None where no record has the asked timestamp.
    async fn offsets(
        &self,
        topic: &str,
        partitions: &[i32],
        spec: OffsetSpec,
        isolation: IsolationLevel,
    ) -> Result<Vec<Option<i64>>, Failure>;

    async fn reader(&self, topic: &str, options: ReadOptions) -> Result<Box<dyn Reader>, Failure>;

    /// Takes over `transactional_id` (aborting what another holder left open) and opens a transaction.
    async fn begin(&self, transactional_id: &str, timeout: Duration) -> Result<Box<dyn TransactionWriter>, Failure>;

    /// Commits the transaction that `identity` holds under `transactional_id`, whoever wrote it.
    ///
    /// # Errors
    /// When no clear answer came: the transaction may be open, committed or aborted.
    async fn commit(&self, transactional_id: &str, identity: ProducerIdentity) -> Result<EndOutcome, Failure>;

    /// Ends whatever transaction is open under `transactional_id` (aborting it unless it is being committed) and waits
    /// until its outcome is settled; no earlier holder can write under it any more.
    async fn fence(&self, transactional_id: &str) -> Result<(), Failure>;

    /// Transactional ids with this prefix that have a transaction open.
    async fn open_transactions(&self, prefix: &str) -> Result<Vec<String>, Failure>;

    /// The offset marker of `group` in partition 0 of `topic`, not counting undecided transactions.
    async fn marker(&self, group: &str, topic: &str) -> Result<Option<u64>, Failure>;
}
