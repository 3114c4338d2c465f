//! The engine of both producers.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use futures::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use kafka_protocol::{
    error::ResponseError,
    messages::{
        ProduceRequest, ProduceResponse, TransactionalId,
        produce_request::{PartitionProduceData, TopicProduceData},
    },
    protocol::StrBytes,
};

use super::{PartitionBatch, Produced, queue::Queue};
use crate::{
    Client, Error, ErrorCode, ErrorKind, ProducerIdentity, Result,
    client::{Lane, topic_name},
};

type Key = (Arc<str>, i32);

/// More requests per broker would break the broker's recognition of duplicates.
const MAX_IN_FLIGHT: usize = 5;
/// Bytes of batches in one request.
const MAX_REQUEST: usize = 8 << 20;
/// Unacknowledged bytes beyond which `produce` waits.
const MAX_UNACKNOWLEDGED: usize = 32 << 20;
/// Last version in which partitions are added to a transaction beforehand, and last one that
/// names topics (the next uses ids).
const EXPLICIT_PARTITIONS: i16 = 11;
const NEWEST: i16 = 12;

struct Answered {
    node: i32,
    sent: Vec<(Key, i32)>,
    outcome: Result<ProduceResponse>,
}

/// Sends stamped batches and keeps track of sequences.
pub(crate) struct Sender {
    client: Client,
    lane: Lane,
    transactional_id: Option<TransactionalId>,
    // Versions in which this transaction is written.
    versions: (i16, i16),
    identity: ProducerIdentity,
    queues: BTreeMap<Key, Queue>,
    in_flight: FuturesUnordered<BoxFuture<'static, Answered>>,
    per_node: HashMap<i32, usize>,
    unacknowledged: usize,
    produced: Vec<Produced>,
    failed: Option<Error>,
    // Whether a batch may have reached the log without our knowing.
    doubtful: bool,
}

impl Sender {
    pub fn new(client: &Client, identity: ProducerIdentity, transactional_id: Option<&str>) -> Self {
        Self {
            client: client.clone(),
            lane: client.new_lane(),
            transactional_id: transactional_id.map(|id| TransactionalId(StrBytes::from_string(id.to_owned()))),
            versions: (3, NEWEST),
            identity,
            queues: BTreeMap::new(),
            in_flight: FuturesUnordered::new(),
            per_node: HashMap::new(),
            unacknowledged: 0,
            produced: Vec::new(),
            failed: None,
            doubtful: false,
        }
    }

    pub fn identity(&self) -> ProducerIdentity {
        self.identity
    }

    /// Whether partitions join the transaction by being written to (transaction.version 2).
    pub fn set_implicit(&mut self, implicit: bool) {
        self.versions = if implicit { (NEWEST, NEWEST) } else { (3, EXPLICIT_PARTITIONS) };
    }

    /// Goes on under another identity. Sequences start at 0 in a new epoch.
    pub fn adopt(&mut self, identity: ProducerIdentity) {
        if identity != self.identity {
            self.identity = identity;
            self.queues.clear();
        }
        self.failed = None;
        self.doubtful = false;
        self.produced.clear();
    }

    pub fn failure(&self) -> Option<&Error> {
        self.failed.as_ref()
    }

    /// Whether an answer is missing, so that the log may hold more than was acknowledged.
    pub fn doubtful(&self) -> bool {
        self.doubtful
    }

    pub fn take_produced(&mut self) -> Vec<Produced> {
        std::mem::take(&mut self.produced)
    }

    pub fn enqueue(&mut self, batches: Vec<PartitionBatch>) {
        for PartitionBatch { topic, partition, batch } in batches {
            self.unacknowledged += batch.size();
            self.queues.entry((topic, partition)).or_default().push(
                &batch,
                self.identity,
                self.transactional_id.is_some(),
            );
        }
    }

    /// Sends what can be sent and waits while too much is unacknowledged.
    pub async fn make_room(&mut self) -> Result<()> {
        self.collect_arrived();
        self.send().await?;
        while self.unacknowledged > MAX_UNACKNOWLEDGED {
            self.step().await?;
        }
        self.result()
    }

    /// Waits until nothing is unacknowledged.
    pub async fn drain(&mut self) -> Result<()> {
        self.send().await?;
        while self.queues.values().any(|q| !q.is_empty()) {
            self.step().await?;
        }
        self.result()
    }

    /// Sends nothing more and waits for the answers under way.
    pub async fn quiesce(&mut self) {
        for queue in self.queues.values_mut() {
            queue.drop_unsent();
        }
        while let Some(answered) = self.in_flight.next().await {
            self.answered(answered);
        }
        if self.queues.values().any(|q| !q.is_empty()) {
            self.doubtful = true;
        }
        self.queues.values_mut().for_each(Queue::drop_unsent);
        self.unacknowledged = 0;
    }

    fn result(&self) -> Result<()> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    async fn step(&mut self) -> Result<()> {
        let retry = self.queues.values().filter_map(|q| q.retry_at).min();
        let wait = retry.map(|at| at.saturating_duration_since(Instant::now()));
        let pause = tokio::time::sleep(wait.unwrap_or(Duration::from_secs(1)));
        tokio::select! {
            Some(answered) = self.in_flight.next() => self.answered(answered),
            () = pause => {}
        }
        self.collect_arrived();
        self.send().await
    }

    fn collect_arrived(&mut self) {
        use futures::FutureExt;
        while let Some(Some(answered)) = self.in_flight.next().now_or_never() {
            self.answered(answered);
        }
    }

    /// Starts requests until every broker has enough under way or nothing is left to send.
    async fn send(&mut self) -> Result<()> {
        self.result()?;
        loop {
            let by_node = self.choose().await;
            self.result()?;
            if by_node.is_empty() {
                return Ok(());
            }
            for (node, keys) in by_node {
                self.start(node, keys).await;
            }
        }
    }

    /// One batch of every partition that can send, by leader.
    async fn choose(&mut self) -> BTreeMap<i32, Vec<Key>> {
        let now = Instant::now();
        let mut by_node: BTreeMap<i32, Vec<Key>> = BTreeMap::new();
        let ready: Vec<Key> =
            self.queues.iter_mut().filter_map(|(key, queue)| queue.sendable(now).map(|_| key.clone())).collect();
        for key in ready {
            match self.client.leader(&key.0, key.1).await {
                Ok(leader) => {
                    if self.per_node.get(&leader.node).copied().unwrap_or(0) < MAX_IN_FLIGHT {
                        by_node.entry(leader.node).or_default().push(key);
                    }
                }
                Err(error) => self.hold(&key, error),
            }
        }
        by_node
    }

    async fn start(&mut self, node: i32, keys: Vec<Key>) {
        let now = Instant::now();
        let mut topics: BTreeMap<Arc<str>, Vec<PartitionProduceData>> = BTreeMap::new();
        let mut sent = Vec::new();
        let mut size = 0;
        for key in keys {
            let Some(item) = self.queues.get_mut(&key).and_then(|q| q.sendable(now)) else {
                continue;
            };
            if size > 0 && size + item.batch.len() > MAX_REQUEST {
                break;
            }
            size += item.batch.len();
            item.sent = true;
            let data = PartitionProduceData::default().with_index(key.1).with_records(Some(item.batch.clone()));
            sent.push((key.clone(), item.sequence));
            topics.entry(key.0).or_default().push(data);
        }
        let topics = topics.into_iter().map(|(name, partitions)| {
            TopicProduceData::default().with_name(topic_name(&name)).with_partition_data(partitions)
        });
        let timeout = self.client.config().request_timeout;
        let request = ProduceRequest::default()
            .with_transactional_id(self.transactional_id.clone())
            .with_acks(-1)
            .with_timeout_ms(i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX))
            .with_topic_data(topics.collect());
        let started = async {
            let connection = self.client.node(node, self.lane).await?;
            let version = connection.version::<ProduceRequest>(self.versions.0, self.versions.1)?;
            let pending = connection.start(&request, version)?;
            Ok((connection, pending, version))
        };
        match started.await {
            Ok((connection, pending, version)) => {
                *self.per_node.entry(node).or_default() += 1;
                self.in_flight.push(Box::pin(async move {
                    let outcome = connection
                        .finish(pending, timeout)
                        .await
                        .and_then(|a| connection.decode::<ProduceRequest>(a, version));
                    Answered { node, sent, outcome }
                }));
            }
            Err(error) => self.all_failed(sent, &error),
        }
    }

    fn answered(&mut self, Answered { node, sent, outcome }: Answered) {
        if let Some(count) = self.per_node.get_mut(&node) {
            *count = count.saturating_sub(1);
        }
        let answer = match outcome {
            Ok(answer) => answer,
            Err(error) => return self.all_failed(sent, &error),
        };
        let mut results: HashMap<(&str, i32), _> = HashMap::new();
        for topic in &answer.responses {
            for p in &topic.partition_responses {
                results.insert((topic.name.as_str(), p.index), p);
            }
        }
        for (key, sequence) in sent {
            match results.get(&(&*key.0, key.1)) {
                Some(p) => {
                    let code = ErrorCode::from_wire(p.error_code);
                    let words = p.error_message.as_ref().map(ToString::to_string);
                    self.acknowledged(&key, sequence, code, words, p.base_offset);
                }
                None => {
                    let error = Error::broker("produce: incomplete answer", ErrorCode(13));
                    self.lost(&key, sequence, error);
                }
            }
        }
    }

    fn all_failed(&mut self, sent: Vec<(Key, i32)>, error: &Error) {
        for (key, sequence) in sent {
            self.lost(&key, sequence, error.clone());
        }
    }

    fn acknowledged(
        &mut self,
        key: &Key,
        sequence: i32,
        code: Option<ErrorCode>,
        words: Option<String>,
        base_offset: i64,
    ) {
        let duplicate = ResponseError::DuplicateSequenceNumber.code();
        match code {
            Some(code) if code.0 != duplicate => {
                let operation = format!("produce to {}-{}", key.0, key.1);
                self.lost(key, sequence, Error::Broker { operation, code, message: words });
            }
            _ => {
                let Some(queue) = self.queues.get_mut(key) else { return };
                let Some(item) = queue.acknowledge(sequence) else { return };
                self.unacknowledged = self.unacknowledged.saturating_sub(item.batch.len());
                self.produced.push(Produced {
                    topic: key.0.clone(),
                    partition: key.1,
                    base_offset: Some(base_offset).filter(|o| code.is_none() && *o >= 0),
                    records: item.records,
                });
            }
        }
    }

    /// A batch did not make it, as far as we know.
    fn lost(&mut self, key: &Key, sequence: i32, error: Error) {
        let Some(queue) = self.queues.get_mut(key) else { return };
        let Some((oldest, age)) = queue.bring_back(sequence) else { return };
        if matches!(error.kind(), ErrorKind::Disconnected | ErrorKind::TimedOut) {
            self.doubtful = true;
        }
        // A later batch is out of order when an earlier one failed: it only has to wait.
        let out_of_order = ResponseError::OutOfOrderSequenceNumber.code();
        let waits = !oldest && error.broker_code() == Some(ErrorCode(out_of_order));
        if !waits && !error.is_retriable() {
            self.failed.get_or_insert(error);
        } else if age > self.client.config().delivery_timeout {
            self.failed.get_or_insert(Error::TimedOut {
                operation: format!("produce to {}-{}", key.0, key.1),
                after: age,
                last: Some(Arc::new(error)),
            });
        } else {
            self.hold(key, error);
        }
    }

    /// Pauses a partition before the next attempt, or fails when that cannot help.
    fn hold(&mut self, key: &Key, error: Error) {
        let config = self.client.config();
        if !error.is_retriable() && error.broker_code().is_none() {
            self.failed.get_or_insert(error);
            return;
        }
        let Some(queue) = self.queues.get_mut(key) else { return };
        if let Some(age) = queue.oldest_age()
            && age > config.delivery_timeout
        {
            self.failed.get_or_insert(Error::TimedOut {
                operation: format!("produce to {}-{}", key.0, key.1),
                after: age,
                last: Some(Arc::new(error)),
            });
            return;
        }
        queue.failures += 1;
        let pause = config.retry_backoff.saturating_mul(1 << queue.failures.min(10)).min(config.retry_backoff_max);
        // A transaction that is being completed is done in a moment, the leader is the same.
        let concurrent = ResponseError::ConcurrentTransactions.code();
        let pause = if error.broker_code() == Some(ErrorCode(concurrent)) {
            config.retry_backoff.min(Duration::from_millis(20))
        } else {
            self.client.cache().forget_topic(&key.0);
            pause
        };
        tracing::debug!(topic = %key.0, partition = key.1, %error, "produce is tried again");
        queue.retry_at = Some(Instant::now() + pause);
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.client.close_lane(self.lane);
    }
}
