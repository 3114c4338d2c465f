//! [`KafkaSource`]: some partitions of a topic into batches with watermarks.
//!
//! Every partition keeps its position, its watermark and when it last had events. The subtask's watermark is the smallest of
//! its partitions that are not idle; it is sent every 200 ms, and after every batch during the first 200 ms. Partitions are
//! dealt to subtasks by number; new ones are looked for now and then. Partitions that are too far ahead of others in event time
//! are paused ([`aligning`]).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use nutkin_kafka::{IsolationLevel, OffsetSpec};
use nutkin_plan::table::{BoundedMode, StartupMode};
use nutkin_types::Batch;
use serde::Deserialize;

use crate::clock::Clock;
use crate::cluster::{Cluster, FetchError, Fetched, ReadOptions, Reader};
use crate::error::{Failure, FailureKind, RecordPosition, Result};
use crate::job::context::SchemaSource;
use crate::job::metrics::{NO_WATERMARK, PartitionMetrics};
use crate::runtime::element::END_OF_TIME;
use crate::source::alignment::Seat;
use crate::source::record::{DecodeStop, RecordDecoder, Wanted};
use crate::source::startup;
use crate::source::watermark::{Idleness, WARM_UP_EVENTS};
use crate::source::{Source, SourceEvent};
use crate::telemetry::{PartitionProgress, Telemetry};

mod aligning;
mod partition;

use aligning::Aligning;
use partition::Partition;
pub(crate) use partition::{PartitionState, WatermarkRule};

pub(crate) struct KafkaSourceOptions {
    pub table: String,
    pub topic: String,
    pub registry_id: String,
    pub cluster: Arc<dyn Cluster>,
    pub schemas: Arc<dyn SchemaSource>,
    pub clock: Arc<dyn Clock>,
    pub telemetry: Arc<Telemetry>,
    pub plan_node: usize,
    pub subtask: u32,
    pub parallelism: u32,
    pub isolation: IsolationLevel,
    pub startup: StartupMode,
    pub bounded: BoundedMode,
    pub decoder: RecordDecoder,
    pub watermark: Option<WatermarkRule>,
    pub idleness: Idleness,
    /// None when nobody has to wait for others, or this source makes no watermarks.
    pub seat: Option<Seat>,
    pub watermark_interval: Duration,
    pub discovery_interval: Duration,
    pub batch_rows: usize,
    pub buffer_bytes: usize,
    pub warn: Arc<dyn Fn(String) + Send + Sync>,
}

pub(crate) struct KafkaSource {
    options: KafkaSourceOptions,
    reader: Box<dyn Reader>,
    partitions: BTreeMap<i32, Partition>,
    /// Records being decoded, and how many rows of them are done.
    pending: Option<(Fetched, usize)>,
    events: VecDeque<SourceEvent>,
    emitted: i64,
    idle: bool,
    ended: bool,
    aligning: Option<Aligning>,
    started_at: i64,
    /// When this source was last given time to read.
    polled_at: i64,
    next_tick: i64,
    next_discovery: i64,
}

impl KafkaSource {
    /// Reads this subtask's share of the partitions, from the checkpoint where it has them.
    pub async fn start(mut options: KafkaSourceOptions, restored: &[serde_json::Value]) -> Result<KafkaSource> {
        let read = ReadOptions { isolation: options.isolation, buffer_bytes: options.buffer_bytes };
        let reader = options.cluster.reader(&options.topic, read).await?;
        let now = options.clock.now_millis();
        let discovery = options.discovery_interval.as_millis() as i64;
        let mut source = KafkaSource {
            reader,
            partitions: BTreeMap::new(),
            pending: None,
            events: VecDeque::new(),
            emitted: i64::MIN,
            idle: false,
            ended: false,
            aligning: options.seat.take().map(Aligning::new),
            started_at: now,
            polled_at: now,
            next_tick: now,
            next_discovery: if discovery > 0 { now + discovery } else { i64::MAX },
            options,
        };
        let mut states = BTreeMap::new();
        for state in restored {
            let state = Vec::<PartitionState>::deserialize(state)
                .map_err(|error| Failure::new(FailureKind::Incompatible, format!("source positions: {error}")))?;
            states.extend(state.into_iter().map(|state| (state.partition, state)));
        }
        let first_start = restored.is_empty();
        source.add_partitions(&mut states, first_start).await?;
        source.settle();
        source.align();
        Ok(source)
    }

    fn is_mine(&self, partition: i32) -> bool {
        partition.rem_euclid(self.options.parallelism as i32) == self.options.subtask as i32
    }

    /// Takes up every partition of ours that is not read yet. One that appears later begins at its first record.
    async fn add_partitions(&mut self, states: &mut BTreeMap<i32, PartitionState>, first_start: bool) -> Result<()> {
        let options = &self.options;
        let all = options.cluster.partitions(&options.topic).await?;
        let mine: Vec<i32> =
            all.into_iter().filter(|&p| self.is_mine(p) && !self.partitions.contains_key(&p)).collect();
        let new: Vec<i32> = mine.iter().copied().filter(|p| !states.contains_key(p)).collect();
        let mode = if first_start { &options.startup } else { &StartupMode::EarliestOffset };
        let (cluster, topic) = (&*options.cluster, &options.topic);
        let starts = match new.is_empty() {
            true => BTreeMap::new(),
            false => startup::start_offsets(cluster, topic, &new, mode, options.isolation).await?,
        };
        let stops = match new.is_empty() {
            true => BTreeMap::new(),
            false => startup::stop_offsets(cluster, topic, &new, &options.bounded, options.isolation).await?,
        };
        // An empty partition gives no answer that would tell so soon.
        let ends: BTreeMap<i32, i64> = match self.aligning.is_some() && !mine.is_empty() {
            true => {
                let ends = cluster.offsets(topic, &mine, OffsetSpec::Latest, options.isolation).await?;
                mine.iter().copied().zip(ends).filter_map(|(partition, end)| Some((partition, end?))).collect()
            }
            false => BTreeMap::new(),
        };
        let now = options.clock.now_millis();
        for partition in mine {
            let state = states.remove(&partition).unwrap_or_else(|| PartitionState {
                partition,
                offset: starts.get(&partition).copied().unwrap_or(0),
                stop: stops.get(&partition).copied(),
                default_watermark: None,
                largest: None,
                idle: false,
            });
            let mut added = Partition::new(state, options.watermark.as_ref(), now);
            added.end_offset = ends.get(&partition).copied().unwrap_or(-1);
            if !added.is_done() {
                self.reader.assign(partition, added.offset);
            }
            self.partitions.insert(partition, added);
        }
        Ok(())
    }

    /// Decodes the next rows of the records at hand.
    async fn decode_pending(&mut self) -> Result<()> {
        let Some((fetched, done)) = self.pending.take() else { return Ok(()) };
        let partition = fetched.partition;
        let Some(state) = self.partitions.get_mut(&partition) else { return Ok(()) };
        state.end_offset = fetched.end_offset;
        let limit = match state.stop {
            Some(stop) => fetched.records.offsets().partition_point(|&offset| offset < stop),
            None => fetched.records.len(),
        };
        let end = limit.min(done + self.options.batch_rows.max(1));
        if done >= end {
            self.finish_fetched(partition, &fetched);
            return Ok(());
        }
        let outcome = self.options.decoder.decode(&fetched.records, done..end, partition);
        let next_offset = fetched.records.offsets()[end - 1] + 1;
        match outcome {
            Ok(decoded) => {
                let bytes = fetched.records.memory() * (end - done) / fetched.records.len().max(1);
                let counters = &self.options.telemetry.nodes[self.options.plan_node];
                counters.bytes.fetch_add(bytes as u64, std::sync::atomic::Ordering::Relaxed);
                counters.ignored.fetch_add(decoded.ignored, std::sync::atomic::Ordering::Relaxed);
                if end >= limit {
                    self.finish_fetched(partition, &fetched);
                } else {
                    self.pending = Some((fetched, end));
                }
                self.take_rows(partition, decoded.batch, next_offset)
            }
            Err(DecodeStop::Missing(missing)) => {
                // Kept before waiting: this call may be dropped meanwhile.
                self.pending = Some((fetched, done));
                let subject = self.options.decoder.subject(missing);
                let (schemas, registry) = (&self.options.schemas, &self.options.registry_id);
                let schema = match missing.schema {
                    Wanted::Id(id) => schemas.schema(registry, subject, id).await?,
                    Wanted::Guid(guid) => schemas.schema_of_guid(registry, subject, guid).await?,
                };
                self.options.decoder.add_schema(missing, schema);
                Ok(())
            }
            Err(DecodeStop::Failed(failure)) => Err(failure),
        }
    }

    /// All wanted records of an answer are done: the position also passes what delivered nothing.
    fn finish_fetched(&mut self, partition: i32, fetched: &Fetched) {
        let Some(state) = self.partitions.get_mut(&partition) else { return };
        let next = fetched.records.next_offset();
        state.offset = state.offset.max(state.stop.map_or(next, |stop| next.min(stop)));
        if state.is_done() {
            self.reader.unassign(partition);
        }
    }

    fn take_rows(&mut self, partition: i32, batch: Batch, next_offset: i64) -> Result<()> {
        let now = self.options.clock.now_millis();
        let Some(state) = self.partitions.get_mut(&partition) else { return Ok(()) };
        state.offset = state.offset.max(next_offset);
        if batch.num_rows() > 0 {
            state.last_event_at = now;
            state.events += batch.num_rows() as u64;
            state.observe(self.options.watermark.as_ref(), &batch, now, self.emitted)?;
            state.idle = false;
            if std::mem::replace(&mut self.idle, false) {
                self.events.push_back(SourceEvent::Active);
            }
            self.events.push_back(SourceEvent::Batch(batch));
        }
        // "During the first 200 ms per row" (spec 2.6): here per batch.
        if now - self.started_at < self.options.watermark_interval.as_millis() as i64 {
            self.emit_watermark(now);
        }
        Ok(())
    }

    /// Sends the subtask's watermark if it has risen, and idleness when it has changed.
    fn emit_watermark(&mut self, now: i64) {
        if self.options.watermark.is_none() {
            return;
        }
        let timeout = self.options.idleness.timeout(now);
        let mut smallest = Some(i64::MAX);
        let mut active = 0;
        for partition in self.partitions.values_mut().filter(|partition| !partition.is_done()) {
            partition.check_idle(timeout, now);
            partition.update_watermark();
            if !partition.idle {
                active += 1;
                smallest = smallest.min(partition.current);
            }
        }
        let all_done = self.partitions.values().all(Partition::is_done);
        if active == 0 {
            if !all_done && !std::mem::replace(&mut self.idle, true) {
                self.events.push_back(SourceEvent::Idle);
            }
            return;
        }
        if let Some(watermark) = smallest.filter(|&watermark| watermark > self.emitted) {
            self.emitted = watermark;
            self.events.push_back(SourceEvent::Watermark(watermark));
            self.options.telemetry.nodes[self.options.plan_node].set_watermark(self.options.subtask, watermark);
        }
    }

    fn report(&self) {
        let is_default = matches!(self.options.watermark, Some(WatermarkRule::Default(_)));
        let counters = &self.options.telemetry.nodes[self.options.plan_node];
        for (&partition, state) in &self.partitions {
            let end = state.stop.unwrap_or(state.end_offset);
            counters.set_partition(PartitionProgress {
                pending: Some((end - state.offset).max(0)),
                metrics: PartitionMetrics {
                    partition,
                    position: state.offset,
                    watermark: state.current.unwrap_or(NO_WATERMARK),
                    idle: state.idle,
                    blocked: state.blocked,
                    events_seen: state.events,
                    events_needed: is_default.then_some(WARM_UP_EVENTS),
                },
            });
        }
    }

    async fn on_tick(&mut self) -> Result<()> {
        let now = self.options.clock.now_millis();
        self.next_tick = now + self.options.watermark_interval.as_millis().max(1) as i64;
        for (&partition, state) in &mut self.partitions {
            state.end_offset = state.end_offset.max(self.reader.end_offset(partition).unwrap_or(-1));
        }
        self.emit_watermark(now);
        self.report();
        if now >= self.next_discovery {
            self.next_discovery = now + self.options.discovery_interval.as_millis() as i64;
            self.add_partitions(&mut BTreeMap::new(), false).await?;
        }
        Ok(())
    }

    /// Time during which nobody asked for events (the subtask waited for room downstream) does not make partitions idle.
    fn check_absence(&mut self) {
        let now = self.options.clock.now_millis();
        let absent = now - std::mem::replace(&mut self.polled_at, now);
        if absent > 2 * self.options.watermark_interval.as_millis() as i64 {
            self.partitions.values_mut().for_each(|partition| partition.last_event_at += absent);
        }
    }

    /// Ends when every partition of a bounded table is read, and at once for a bounded subtask without partitions.
    fn settle(&mut self) {
        let bounded = self.options.bounded != BoundedMode::Unbounded;
        if bounded && !self.ended && self.partitions.values().all(Partition::is_done) && self.pending.is_none() {
            self.ended = true;
            self.report();
            self.events.push_back(SourceEvent::Watermark(END_OF_TIME));
            self.events.push_back(SourceEvent::End);
        }
        if !bounded && self.partitions.is_empty() && !self.idle {
            // More subtasks than partitions: nothing here may hold the watermark back.
            self.idle = true;
            self.events.push_back(SourceEvent::Idle);
        }
    }

    fn on_fetch_error(&mut self, error: FetchError) -> Result<()> {
        let table = self.options.table.clone();
        match error {
            FetchError::OutOfRange { partition, offset, log_start, log_end } => {
                let restart = if offset < log_start { log_start } else { log_end };
                (self.options.warn)(format!(
                    "offset {offset} of partition {partition} of {table} is no longer in the topic; reading goes on at \
                     {restart}. Raise the topic's retention if records must not be missed"
                ));
                let is_held = self.is_held(partition);
                self.reader.assign(partition, restart);
                if let Some(state) = self.partitions.get_mut(&partition) {
                    // Records that alignment holds back come before the gap and are still to be read.
                    if !is_held {
                        state.offset = restart;
                    }
                    self.reader.pause(partition, state.blocked);
                }
                Ok(())
            }
            FetchError::Corrupt { partition, offset, problem } => Err(Failure::new(
                FailureKind::Deserialization,
                format!("a record batch cannot be read: {problem}. Check the broker's log"),
            )
            .at(RecordPosition { table, partition, offset })),
            FetchError::Failed(failure) => Err(failure),
        }
    }
}

#[async_trait]
impl Source for KafkaSource {
    async fn next(&mut self) -> Result<SourceEvent> {
        loop {
            self.check_absence();
            // Before anything is handed out: the last call of all must have told that nobody needs to wait any more.
            self.align();
            if let Some(event) = self.events.pop_front() {
                return Ok(event);
            }
            if self.ended {
                return std::future::pending().await;
            }
            if self.pending.is_some() {
                self.decode_pending().await?;
            } else {
                let wait = (self.next_tick - self.options.clock.now_millis()).max(0) as u64;
                let tick = self.options.clock.sleep(Duration::from_millis(wait));
                tokio::select! {
                    biased;
                    () = tick => self.on_tick().await?,
                    () = Aligning::changed(&mut self.aligning) => continue,
                    fetched = self.reader.next() => match fetched {
                        Ok(fetched) => self.pending = Some((fetched, 0)),
                        Err(error) => self.on_fetch_error(error)?,
                    },
                }
            }
            if self.options.clock.now_millis() >= self.next_tick && self.pending.is_some() {
                self.on_tick().await?;
            }
            self.settle();
        }
    }

    fn snapshot(&mut self) -> Result<serde_json::Value> {
        let states = self.partitions.iter().map(|(&partition, state)| state.state(partition));
        serde_json::to_value(states.collect::<Vec<_>>()).map_err(|error| Failure::internal(error.to_string()))
    }
}
