//! The Kafka client: fetch into record sets, produce, transactions that survive a restart, admin.
//!
//! Purpose: what the engine, the catalog and the control plane need of a Kafka cluster, behind
//! small types that speak Kafka's words. Design: a [`Client`] shares connections and metadata;
//! a [`Fetcher`] reads many partitions ahead of its caller into columnar [`RecordSet`]s; a
//! [`BatchBuilder`] encodes whole batches that a [`Producer`] or [`TransactionalProducer`] sends;
//! a transaction can be ended, fenced or inspected by another process that knows only its stored
//! [`ProducerIdentity`]. Written on the `kafka-protocol` message types (docs/decisions/0003).
//! Trade-off: no consumer groups; positions belong to the caller's checkpoints.

mod admin;
mod batch;
mod client;
mod compression;
mod connection;
mod fetch;
mod frame;
mod header;
mod metadata;
mod partition;
mod produce;
mod records;
mod retry;
mod sasl;
mod tls;
mod transaction;
mod varint;
mod wire;

pub mod config;
pub mod error;

pub use admin::{
    Admin, ClusterDescription, ConfigChange, ConfigEntry, ConfigResource, GroupDescription, GroupMember, ListedGroup,
    NewTopic, TopicDescription, TopicPartitionDescription,
};
pub use batch::{BatchBuilder, Header, RawBatch};
pub use client::{Client, ListedOffset, OffsetSpec};
pub use compression::{Compression, compress, decompress};
pub use config::ClientConfig;
pub use error::{Error, ErrorCode, ErrorKind, Result};
pub use fetch::{
    Assignment, FetchAnswer, Fetched, Fetcher, FetcherOptions, PartitionAnswer, Progress, decode_fetch_answer,
};
pub use frame::{FrameError, take_frame};
pub use metadata::{BrokerAddress, Leader, TopicMetadata};
pub use partition::{murmur2, partition_for_key};
pub use produce::{PartitionBatch, Produced, Producer};
pub use records::{
    AbortedTransaction, BatchSpan, Buffers, DecodeError, DecodeOptions, Headers, RecordSet, TimestampType,
    decode_records,
};
pub use transaction::{
    CommittedOffset, EndOutcome, ListedTransaction, TransactionDescription, TransactionalProducer,
    describe_transactions, end_transaction, fence, fetch_committed_offsets, list_transactions,
};

/// Which records a reader sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(i8)]
pub enum IsolationLevel {
    /// Everything up to the high watermark.
    ReadUncommitted = 0,
    /// No aborted records, and nothing at or after the first open transaction.
    #[default]
    ReadCommitted = 1,
}

/// Who a producer is to the cluster: what a checkpoint stores to end a transaction later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProducerIdentity {
    /// Producer id.
    pub producer_id: i64,
    /// Epoch: a larger one fences smaller ones.
    pub epoch: i16,
}

#[cfg(test)]
mod tests;
