//! A Kafka cluster in memory with transactions, fencing and offset markers, and a storage beside it; both count steps and
//! can "crash the process" at any of them, before or after its effect.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use nutkin_kafka::{DecodeOptions, IsolationLevel, OffsetSpec, ProducerIdentity, RawBatch, RecordSet, decode_records};
use nutkin_state::storage::Creation;
use nutkin_state::{MemoryStorage, StateError, Storage};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::cluster::{Cluster, Clusters, EndOutcome, FetchError, Fetched, ReadOptions, Reader, TransactionWriter};
use crate::error::{Failure, FailureKind, Result};

/// Counts steps of everything outside the process and stops the world at one of them.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    state: Mutex<StepState>,
    crashed: Notify,
}

#[derive(Debug, Default)]
struct StepState {
    taken: u64,
    crash_at: Option<u64>,
    down: bool,
    /// Fail (with the effect done, the answer lost) at these steps instead of crashing.
    lose_answer_at: Vec<u64>,
    /// The same at every step of this name.
    lose_answers_of: Option<&'static str>,
    log: Vec<&'static str>,
}

impl Steps {
    pub fn arm(&self, crash_at: Option<u64>) {
        let mut state = self.state.lock();
        *state = StepState { crash_at, lose_answer_at: state.lose_answer_at.clone(), ..StepState::default() };
    }

    pub fn taken(&self) -> u64 {
        self.state.lock().taken
    }

    pub fn log(&self) -> Vec<&'static str> {
        self.state.lock().log.clone()
    }

    pub fn lose_answers_at(&self, steps: Vec<u64>) {
        self.state.lock().lose_answer_at = steps;
    }

    pub fn lose_answers_of(&self, name: Option<&'static str>) {
        self.state.lock().lose_answers_of = name;
    }

    /// Ends when the process has crashed.
    pub async fn crash(&self) {
        while !self.state.lock().down {
            self.crashed.notified().await;
        }
    }

    /// A point where the process may end: it never returns then. True when the answer of this step is lost.
    pub async fn point(&self, name: &'static str) -> bool {
        let (down, lost) = {
            let mut state = self.state.lock();
            state.taken += 1;
            state.log.push(name);
            if state.crash_at == Some(state.taken) {
                state.down = true;
                self.crashed.notify_one();
            }
            let lost = state.lose_answer_at.contains(&state.taken) || state.lose_answers_of == Some(name);
            (state.down, lost)
        };
        if down {
            std::future::pending::<()>().await;
        }
        lost
    }
}

type TxnKey = (i64, i16);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TxnState {
    Ongoing,
    Committed,
    Aborted,
}

#[derive(Debug)]
struct Entry {
    base: i64,
    batch: RawBatch,
    owner: Option<TxnKey>,
}

#[derive(Debug, Default)]
struct TransactionalId {
    producer_id: i64,
    epoch: i16,
}

#[derive(Debug, Default)]
struct Broker {
    topics: BTreeMap<String, Vec<Vec<Entry>>>,
    ids: BTreeMap<String, TransactionalId>,
    transactions: BTreeMap<TxnKey, TxnState>,
    /// Markers written by a transaction.
    pending_markers: BTreeMap<TxnKey, Vec<(String, u64)>>,
    markers: BTreeMap<String, u64>,
}

/// The cluster. Cloning shares it.
#[derive(Debug, Clone)]
pub(crate) struct FakeKafka {
    broker: Arc<Mutex<Broker>>,
    pub steps: Arc<Steps>,
    /// Time between two answers of a reader.
    pub pace: Duration,
    /// The next read panics, as a defect of an operator would.
    pub panic_on_read: bool,
}

impl FakeKafka {
    pub fn new(steps: Arc<Steps>) -> FakeKafka {
        FakeKafka { broker: Arc::default(), steps, pace: Duration::from_millis(10), panic_on_read: false }
    }

    pub fn create_topic(&self, name: &str, partitions: usize) {
        self.broker.lock().topics.insert(name.to_owned(), (0..partitions).map(|_| Vec::new()).collect());
    }

    /// Appends a batch outside transactions.
    pub fn append(&self, topic: &str, partition: i32, batch: RawBatch) {
        self.broker.lock().append(topic, partition, batch, None);
    }

    /// Committed records of a topic, per partition.
    pub fn committed(&self, topic: &str) -> Vec<Vec<RecordSet>> {
        let broker = self.broker.lock();
        let visible = |entry: &&Entry| broker.state(entry) == Some(TxnState::Committed) || entry.owner.is_none();
        broker.topics[topic]
            .iter()
            .map(|partition| partition.iter().filter(visible).map(|entry| decode(entry, 0)).collect())
            .collect()
    }

    /// What a broker does at `transaction.timeout.ms`.
    pub fn time_out_transactions(&self) {
        let mut broker = self.broker.lock();
        let open: Vec<TxnKey> =
            broker.transactions.iter().filter(|(_, s)| **s == TxnState::Ongoing).map(|(k, _)| *k).collect();
        for key in open {
            broker.end(key, false);
            if let Some(id) = broker.ids.values_mut().find(|id| id.producer_id == key.0 && id.epoch == key.1) {
                id.epoch += 1;
            }
        }
    }

    pub fn open_count(&self) -> usize {
        self.broker.lock().transactions.values().filter(|s| **s == TxnState::Ongoing).count()
    }

    /// Forgets every marker, as a broker does after `offsets.retention.minutes`.
    pub fn forget_markers(&self) {
        self.broker.lock().markers.clear();
    }
}

impl Broker {
    fn append(&mut self, topic: &str, partition: i32, batch: RawBatch, owner: Option<TxnKey>) {
        let log = &mut self.topics.get_mut(topic).unwrap()[partition as usize];
        let base = log.last().map_or(0, |entry| entry.base + entry.batch.records() as i64);
        log.push(Entry { base, batch, owner });
    }

    fn state(&self, entry: &Entry) -> Option<TxnState> {
        entry.owner.and_then(|owner| self.transactions.get(&owner).copied())
    }

    fn end(&mut self, key: TxnKey, commit: bool) {
        let state = if commit { TxnState::Committed } else { TxnState::Aborted };
        self.transactions.insert(key, state);
        let markers = self.pending_markers.remove(&key).unwrap_or_default();
        if commit {
            self.markers.extend(markers);
        }
    }

    fn fence(&mut self, id: &str) -> TxnKey {
        let next = self.ids.len() as i64 + 1;
        let entry = self.ids.entry(id.to_owned()).or_insert(TransactionalId { producer_id: next, epoch: -1 });
        let old = (entry.producer_id, entry.epoch);
        entry.epoch += 1;
        let new = (entry.producer_id, entry.epoch);
        if self.transactions.get(&old) == Some(&TxnState::Ongoing) {
            self.end(old, false);
        }
        new
    }

    fn check(&self, id: &str, key: TxnKey) -> Result<()> {
        let current = self.ids.get(id).map(|id| (id.producer_id, id.epoch));
        if current == Some(key) && self.transactions.get(&key) != Some(&TxnState::Aborted) {
            return Ok(());
        }
        Err(Failure::new(FailureKind::Unreachable, "producer fenced"))
    }
}

fn decode(entry: &Entry, from: i64) -> RecordSet {
    let mut bytes = BytesMut::from(&entry.batch.as_bytes()[..]);
    bytes[..8].copy_from_slice(&entry.base.to_be_bytes());
    decode_records(bytes.freeze(), &DecodeOptions { from_offset: from, ..DecodeOptions::default() }).unwrap()
}

fn lost() -> Failure {
    Failure::new(FailureKind::Unreachable, "the answer was lost")
}

#[async_trait]
impl Clusters for FakeKafka {
    async fn cluster(&self, _cluster_id: &str) -> Result<Arc<dyn Cluster>> {
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Cluster for FakeKafka {
    async fn partitions(&self, topic: &str) -> Result<Vec<i32>> {
        let broker = self.broker.lock();
        let missing = || Failure::new(FailureKind::ResourceLost, format!("topic {topic} does not exist"));
        let count = broker.topics.get(topic).ok_or_else(missing)?.len();
        Ok((0..count as i32).collect())
    }

    async fn offsets(
        &self,
        topic: &str,
        partitions: &[i32],
        spec: OffsetSpec,
        _isolation: IsolationLevel,
    ) -> Result<Vec<Option<i64>>> {
        let broker = self.broker.lock();
        let offset = |&partition: &i32| {
            let log = &broker.topics[topic][partition as usize];
            let end = log.last().map_or(0, |entry| entry.base + entry.batch.records() as i64);
            match spec {
                OffsetSpec::Earliest => Some(0),
                OffsetSpec::Latest => Some(end),
                OffsetSpec::Timestamp(at) => log.iter().find(|e| e.batch.max_timestamp() >= at).map(|e| e.base),
                OffsetSpec::MaxTimestamp => None,
            }
        };
        Ok(partitions.iter().map(offset).collect())
    }

    async fn reader(&self, topic: &str, _options: ReadOptions) -> Result<Box<dyn Reader>> {
        let (kafka, topic) = (self.clone(), topic.to_owned());
        Ok(Box::new(FakeReader { kafka, topic, positions: BTreeMap::new(), paused: BTreeSet::new(), turn: 0 }))
    }

    async fn begin(&self, transactional_id: &str, _timeout: Duration) -> Result<Box<dyn TransactionWriter>> {
        let mut writer = FakeWriter { kafka: self.clone(), id: transactional_id.to_owned(), key: (-1, -1) };
        writer.begin_next().await?;
        Ok(Box::new(writer))
    }

    async fn commit(&self, transactional_id: &str, identity: ProducerIdentity) -> Result<EndOutcome> {
        self.steps.point("before commit").await;
        let key = (identity.producer_id, identity.epoch);
        let outcome = {
            let mut broker = self.broker.lock();
            let current = broker.ids.get(transactional_id).map(|id| (id.producer_id, id.epoch));
            match broker.transactions.get(&key) {
                Some(TxnState::Ongoing) if current == Some(key) => {
                    broker.end(key, true);
                    EndOutcome::Committed
                }
                Some(TxnState::Committed) if current == Some(key) => EndOutcome::Committed,
                _ => EndOutcome::Refused,
            }
        };
        if self.steps.point("after commit").await { Err(lost()) } else { Ok(outcome) }
    }

    async fn fence(&self, transactional_id: &str) -> Result<()> {
        self.steps.point("before fence").await;
        self.broker.lock().fence(transactional_id);
        if self.steps.point("after fence").await { Err(lost()) } else { Ok(()) }
    }

    async fn open_transactions(&self, prefix: &str) -> Result<Vec<String>> {
        self.steps.point("list transactions").await;
        let broker = self.broker.lock();
        let open =
            |id: &TransactionalId| broker.transactions.get(&(id.producer_id, id.epoch)) == Some(&TxnState::Ongoing);
        Ok(broker
            .ids
            .iter()
            .filter(|(name, id)| name.starts_with(prefix) && open(id))
            .map(|(n, _)| n.clone())
            .collect())
    }

    async fn marker(&self, group: &str, _topic: &str) -> Result<Option<u64>> {
        self.steps.point("marker").await;
        Ok(self.broker.lock().markers.get(group).copied())
    }
}

struct FakeReader {
    kafka: FakeKafka,
    topic: String,
    positions: BTreeMap<i32, i64>,
    paused: BTreeSet<i32>,
    turn: usize,
}

#[async_trait]
impl Reader for FakeReader {
    async fn next(&mut self) -> Result<Fetched, FetchError> {
        assert!(!self.kafka.panic_on_read, "a defect");
        loop {
            tokio::time::sleep(self.kafka.pace).await;
            let partitions: Vec<i32> =
                self.positions.keys().copied().filter(|partition| !self.paused.contains(partition)).collect();
            let broker = self.kafka.broker.lock();
            for step in 0..partitions.len() {
                let partition = partitions[(self.turn + step) % partitions.len()];
                let position = self.positions[&partition];
                let log = &broker.topics[&self.topic][partition as usize];
                let end_offset = log.last().map_or(0, |entry| entry.base + entry.batch.records() as i64);
                let next = log.iter().find(|entry| entry.base + entry.batch.records() as i64 > position);
                let Some(entry) = next else { continue };
                self.turn += 1;
                let records = decode(entry, position);
                self.positions.insert(partition, records.next_offset());
                return Ok(Fetched { partition, records, end_offset });
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
        let broker = self.kafka.broker.lock();
        let log = &broker.topics[&self.topic][partition as usize];
        Some(log.last().map_or(0, |entry| entry.base + entry.batch.records() as i64))
    }
}

struct FakeWriter {
    kafka: FakeKafka,
    id: String,
    key: TxnKey,
}

#[async_trait]
impl TransactionWriter for FakeWriter {
    fn identity(&self) -> ProducerIdentity {
        ProducerIdentity { producer_id: self.key.0, epoch: self.key.1 }
    }

    async fn begin_next(&mut self) -> Result<()> {
        self.kafka.steps.point("before begin").await;
        self.key = self.kafka.broker.lock().fence(&self.id);
        if self.kafka.steps.point("after begin").await { Err(lost()) } else { Ok(()) }
    }

    async fn produce(&mut self, topic: &str, batches: Vec<(i32, RawBatch)>) -> Result<()> {
        self.kafka.steps.point("before produce").await;
        {
            let mut broker = self.kafka.broker.lock();
            broker.check(&self.id, self.key)?;
            broker.transactions.insert(self.key, TxnState::Ongoing);
            for (partition, batch) in batches {
                broker.append(topic, partition, batch, Some(self.key));
            }
        }
        if self.kafka.steps.point("after produce").await { Err(lost()) } else { Ok(()) }
    }

    async fn mark(&mut self, group: &str, _topic: &str, epoch: u64) -> Result<()> {
        self.kafka.steps.point("before mark").await;
        {
            let mut broker = self.kafka.broker.lock();
            broker.check(&self.id, self.key)?;
            broker.transactions.insert(self.key, TxnState::Ongoing);
            broker.pending_markers.entry(self.key).or_default().push((group.to_owned(), epoch));
        }
        if self.kafka.steps.point("after mark").await { Err(lost()) } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<()> {
        if self.kafka.steps.point("flush").await { Err(lost()) } else { Ok(()) }
    }
}

/// Checkpoint storage that outlives crashes.
#[derive(Debug)]
pub(crate) struct FakeStorage {
    pub inner: Arc<MemoryStorage>,
    pub steps: Arc<Steps>,
}

#[async_trait]
impl Storage for FakeStorage {
    async fn put(&self, path: &str, content: Bytes) -> Result<(), StateError> {
        self.steps.point("before put").await;
        self.inner.put(path, content).await?;
        self.steps.point("after put").await;
        Ok(())
    }

    async fn create(&self, path: &str, content: Bytes) -> Result<Creation, StateError> {
        self.steps.point("before create").await;
        let creation = self.inner.create(path, content).await?;
        if self.steps.point("after create").await {
            let source = std::io::Error::other("the answer was lost");
            return Err(StateError::Storage { action: "create", path: path.to_owned(), source });
        }
        Ok(creation)
    }

    async fn get(&self, path: &str) -> Result<Option<Bytes>, StateError> {
        self.inner.get(path).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StateError> {
        self.inner.list(prefix).await
    }

    async fn delete(&self, path: &str) -> Result<(), StateError> {
        self.steps.point("delete").await;
        self.inner.delete(path).await
    }
}
