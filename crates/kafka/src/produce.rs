//! Producing whole batches, exactly once per partition and in order.
//!
//! [`Producer`] is idempotent: the broker drops what a retry sends twice. Its engine, shared with
//! [`crate::TransactionalProducer`], keeps up to five requests per broker under way, one batch per
//! partition in each (as the protocol demands), and sends a partition's batches again in their
//! order after a failure. It has no task of its own: requests travel in the background, their
//! answers are collected by the next call.

mod queue;
mod sender;

use std::sync::Arc;

use kafka_protocol::messages::{InitProducerIdRequest, ProducerId};

use crate::{Client, ProducerIdentity, RawBatch, Result, error::check};
pub(crate) use sender::Sender;

/// A batch for a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionBatch {
    /// Topic.
    pub topic: Arc<str>,
    /// Partition.
    pub partition: i32,
    /// The records.
    pub batch: RawBatch,
}

/// A batch that is in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Produced {
    /// Topic.
    pub topic: Arc<str>,
    /// Partition.
    pub partition: i32,
    /// Offset of the first record; `None` when a retry found the batch there already.
    pub base_offset: Option<i64>,
    /// Number of records.
    pub records: usize,
}

/// Writes batches outside transactions: acknowledged by all in-sync replicas, without duplicates
/// as long as this producer lives.
pub struct Producer {
    sender: Sender,
}

impl std::fmt::Debug for Producer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Producer").field("identity", &self.sender.identity()).finish_non_exhaustive()
    }
}

impl Producer {
    /// A producer with an id of its own.
    ///
    /// # Errors
    /// Authorization, or a cluster that cannot be reached.
    pub async fn new(client: &Client) -> Result<Self> {
        let request = InitProducerIdRequest::default()
            .with_transactional_id(None)
            .with_transaction_timeout_ms(i32::MAX)
            .with_producer_id(ProducerId(-1))
            .with_producer_epoch(-1);
        let operation = "get a producer id";
        let answer = client.call_any(operation, &request, |a| check(a.error_code, || operation.to_owned())).await?;
        let identity = ProducerIdentity { producer_id: answer.producer_id.0, epoch: answer.producer_epoch };
        Ok(Self { sender: Sender::new(client, identity, None) })
    }

    /// Takes batches to send; returns when they are on their way, waiting only while too much is
    /// unacknowledged. A failure of an earlier batch is reported by a later call, and then by every
    /// call: make a new producer.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] for a batch the broker refuses (too large, for one),
    /// [`crate::ErrorKind::TimedOut`] when it was not acknowledged in time.
    pub async fn produce(&mut self, batches: Vec<PartitionBatch>) -> Result<()> {
        self.sender.enqueue(batches);
        self.sender.make_room().await
    }

    /// Waits until everything is acknowledged; gives what was, since the last flush.
    ///
    /// # Errors
    /// As [`Producer::produce`].
    pub async fn flush(&mut self) -> Result<Vec<Produced>> {
        self.sender.drain().await?;
        Ok(self.sender.take_produced())
    }
}
