//! Transactions that survive the process that began them.
//!
//! [`TransactionalProducer`] writes; its [`ProducerIdentity`] goes into a checkpoint; whoever is
//! alive later ends the transaction by those stored ids with [`end_transaction`], or takes the
//! transactional id over with [`fence`], which aborts what is open. When the answer to an end is
//! unclear, the offsets committed with the transaction ([`fetch_committed_offsets`]) tell whether
//! it was committed.
//!
//! Under transaction.version 1 partitions and groups are added to a transaction before they are
//! written; under version 2 they join by being written to, and every end raises the epoch, so that
//! nothing late can slip into the next transaction. Prepared transactions (KIP-939) are not used:
//! the protocol crate does not encode their messages, and no released broker enables them.

mod commit;
mod inspect;
mod recover;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

pub use commit::{CommittedOffset, fetch_committed_offsets};
pub use inspect::{ListedTransaction, TransactionDescription, describe_transactions, list_transactions};
pub use recover::{EndOutcome, end_transaction, fence};

use kafka_protocol::{
    messages::{
        AddPartitionsToTxnRequest, EndTxnRequest, ProduceRequest, ProducerId, TransactionalId, TxnOffsetCommitRequest,
        add_partitions_to_txn_request::AddPartitionsToTxnTopic,
    },
    protocol::StrBytes,
};

use crate::{
    Client, Error, ErrorKind, PartitionBatch, Produced, ProducerIdentity, Result,
    client::{Coordinates, topic_name},
    connection::Connection,
    error::{ErrorCode, check},
    produce::Sender,
};

/// Feature that decides how partitions join and whether an end raises the epoch.
const FEATURE: &str = "transaction.version";
/// Newest version of AddPartitionsToTxn that clients send; later ones are between brokers.
const ADD_PARTITIONS_VERSION: i16 = 3;

pub(crate) fn transactional_id(id: &str) -> TransactionalId {
    TransactionalId(StrBytes::from_string(id.to_owned()))
}

/// Whether the coordinator runs transaction.version 2 and offers the requests that go with it.
fn version_2(coordinator: &Connection) -> bool {
    coordinator.feature(FEATURE) >= 2
        && coordinator.version::<EndTxnRequest>(5, i16::MAX).is_ok()
        && coordinator.version::<ProduceRequest>(12, i16::MAX).is_ok()
        && coordinator.version::<TxnOffsetCommitRequest>(5, i16::MAX).is_ok()
}

/// Writes batches in transactions.
///
/// One transaction is open at a time; it begins with the first batch or offset after the last end.
pub struct TransactionalProducer {
    client: Client,
    id: Arc<str>,
    timeout: Duration,
    sender: Sender,
    version_2: bool,
    // Whether the coordinator may know of an open transaction of ours.
    open: bool,
    added_partitions: BTreeSet<(Arc<str>, i32)>,
    added_groups: BTreeSet<String>,
}

impl std::fmt::Debug for TransactionalProducer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TransactionalProducer")
            .field("id", &self.id)
            .field("identity", &self.identity())
            .field("open", &self.open)
            .finish_non_exhaustive()
    }
}

impl TransactionalProducer {
    /// Takes over the transactional id: aborts what another producer left open under it and fences
    /// that producer. `timeout` is how long the broker lets a transaction be open before it aborts
    /// it (the broker refuses more than its `transaction.max.timeout.ms`).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a time-out beyond the broker's limit; authorization.
    pub async fn init(client: &Client, id: &str, timeout: Duration) -> Result<Self> {
        let identity = fence(client, id, timeout).await?;
        Self::with_identity(client, id, identity, timeout).await
    }

    /// A producer that goes on with an identity that [`fence`] or an end gave, without fencing.
    /// No batch may have been produced under that identity's epoch.
    ///
    /// # Errors
    /// A cluster that cannot be reached.
    pub async fn with_identity(
        client: &Client,
        id: &str,
        identity: ProducerIdentity,
        timeout: Duration,
    ) -> Result<Self> {
        let mut producer = Self {
            client: client.clone(),
            id: id.into(),
            timeout,
            sender: Sender::new(client, identity, Some(id)),
            version_2: false,
            open: false,
            added_partitions: BTreeSet::new(),
            added_groups: BTreeSet::new(),
        };
        producer.learn_version().await?;
        Ok(producer)
    }

    async fn learn_version(&mut self) -> Result<()> {
        let retry = self.client.retry(format!("find the coordinator of '{}'", self.id));
        self.version_2 = self
            .client
            .with_coordinator(Coordinates::Transaction, &self.id, retry, |coordinator| async move {
                Ok(version_2(&coordinator))
            })
            .await?;
        self.sender.set_implicit(self.version_2);
        Ok(())
    }

    /// The transactional id.
    pub fn transactional_id(&self) -> &str {
        &self.id
    }

    /// Ids to store in order to end the open transaction from elsewhere.
    pub fn identity(&self) -> ProducerIdentity {
        self.sender.identity()
    }

    /// Whether there is anything to end.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Takes batches into the transaction; returns when they are on their way, waiting only while
    /// too much is unacknowledged. After an error only [`Self::abort`] goes on.
    ///
    /// # Errors
    /// [`ErrorKind::Fenced`] when another producer has the transactional id;
    /// [`ErrorKind::TransactionAborted`] when the broker aborted the transaction (its time-out);
    /// [`ErrorKind::InvalidInput`] for a batch that is refused.
    pub async fn produce(&mut self, batches: Vec<PartitionBatch>) -> Result<()> {
        if batches.is_empty() {
            return self.sender.failure().cloned().map_or(Ok(()), Err);
        }
        self.open = true;
        if !self.version_2 {
            let new: BTreeSet<(Arc<str>, i32)> = batches
                .iter()
                .map(|b| (b.topic.clone(), b.partition))
                .filter(|p| !self.added_partitions.contains(p))
                .collect();
            self.add_partitions(new).await?;
        }
        self.sender.enqueue(batches);
        self.sender.make_room().await
    }

    /// Adds partitions to the transaction ahead of writing to them. [`Self::produce`] does so where
    /// it is needed; under transaction.version 2 it never is, and this does nothing.
    ///
    /// # Errors
    /// As [`Self::produce`].
    pub async fn add_partitions(&mut self, partitions: BTreeSet<(Arc<str>, i32)>) -> Result<()> {
        if self.version_2 || partitions.is_empty() {
            return Ok(());
        }
        self.open = true;
        let mut topics: Vec<AddPartitionsToTxnTopic> = Vec::new();
        for (topic, partition) in &partitions {
            match topics.last_mut().filter(|t| t.name.as_str() == &**topic) {
                Some(last) => last.partitions.push(*partition),
                None => topics.push(
                    AddPartitionsToTxnTopic::default().with_name(topic_name(topic)).with_partitions(vec![*partition]),
                ),
            }
        }
        let identity = self.identity();
        let request = AddPartitionsToTxnRequest::default()
            .with_v3_and_below_transactional_id(transactional_id(&self.id))
            .with_v3_and_below_producer_id(ProducerId(identity.producer_id))
            .with_v3_and_below_producer_epoch(identity.epoch)
            .with_v3_and_below_topics(topics);
        let operation = format!("add partitions to the transaction of '{}'", self.id);
        let request = &request;
        self.client
            .with_coordinator(Coordinates::Transaction, &self.id, self.client.retry(&*operation), |coordinator| {
                let operation = &operation;
                async move {
                    let answer = coordinator.call_within(request, 0, ADD_PARTITIONS_VERSION).await?;
                    let codes = answer
                        .results_by_topic_v3_and_below
                        .iter()
                        .flat_map(|t| t.results_by_partition.iter())
                        .map(|p| p.partition_error_code);
                    first_error(codes, operation)
                }
            })
            .await?;
        self.added_partitions.extend(partitions);
        Ok(())
    }

    /// Commits offsets of a group with the transaction: readers of the group see them when, and
    /// only when, the transaction is committed. The topics must exist.
    ///
    /// # Errors
    /// As [`Self::produce`]; [`ErrorKind::NotFound`] when a topic stays unknown.
    pub async fn commit_offsets(&mut self, group: &str, offsets: &[CommittedOffset]) -> Result<()> {
        if offsets.is_empty() {
            return Ok(());
        }
        self.open = true;
        if !self.version_2 && !self.added_groups.contains(group) {
            commit::add_group(&self.client, &self.id, self.identity(), group).await?;
            self.added_groups.insert(group.to_owned());
        }
        let implicit = self.version_2;
        commit::commit(&self.client, &self.id, self.identity(), group, offsets, implicit).await
    }

    /// Waits until everything is acknowledged; the transaction stays open and can then be ended
    /// from elsewhere by [`Self::identity`].
    ///
    /// # Errors
    /// As [`Self::produce`].
    pub async fn flush(&mut self) -> Result<Vec<Produced>> {
        self.sender.drain().await?;
        Ok(self.sender.take_produced())
    }

    /// Flushes and commits.
    ///
    /// # Errors
    /// As [`Self::produce`]. [`ErrorKind::TimedOut`] and [`ErrorKind::Disconnected`] mean that the
    /// outcome is not known: read the offsets that were committed with the transaction.
    pub async fn commit(&mut self) -> Result<()> {
        self.sender.drain().await?;
        if !self.open {
            return Ok(());
        }
        match end_transaction(&self.client, &self.id, self.identity(), true).await? {
            EndOutcome::Committed(next) => {
                self.ended(next);
                Ok(())
            }
            other => Err(other.into_error(&self.id)),
        }
    }

    /// Throws the transaction away and makes the producer usable again.
    ///
    /// # Errors
    /// [`ErrorKind::Fenced`] when another producer has the transactional id.
    pub async fn abort(&mut self) -> Result<()> {
        self.sender.quiesce().await;
        if let Some(error) = self.sender.failure().filter(|e| e.kind() == ErrorKind::Fenced) {
            return Err(error.clone());
        }
        let clean = self.sender.failure().is_none() && !self.sender.doubtful();
        if !self.open && clean {
            return Ok(());
        }
        let own = self.identity();
        match end_transaction(&self.client, &self.id, own, false).await? {
            EndOutcome::Aborted(next) if clean || next != own => {
                self.ended(next);
                return Ok(());
            }
            EndOutcome::Aborted(_) | EndOutcome::InvalidState => {}
            other => return Err(other.into_error(&self.id)),
        }
        // A new epoch: nothing late of the old one can reach the next transaction. Giving our own
        // identity keeps a fenced producer from taking the id back.
        let own = Some(own);
        let next = recover::init_producer_id(&self.client, &self.id, self.timeout, own).await?;
        self.ended(next);
        self.learn_version().await
    }

    /// Tells the producer that its transaction was ended elsewhere (by [`end_transaction`] with
    /// [`Self::identity`]) and that it goes on under `next`, the identity that gave.
    pub fn ended(&mut self, next: ProducerIdentity) {
        self.open = false;
        self.added_partitions.clear();
        self.added_groups.clear();
        self.sender.adopt(next);
    }
}

/// The first error among codes, preferring one that is not worth a retry.
fn first_error(codes: impl Iterator<Item = i16>, operation: &str) -> Result<()> {
    let mut retriable = None;
    for code in codes.filter_map(ErrorCode::from_wire) {
        let error = Error::broker(operation, code);
        if !error.is_retriable() {
            return Err(error);
        }
        retriable.get_or_insert(error);
    }
    retriable.map_or(Ok(()), Err)
}

/// The error of a whole answer.
fn checked(code: i16, operation: &str) -> Result<()> {
    check(code, || operation.to_owned())
}
