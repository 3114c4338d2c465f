//! The cluster in memory and a storage beside it; both count steps and can "crash the process" at any of them, before or after
//! its effect.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use nutkin_kafka::{IsolationLevel, OffsetSpec, ProducerIdentity, RawBatch, RecordSet};
use nutkin_state::storage::Creation;
use nutkin_state::{MemoryStorage, StateError, Storage};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::cluster::{Cluster, Clusters, EndOutcome, FetchError, Fetched, ReadOptions, Reader, TransactionWriter};
use crate::error::{Failure, FailureKind, Result};
use crate::memory::MemoryCluster;

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

/// A cluster in memory that counts the steps of those who use it. Cloning shares it.
#[derive(Debug, Clone)]
pub(crate) struct FakeKafka {
    cluster: MemoryCluster,
    pub steps: Arc<Steps>,
    /// Time between two answers of a reader.
    pub pace: Duration,
    /// The next read panics, as a defect of an operator would.
    pub panic_on_read: bool,
}

impl FakeKafka {
    pub fn new(steps: Arc<Steps>) -> FakeKafka {
        let pace = Duration::from_millis(10);
        FakeKafka { cluster: MemoryCluster::default(), steps, pace, panic_on_read: false }
    }

    pub fn create_topic(&self, name: &str, partitions: usize) {
        self.cluster.create_topic(name, partitions as u32);
    }

    /// Appends a batch outside transactions.
    pub fn append(&self, topic: &str, partition: i32, batch: RawBatch) {
        self.cluster.append(topic, partition, batch).unwrap();
    }

    /// Committed records of a topic, per partition.
    pub fn committed(&self, topic: &str) -> Vec<Vec<RecordSet>> {
        self.cluster.records(topic).unwrap()
    }

    /// What a broker does at `transaction.timeout.ms`.
    pub fn time_out_transactions(&self) {
        self.cluster.time_out_transactions();
    }

    pub fn open_count(&self) -> usize {
        self.cluster.open_count()
    }

    /// Forgets every marker, as a broker does after `offsets.retention.minutes`.
    pub fn forget_markers(&self) {
        self.cluster.forget_markers();
    }

    /// The answer after the step `name`.
    async fn after<T>(&self, name: &'static str, answer: T) -> Result<T> {
        match self.steps.point(name).await {
            true => Err(Failure::new(FailureKind::Unreachable, "the answer was lost")),
            false => Ok(answer),
        }
    }
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
        self.cluster.partitions(topic).await
    }

    async fn offsets(
        &self,
        topic: &str,
        partitions: &[i32],
        spec: OffsetSpec,
        isolation: IsolationLevel,
    ) -> Result<Vec<Option<i64>>> {
        self.cluster.offsets(topic, partitions, spec, isolation).await
    }

    async fn reader(&self, topic: &str, options: ReadOptions) -> Result<Box<dyn Reader>> {
        Ok(Box::new(FakeReader { kafka: self.clone(), inner: self.cluster.reader(topic, options).await? }))
    }

    async fn begin(&self, transactional_id: &str, timeout: Duration) -> Result<Box<dyn TransactionWriter>> {
        self.steps.point("before begin").await;
        let inner = self.cluster.begin(transactional_id, timeout).await?;
        self.after("after begin", Box::new(FakeWriter { kafka: self.clone(), inner }) as Box<dyn TransactionWriter>)
            .await
    }

    async fn commit(&self, transactional_id: &str, identity: ProducerIdentity) -> Result<EndOutcome> {
        self.steps.point("before commit").await;
        let outcome = self.cluster.commit(transactional_id, identity).await?;
        self.after("after commit", outcome).await
    }

    async fn fence(&self, transactional_id: &str) -> Result<()> {
        self.steps.point("before fence").await;
        self.cluster.fence(transactional_id).await?;
        self.after("after fence", ()).await
    }

    async fn open_transactions(&self, prefix: &str) -> Result<Vec<String>> {
        self.steps.point("list transactions").await;
        self.cluster.open_transactions(prefix).await
    }

    async fn marker(&self, group: &str, topic: &str) -> Result<Option<u64>> {
        self.steps.point("marker").await;
        self.cluster.marker(group, topic).await
    }
}

struct FakeReader {
    kafka: FakeKafka,
    inner: Box<dyn Reader>,
}

#[async_trait]
impl Reader for FakeReader {
    async fn next(&mut self) -> Result<Fetched, FetchError> {
        assert!(!self.kafka.panic_on_read, "a defect");
        tokio::time::sleep(self.kafka.pace).await;
        self.inner.next().await
    }

    fn assign(&mut self, partition: i32, offset: i64) {
        self.inner.assign(partition, offset);
    }

    fn unassign(&mut self, partition: i32) {
        self.inner.unassign(partition);
    }

    fn pause(&mut self, partition: i32, paused: bool) {
        self.inner.pause(partition, paused);
    }

    fn end_offset(&self, partition: i32) -> Option<i64> {
        self.inner.end_offset(partition)
    }
}

struct FakeWriter {
    kafka: FakeKafka,
    inner: Box<dyn TransactionWriter>,
}

#[async_trait]
impl TransactionWriter for FakeWriter {
    fn identity(&self) -> ProducerIdentity {
        self.inner.identity()
    }

    async fn begin_next(&mut self) -> Result<()> {
        self.kafka.steps.point("before begin").await;
        self.inner.begin_next().await?;
        self.kafka.after("after begin", ()).await
    }

    async fn produce(&mut self, topic: &str, batches: Vec<(i32, RawBatch)>) -> Result<()> {
        self.kafka.steps.point("before produce").await;
        self.inner.produce(topic, batches).await?;
        self.kafka.after("after produce", ()).await
    }

    async fn mark(&mut self, group: &str, topic: &str, epoch: u64) -> Result<()> {
        self.kafka.steps.point("before mark").await;
        self.inner.mark(group, topic, epoch).await?;
        self.kafka.after("after mark", ()).await
    }

    async fn flush(&mut self) -> Result<()> {
        self.inner.flush().await?;
        self.kafka.after("flush", ()).await
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
