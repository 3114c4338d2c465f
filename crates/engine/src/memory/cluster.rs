//! [`MemoryCluster`]: a Kafka cluster as far as jobs know one, in memory: topics of partitions, transactions, fencing, offset
//! markers. Readers see what is committed, and wait without polling. Nothing is ever deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::BytesMut;
use nutkin_kafka::{DecodeOptions, IsolationLevel, OffsetSpec, ProducerIdentity, RawBatch, RecordSet, decode_records};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::cluster::{Cluster, Clusters, EndOutcome, FetchError, Fetched, ReadOptions, Reader, TransactionWriter};
use crate::error::{Failure, FailureKind, Result};

#[cfg(test)]
mod faults;

type Transaction = (i64, i16);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ongoing,
    Committed,
    Aborted,
}

#[derive(Debug)]
struct Entry {
    base: i64,
    batch: RawBatch,
    owner: Option<Transaction>,
}

impl Entry {
    fn end(&self) -> i64 {
        self.base + self.batch.records() as i64
    }
}

#[derive(Debug, Default)]
struct Broker {
    topics: BTreeMap<String, Vec<Vec<Entry>>>,
    ids: BTreeMap<String, Transaction>,
    transactions: BTreeMap<Transaction, State>,
    pending_markers: BTreeMap<Transaction, Vec<(String, u64)>>,
    markers: BTreeMap<String, u64>,
}

impl Broker {
    fn log(&mut self, topic: &str, partition: i32) -> Result<&mut Vec<Entry>> {
        let partitions = self.topics.get_mut(topic);
        let log = partitions.and_then(|partitions| partitions.get_mut(usize::try_from(partition).ok()?));
        log.ok_or_else(|| missing(topic, partition))
    }

    fn append(&mut self, topic: &str, partition: i32, batch: RawBatch, owner: Option<Transaction>) -> Result<()> {
        let log = self.log(topic, partition)?;
        let base = log.last().map_or(0, Entry::end);
        log.push(Entry { base, batch, owner });
        Ok(())
    }

    /// What readers of committed data may see of an entry; None while that is open.
    fn visible(&self, entry: &Entry) -> Option<bool> {
        match entry.owner.and_then(|owner| self.transactions.get(&owner)) {
            None | Some(State::Committed) => Some(true),
            Some(State::Aborted) => Some(false),
            Some(State::Ongoing) => None,
        }
    }

    fn end(&mut self, transaction: Transaction, commit: bool) {
        self.transactions.insert(transaction, if commit { State::Committed } else { State::Aborted });
        let markers = self.pending_markers.remove(&transaction).unwrap_or_default();
        if commit {
            self.markers.extend(markers);
        }
    }

    fn fence(&mut self, id: &str) -> Transaction {
        let next = self.ids.len() as i64 + 1;
        let old = self.ids.get(id).copied();
        let new = old.map_or((next, 0), |(producer, epoch)| (producer, epoch + 1));
        self.ids.insert(id.to_owned(), new);
        if let Some(old) = old.filter(|old| self.transactions.get(old) == Some(&State::Ongoing)) {
            self.end(old, false);
        }
        new
    }

    fn check(&mut self, id: &str, transaction: Transaction) -> Result<()> {
        let is_current = self.ids.get(id) == Some(&transaction);
        if !is_current || self.transactions.get(&transaction) == Some(&State::Aborted) {
            return Err(Failure::new(FailureKind::Unreachable, format!("the producer of {id} was fenced")));
        }
        self.transactions.insert(transaction, State::Ongoing);
        Ok(())
    }
}

fn missing(topic: &str, partition: i32) -> Failure {
    Failure::new(FailureKind::ResourceLost, format!("partition {partition} of topic {topic} does not exist"))
}

/// The cluster. Cloning shares it.
#[derive(Debug, Clone, Default)]
pub struct MemoryCluster {
    broker: Arc<Mutex<Broker>>,
    changed: Arc<Notify>,
}

impl MemoryCluster {
    /// Makes a topic, empty; one of that name is replaced.
    pub fn create_topic(&self, name: &str, partitions: u32) {
        self.broker.lock().topics.insert(name.to_owned(), (0..partitions.max(1)).map(|_| Vec::new()).collect());
    }

    /// Appends a batch outside of transactions.
    ///
    /// # Errors
    /// A topic or partition that does not exist.
    pub fn append(&self, topic: &str, partition: i32, batch: RawBatch) -> Result<(), Failure> {
        self.broker.lock().append(topic, partition, batch, None)?;
        self.changed.notify_waiters();
        Ok(())
    }

    /// Committed records of a topic, per partition, as they were written.
    ///
    /// # Errors
    /// A topic that does not exist, or a damaged batch.
    pub fn records(&self, topic: &str) -> Result<Vec<Vec<RecordSet>>, Failure> {
        let broker = self.broker.lock();
        let partitions = broker.topics.get(topic).ok_or_else(|| missing(topic, 0))?;
        let of = |log: &Vec<Entry>| {
            log.iter().filter(|entry| broker.visible(entry) == Some(true)).map(|entry| decode(entry, 0)).collect()
        };
        partitions.iter().map(of).collect()
    }

    /// Offset after the last record, per partition.
    ///
    /// # Errors
    /// A topic that does not exist.
    pub fn ends(&self, topic: &str) -> Result<Vec<i64>, Failure> {
        let broker = self.broker.lock();
        let partitions = broker.topics.get(topic).ok_or_else(|| missing(topic, 0))?;
        Ok(partitions.iter().map(|log| log.last().map_or(0, Entry::end)).collect())
    }
}

fn decode(entry: &Entry, from: i64) -> Result<RecordSet> {
    let mut bytes = BytesMut::from(&entry.batch.as_bytes()[..]);
    bytes[..8].copy_from_slice(&entry.base.to_be_bytes());
    decode_records(bytes.freeze(), &DecodeOptions { from_offset: from, ..DecodeOptions::default() })
        .map_err(|error| Failure::internal(format!("a batch in memory: {error}")))
}

#[async_trait]
impl Clusters for MemoryCluster {
    async fn cluster(&self, _cluster_id: &str) -> Result<Arc<dyn Cluster>, Failure> {
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Cluster for MemoryCluster {
    async fn partitions(&self, topic: &str) -> Result<Vec<i32>, Failure> {
        Ok((0..self.ends(topic)?.len() as i32).collect())
    }

    async fn offsets(
        &self,
        topic: &str,
        partitions: &[i32],
        spec: OffsetSpec,
        _isolation: IsolationLevel,
    ) -> Result<Vec<Option<i64>>, Failure> {
        let mut broker = self.broker.lock();
        let mut offset = |&partition: &i32| {
            let log = broker.log(topic, partition)?;
            Ok(match spec {
                OffsetSpec::Earliest => Some(0),
                OffsetSpec::Latest => Some(log.last().map_or(0, Entry::end)),
                OffsetSpec::Timestamp(at) => {
                    log.iter().find(|entry| entry.batch.max_timestamp() >= at).map(|entry| entry.base)
                }
                OffsetSpec::MaxTimestamp => {
                    log.iter().max_by_key(|entry| entry.batch.max_timestamp()).map(|entry| entry.base)
                }
            })
        };
        partitions.iter().map(&mut offset).collect()
    }

    async fn reader(&self, topic: &str, _options: ReadOptions) -> Result<Box<dyn Reader>, Failure> {
        let (positions, paused) = (BTreeMap::new(), BTreeSet::new());
        Ok(Box::new(MemoryReader { cluster: self.clone(), topic: topic.to_owned(), positions, paused, turn: 0 }))
    }

    async fn begin(&self, transactional_id: &str, _timeout: Duration) -> Result<Box<dyn TransactionWriter>, Failure> {
        let transaction = self.broker.lock().fence(transactional_id);
        Ok(Box::new(MemoryWriter { cluster: self.clone(), id: transactional_id.to_owned(), transaction }))
    }

    async fn commit(&self, transactional_id: &str, identity: ProducerIdentity) -> Result<EndOutcome, Failure> {
        let transaction = (identity.producer_id, identity.epoch);
        let outcome = {
            let mut broker = self.broker.lock();
            let is_current = broker.ids.get(transactional_id) == Some(&transaction);
            match broker.transactions.get(&transaction) {
                Some(State::Ongoing) if is_current => {
                    broker.end(transaction, true);
                    EndOutcome::Committed
                }
                Some(State::Committed) if is_current => EndOutcome::Committed,
                _ => EndOutcome::Refused,
            }
        };
        self.changed.notify_waiters();
        Ok(outcome)
    }

    async fn fence(&self, transactional_id: &str) -> Result<(), Failure> {
        self.broker.lock().fence(transactional_id);
        self.changed.notify_waiters();
        Ok(())
    }

    async fn open_transactions(&self, prefix: &str) -> Result<Vec<String>, Failure> {
        let broker = self.broker.lock();
        let is_open = |transaction: &Transaction| broker.transactions.get(transaction) == Some(&State::Ongoing);
        let open = broker.ids.iter().filter(|(id, transaction)| id.starts_with(prefix) && is_open(transaction));
        Ok(open.map(|(id, _)| id.clone()).collect())
    }

    async fn marker(&self, group: &str, _topic: &str) -> Result<Option<u64>, Failure> {
        Ok(self.broker.lock().markers.get(group).copied())
    }
}

struct MemoryReader {
    cluster: MemoryCluster,
    topic: String,
    positions: BTreeMap<i32, i64>,
    paused: BTreeSet<i32>,
    turn: usize,
}

impl MemoryReader {
    /// The next entry of any partition, in turn; None when there is none now.
    fn take(&mut self) -> Result<Option<Fetched>> {
        let open: Vec<i32> =
            self.positions.keys().copied().filter(|partition| !self.paused.contains(partition)).collect();
        let mut broker = self.cluster.broker.lock();
        for step in 0..open.len() {
            let partition = open[(self.turn + step) % open.len()];
            let position = self.positions.get(&partition).copied().unwrap_or(0);
            broker.log(&self.topic, partition)?;
            let Some(log) = broker.topics.get(&self.topic).and_then(|logs| logs.get(partition as usize)) else {
                continue;
            };
            let end_offset = log.last().map_or(0, Entry::end);
            let rest = log.iter().filter(|entry| entry.end() > position);
            // Nothing after an open transaction can be seen.
            let Some(entry) =
                rest.take_while(|e| broker.visible(e).is_some()).find(|e| broker.visible(e) == Some(true))
            else {
                continue;
            };
            let records = decode(entry, position)?;
            self.turn += 1;
            self.positions.insert(partition, records.next_offset());
            return Ok(Some(Fetched { partition, records, end_offset }));
        }
        Ok(None)
    }
}

#[async_trait]
impl Reader for MemoryReader {
    async fn next(&mut self) -> Result<Fetched, FetchError> {
        let changed = self.cluster.changed.clone();
        loop {
            // Registered before looking, so that no change in between is missed.
            let notified = changed.notified();
            tokio::pin!(notified);
            notified.as_mut().enable();
            match self.take() {
                Ok(Some(fetched)) => return Ok(fetched),
                Ok(None) => notified.await,
                Err(failure) => return Err(FetchError::Failed(failure)),
            }
        }
    }

    fn assign(&mut self, partition: i32, offset: i64) {
        self.positions.insert(partition, offset);
        self.paused.remove(&partition);
    }

    fn unassign(&mut self, partition: i32) {
        self.positions.remove(&partition);
        self.paused.remove(&partition);
    }

    fn pause(&mut self, partition: i32, paused: bool) {
        match paused {
            true => self.paused.insert(partition),
            false => self.paused.remove(&partition),
        };
    }

    fn end_offset(&self, partition: i32) -> Option<i64> {
        let ends = self.cluster.ends(&self.topic).ok()?;
        ends.get(usize::try_from(partition).ok()?).copied()
    }
}

struct MemoryWriter {
    cluster: MemoryCluster,
    id: String,
    transaction: Transaction,
}

#[async_trait]
impl TransactionWriter for MemoryWriter {
    fn identity(&self) -> ProducerIdentity {
        ProducerIdentity { producer_id: self.transaction.0, epoch: self.transaction.1 }
    }

    async fn begin_next(&mut self) -> Result<(), Failure> {
        self.transaction = self.cluster.broker.lock().fence(&self.id);
        Ok(())
    }

    async fn produce(&mut self, topic: &str, batches: Vec<(i32, RawBatch)>) -> Result<(), Failure> {
        let mut broker = self.cluster.broker.lock();
        broker.check(&self.id, self.transaction)?;
        batches
            .into_iter()
            .try_for_each(|(partition, batch)| broker.append(topic, partition, batch, Some(self.transaction)))
    }

    async fn mark(&mut self, group: &str, _topic: &str, epoch: u64) -> Result<(), Failure> {
        let mut broker = self.cluster.broker.lock();
        broker.check(&self.id, self.transaction)?;
        broker.pending_markers.entry(self.transaction).or_default().push((group.to_owned(), epoch));
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Failure> {
        Ok(())
    }
}
