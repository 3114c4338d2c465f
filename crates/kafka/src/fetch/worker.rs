//! The background task of a fetcher.
//!
//! One loop: ask every leader that has partitions with nothing under way, then wait for an answer,
//! a change, or the end of a pause. Each leader may have two requests under way, on connections of
//! their own, so that a partition that is assigned or resumed during a long poll does not wait for
//! its end.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use futures::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use kafka_protocol::messages::{
    BrokerId, FetchRequest,
    fetch_request::{FetchPartition, FetchTopic},
};

use super::{
    Fetched, FetcherOptions,
    answer::{PartitionAnswer, TOPIC_IDS, decode_fetch_answer},
    state::{Key, Shared, Wanted},
};
use crate::{
    Buffers, Client, DecodeOptions, Error, ErrorCode, ErrorKind, OffsetSpec, Result,
    client::{Lane, topic_name},
    decode_records,
    error::check,
};

/// Newest version meant for consumers.
const FETCH_VERSION: i16 = 16;
const FIRST_VERSION: i16 = 4;
const UNKNOWN_TOPIC_ID: ErrorCode = ErrorCode(100);

/// Something that ended.
enum Done {
    Answer { node: i32, lane: usize, wanted: Vec<Wanted>, outcome: Result<Vec<PartitionAnswer>> },
    Resolved { topics: Vec<Arc<str>>, outcome: Result<()> },
    Bounds { wanted: Wanted, outcome: Result<(i64, i64)> },
}

pub(super) struct Worker {
    client: Client,
    options: FetcherOptions,
    shared: Arc<Shared>,
    lanes: [Lane; 2],
    // Lanes in use, by broker.
    busy: HashMap<i32, [bool; 2]>,
    jobs: FuturesUnordered<BoxFuture<'static, Done>>,
    resolving: bool,
    turn: usize,
    buffers: Buffers,
}

impl Worker {
    pub fn new(client: Client, options: FetcherOptions, shared: Arc<Shared>) -> Self {
        let lanes = [client.new_lane(), client.new_lane()];
        Self {
            client,
            options,
            shared,
            lanes,
            busy: HashMap::new(),
            jobs: FuturesUnordered::new(),
            resolving: false,
            turn: 0,
            buffers: Buffers::default(),
        }
    }

    pub async fn run(mut self) {
        loop {
            let wake = self.ask();
            let shared = self.shared.clone();
            tokio::select! {
                Some(done) = self.jobs.next() => self.handle(done),
                () = shared.changed.notified() => {}
                () = sleep_until(wake) => {}
            }
        }
    }

    /// Starts what can be started; gives the time to look again.
    fn ask(&mut self) -> Option<Instant> {
        let (by_node, unresolved, wake) = self.plan();
        if !unresolved.is_empty() && !self.resolving {
            self.resolving = true;
            self.jobs.push(Box::pin(resolve(self.client.clone(), unresolved)));
        }
        for (node, wanted) in by_node {
            let busy = self.busy.entry(node).or_default();
            let Some(lane) = busy.iter().position(|b| !b) else { continue };
            busy[lane] = true;
            let mut state = self.shared.state.lock();
            for w in &wanted {
                if let Some(partition) = state.current(&w.key, w.generation) {
                    partition.in_flight = true;
                    partition.topic_id = Some(w.topic_id);
                }
            }
            drop(state);
            let client = self.client.clone();
            let options = self.options.clone();
            let connection_lane = self.lanes[lane];
            self.jobs.push(Box::pin(async move {
                let outcome = request(&client, &options, node, connection_lane, &wanted).await;
                Done::Answer { node, lane, wanted, outcome }
            }));
        }
        wake
    }

    #[expect(clippy::type_complexity, reason = "used once, by the caller above")]
    fn plan(&mut self) -> (BTreeMap<i32, Vec<Wanted>>, Vec<Arc<str>>, Option<Instant>) {
        let mut state = self.shared.state.lock();
        let mut by_node: BTreeMap<i32, Vec<Wanted>> = BTreeMap::new();
        let mut unresolved = BTreeSet::new();
        let mut recreated = Vec::new();
        let mut wake: Option<Instant> = None;
        if state.buffered() >= self.options.prefetch_bytes {
            return (by_node, Vec::new(), None);
        }
        let now = Instant::now();
        for (key, p) in &state.partitions {
            if p.paused || p.in_flight || p.stopped {
                continue;
            }
            if let Some(at) = p.retry_at.filter(|at| *at > now) {
                wake = Some(wake.map_or(at, |w| w.min(at)));
                continue;
            }
            let topic = self.client.cached(&key.0);
            let leader = topic.as_ref().and_then(|t| {
                let leader = usize::try_from(key.1).ok().and_then(|i| t.leaders.get(i))?;
                leader.map(|l| (l.node, t.id))
            });
            match leader {
                None => {
                    unresolved.insert(key.0.clone());
                }
                Some((_, id)) if p.topic_id.is_some_and(|known| known != id) => {
                    recreated.push(key.clone());
                }
                Some((node, topic_id)) => by_node.entry(node).or_default().push(Wanted {
                    key: key.clone(),
                    offset: p.offset,
                    generation: p.generation,
                    topic_id,
                }),
            }
        }
        for key in recreated {
            let operation = format!("fetch from {}-{}: the topic was deleted and created again", key.0, key.1);
            state.stop(&key, Error::broker(operation, UNKNOWN_TOPIC_ID));
            self.shared.arrived.notify_one();
        }
        // A broker fills an answer in the order asked; take turns at the front.
        self.turn = self.turn.wrapping_add(1);
        for wanted in by_node.values_mut() {
            let by = self.turn % wanted.len();
            wanted.rotate_left(by);
        }
        (by_node, unresolved.into_iter().collect(), wake)
    }

    fn handle(&mut self, done: Done) {
        match done {
            Done::Answer { node, lane, wanted, outcome } => {
                if let Some(busy) = self.busy.get_mut(&node) {
                    busy[lane] = false;
                }
                self.answered(wanted, outcome);
            }
            Done::Resolved { topics, outcome } => {
                self.resolving = false;
                let keys: Vec<(Key, u64)> = self
                    .shared
                    .state
                    .lock()
                    .partitions
                    .iter()
                    .filter(|(key, p)| topics.contains(&key.0) && !p.in_flight && !p.stopped)
                    .filter(|(key, _)| !self.has_leader(key))
                    .map(|(key, p)| (key.clone(), p.generation))
                    .collect();
                let error =
                    outcome.err().unwrap_or_else(|| Error::broker("metadata: a partition has no leader", ErrorCode(5)));
                for (key, generation) in keys {
                    self.failed(&key, generation, error.clone());
                }
            }
            Done::Bounds { wanted, outcome } => {
                let (topic, partition) = wanted.key.clone();
                let error = match outcome {
                    Ok((log_start, log_end)) => {
                        Error::OffsetOutOfRange { topic, partition, offset: wanted.offset, log_start, log_end }
                    }
                    Err(error) => error,
                };
                let mut state = self.shared.state.lock();
                if state.current(&wanted.key, wanted.generation).is_some() {
                    state.stop(&wanted.key, error);
                }
            }
        }
        self.shared.arrived.notify_one();
    }

    fn has_leader(&self, key: &Key) -> bool {
        let slot = usize::try_from(key.1).ok();
        self.client.cached(&key.0).is_some_and(|t| slot.and_then(|i| t.leaders.get(i).copied()).flatten().is_some())
    }

    fn answered(&mut self, wanted: Vec<Wanted>, outcome: Result<Vec<PartitionAnswer>>) {
        {
            let mut state = self.shared.state.lock();
            for w in &wanted {
                if let Some(partition) = state.current(&w.key, w.generation) {
                    partition.in_flight = false;
                }
            }
        }
        let answers = match outcome {
            Ok(answers) => answers,
            Err(error) => {
                for w in &wanted {
                    self.client.cache().forget_topic(&w.key.0);
                    self.failed(&w.key, w.generation, error.clone());
                }
                return;
            }
        };
        if answers.iter().all(|answer| answer.records.is_empty()) {
            self.buffers.clear();
        }
        for answer in answers {
            let asked = wanted.iter().find(|w| {
                w.key.1 == answer.partition
                    && if answer.topic.is_empty() { w.topic_id == answer.topic_id } else { *w.key.0 == *answer.topic }
            });
            if let Some(asked) = asked {
                self.partition(asked, answer);
            }
        }
    }

    fn partition(&mut self, asked: &Wanted, answer: PartitionAnswer) {
        let (topic, partition) = &asked.key;
        match ErrorCode::from_wire(answer.error_code) {
            None => {}
            Some(code) if code.kind() == ErrorKind::OffsetOutOfRange => {
                self.find_bounds(asked.clone());
                return;
            }
            Some(code) => {
                self.client.cache().forget_topic(topic);
                let error = Error::broker(format!("fetch from {topic}-{partition}"), code);
                self.failed(&asked.key, asked.generation, error);
                return;
            }
        }
        let options = DecodeOptions {
            from_offset: asked.offset,
            isolation: self.options.isolation,
            aborted: &answer.aborted,
            last_stable_offset: answer.last_stable_offset,
            check_crc: self.options.check_crc,
            buffers: Some(&self.buffers),
            ..DecodeOptions::default()
        };
        let decoded = decode_records(answer.records, &options);
        let mut state = self.shared.state.lock();
        let Some(current) = state.current(&asked.key, asked.generation) else { return };
        current.failing_since = None;
        current.retry_at = None;
        match decoded {
            Ok(records) => {
                current.offset = records.next_offset();
                state.note(&asked.key, answer.high_watermark, answer.last_stable_offset);
                if records.next_offset() == asked.offset {
                    return;
                }
                let fetched = Fetched {
                    topic: topic.clone(),
                    partition: *partition,
                    records,
                    high_watermark: answer.high_watermark,
                    last_stable_offset: answer.last_stable_offset,
                    log_start_offset: answer.log_start_offset,
                };
                state.deliver(&asked.key, fetched);
            }
            Err(error) => {
                let error = Error::Corrupt {
                    topic: topic.clone(),
                    partition: *partition,
                    offset: error.offset,
                    problem: error.problem,
                };
                state.stop(&asked.key, error);
            }
        }
    }

    /// Tries the partition again later, or gives up on it.
    fn failed(&mut self, key: &Key, generation: u64, error: Error) {
        let config = self.client.config();
        let mut state = self.shared.state.lock();
        let Some(partition) = state.current(key, generation) else { return };
        let since = *partition.failing_since.get_or_insert_with(Instant::now);
        if !error.is_retriable() {
            state.stop(key, error);
        } else if since.elapsed() >= config.api_timeout {
            let error = Error::TimedOut {
                operation: format!("fetch from {}-{}", key.0, key.1),
                after: since.elapsed(),
                last: Some(Arc::new(error)),
            };
            state.stop(key, error);
        } else {
            tracing::debug!(topic = %key.0, partition = key.1, %error, "fetch is tried again");
            let pause = config.retry_backoff.max(since.elapsed() / 2).min(config.retry_backoff_max);
            partition.retry_at = Some(Instant::now() + pause);
        }
    }

    // Keeps the partition marked as asked for until the bounds are known.
    fn find_bounds(&mut self, wanted: Wanted) {
        if let Some(p) = self.shared.state.lock().current(&wanted.key, wanted.generation) {
            p.in_flight = true;
        }
        let client = self.client.clone();
        let isolation = self.options.isolation;
        self.jobs.push(Box::pin(async move {
            let key = [wanted.key.clone()];
            let outcome = async {
                let earliest = client.list_offsets(&key, OffsetSpec::Earliest, isolation).await?;
                let latest = client.list_offsets(&key, OffsetSpec::Latest, isolation).await?;
                let offset = |found: &[crate::ListedOffset]| found.first().and_then(|o| o.offset);
                Ok((offset(&earliest).unwrap_or(0), offset(&latest).unwrap_or(0)))
            };
            let outcome = outcome.await;
            Done::Bounds { wanted, outcome }
        }));
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        for lane in self.lanes {
            self.client.close_lane(lane);
        }
    }
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

async fn resolve(client: Client, topics: Vec<Arc<str>>) -> Done {
    let names: Vec<&str> = topics.iter().map(|t| &**t).collect();
    for name in &names {
        client.cache().forget_topic(name);
    }
    let outcome = client.refresh_once(&names).await;
    Done::Resolved { topics, outcome }
}

async fn request(
    client: &Client,
    options: &FetcherOptions,
    node: i32,
    lane: Lane,
    wanted: &[Wanted],
) -> Result<Vec<PartitionAnswer>> {
    let connection = client.node(node, lane).await?;
    let ids = wanted.iter().all(|w| !w.topic_id.is_nil());
    let newest = if ids { FETCH_VERSION } else { TOPIC_IDS - 1 };
    let version = connection.version::<FetchRequest>(FIRST_VERSION, newest)?;
    let mut topics: Vec<FetchTopic> = Vec::new();
    let mut index: HashMap<&Arc<str>, usize> = HashMap::new();
    for w in wanted {
        let at = *index.entry(&w.key.0).or_insert_with(|| {
            let topic = FetchTopic::default();
            topics.push(if version >= TOPIC_IDS {
                topic.with_topic_id(w.topic_id)
            } else {
                topic.with_topic(topic_name(&w.key.0))
            });
            topics.len() - 1
        });
        topics[at].partitions.push(
            FetchPartition::default()
                .with_partition(w.key.1)
                .with_current_leader_epoch(-1)
                .with_fetch_offset(w.offset)
                .with_last_fetched_epoch(-1)
                .with_log_start_offset(-1)
                .with_partition_max_bytes(options.partition_max_bytes),
        );
    }
    let request = FetchRequest::default()
        .with_replica_id(BrokerId(-1))
        .with_max_wait_ms(i32::try_from(options.max_wait.as_millis()).unwrap_or(i32::MAX))
        .with_min_bytes(options.min_bytes)
        .with_max_bytes(options.max_bytes)
        .with_isolation_level(options.isolation as i8)
        .with_session_id(0)
        .with_session_epoch(-1)
        .with_topics(topics);
    let pending = connection.start(&request, version)?;
    let patience: Duration = client.config().request_timeout + options.max_wait;
    let answer = connection.finish(pending, patience).await?;
    let answer = decode_fetch_answer(answer, version)
        .ok_or_else(|| connection.malformed("Fetch", "it is cut off or damaged".to_owned()))?;
    check(answer.error_code, || format!("fetch from broker {node}"))?;
    Ok(answer.partitions)
}
