//! [`KafkaSink`]: rows of one sink subtask into one transaction per checkpoint.
//!
//! Rows collect in one batch per partition, sent when large or at the barrier: nobody who reads committed data could see them
//! earlier. What is sent is kept as well, spilled into checkpoint files, until the transaction is confirmed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use nutkin_kafka::{BatchBuilder, Compression, RawBatch};
use nutkin_state::FileRef;
use nutkin_state::lineage::FileWriter;
use nutkin_types::Batch;

use crate::clock::Clock;
use crate::cluster::{Cluster, TransactionWriter};
use crate::commit::{PreparedTransaction, SLOTS, marker_group, transactional_id};
use crate::error::{Failure, Result};
use crate::sink::kept;
use crate::sink::record::RecordEncoder;
use crate::telemetry::Telemetry;

/// A batch is closed at this size, below the smallest usual `max.message.bytes`.
const BATCH_BYTES: usize = 512 << 10;
/// Open batches are sent when they hold this much together.
const SEND_BYTES: usize = 1 << 20;
/// Kept batches go to a file when they hold this much.
const SPILL_BYTES: usize = 4 << 20;

pub(crate) struct KafkaSinkOptions {
    pub statement_uid: String,
    /// Position of the sink among the plan's sinks.
    pub sink: usize,
    pub subtask: u32,
    pub cluster_id: String,
    pub cluster: Arc<dyn Cluster>,
    pub topic: String,
    pub compression: Compression,
    pub encoder: RecordEncoder,
    pub transaction_timeout: Duration,
    /// Checkpoint that the next rows belong to.
    pub epoch: u64,
    pub files: FileWriter,
    /// Makes file names of this attempt unlike those of others.
    pub file_prefix: String,
    /// Marker known to be committed for this sink subtask.
    pub previous_marker: Option<u64>,
    pub clock: Arc<dyn Clock>,
    pub telemetry: Arc<Telemetry>,
    pub plan_node: usize,
}

pub(crate) struct KafkaSink {
    options: KafkaSinkOptions,
    builders: BTreeMap<i32, BatchBuilder>,
    /// Bytes in the builders.
    open_bytes: usize,
    /// Writers by slot; the current one has its transaction open when `begun`.
    writers: BTreeMap<u64, Box<dyn TransactionWriter>>,
    begun: bool,
    kept: Vec<(i32, RawBatch)>,
    kept_bytes: usize,
    files: Vec<FileRef>,
    file_count: u64,
}

impl KafkaSink {
    pub fn new(options: KafkaSinkOptions) -> KafkaSink {
        KafkaSink {
            options,
            builders: BTreeMap::new(),
            open_bytes: 0,
            writers: BTreeMap::new(),
            begun: false,
            kept: Vec::new(),
            kept_bytes: 0,
            files: Vec::new(),
            file_count: 0,
        }
    }

    pub async fn write(&mut self, batch: &Batch) -> Result<()> {
        let mut full = Vec::new();
        let now = self.options.clock.now_millis();
        let KafkaSink { options, builders, open_bytes, .. } = self;
        options.encoder.encode(batch, now, &mut |partition, record| {
            let builder = builders.entry(partition).or_insert_with(|| BatchBuilder::new(options.compression));
            let before = builder.size();
            builder.append(record.timestamp, record.key, record.value, record.headers)?;
            *open_bytes += builder.size() - before;
            if builder.size() >= BATCH_BYTES {
                *open_bytes = open_bytes.saturating_sub(builder.size());
                full.extend(builder.build()?.map(|raw| (partition, raw)));
            }
            Ok(())
        })?;
        if !full.is_empty() {
            self.send(full).await?;
        }
        if self.open_bytes >= SEND_BYTES { self.send_open().await } else { Ok(()) }
    }

    async fn send_open(&mut self) -> Result<()> {
        let mut batches = Vec::new();
        for (partition, builder) in &mut self.builders {
            batches.extend(builder.build()?.map(|raw| (*partition, raw)));
        }
        self.open_bytes = 0;
        if batches.is_empty() { Ok(()) } else { self.send(batches).await }
    }

    async fn send(&mut self, batches: Vec<(i32, RawBatch)>) -> Result<()> {
        let bytes: usize = batches.iter().map(|(_, batch)| batch.size()).sum();
        let counters = &self.options.telemetry.nodes[self.options.plan_node];
        counters.bytes.fetch_add(bytes as u64, std::sync::atomic::Ordering::Relaxed);
        self.begin().await?;
        self.kept.extend(batches.iter().cloned());
        self.kept_bytes += bytes;
        if self.kept_bytes >= SPILL_BYTES {
            self.spill().await?;
        }
        let topic = self.options.topic.clone();
        self.writer()?.produce(&topic, batches).await
    }

    fn slot(&self) -> u64 {
        self.options.epoch % SLOTS
    }

    fn writer(&mut self) -> Result<&mut Box<dyn TransactionWriter>> {
        let slot = self.slot();
        self.writers.get_mut(&slot).ok_or_else(|| Failure::internal("a sink without an open transaction"))
    }

    /// Opens this epoch's transaction when its first batch comes; an epoch without rows has none.
    async fn begin(&mut self) -> Result<()> {
        if self.begun {
            return Ok(());
        }
        let slot = self.slot();
        match self.writers.get_mut(&slot) {
            Some(writer) => writer.begin_next().await?,
            None => {
                let options = &self.options;
                let id = transactional_id(&options.statement_uid, options.sink, options.subtask, slot);
                let writer = options.cluster.begin(&id, options.transaction_timeout).await?;
                self.writers.insert(slot, writer);
            }
        }
        self.begun = true;
        Ok(())
    }

    async fn spill(&mut self) -> Result<()> {
        let content = kept::encode(&self.kept);
        let options = &self.options;
        let name = format!(
            "{}-{:010}-kept-{}-{}-{}",
            options.file_prefix, options.epoch, options.sink, options.subtask, self.file_count
        );
        self.files.push(options.files.write(&name, content).await?);
        self.file_count += 1;
        self.kept.clear();
        self.kept_bytes = 0;
        Ok(())
    }

    /// Ends the writing of `epoch`: all records and the marker are acknowledged, the batches are kept in files.
    pub async fn prepare(&mut self, epoch: u64) -> Result<Option<PreparedTransaction>> {
        if epoch != self.options.epoch {
            return Err(Failure::internal(format!("barrier {epoch} at a sink in epoch {}", self.options.epoch)));
        }
        self.send_open().await?;
        let mut prepared = None;
        if self.begun {
            let (uid, sink, subtask) = (&self.options.statement_uid, self.options.sink, self.options.subtask);
            let id = transactional_id(uid, sink, subtask, self.slot());
            let group = marker_group(uid, sink, subtask);
            let topic = self.options.topic.clone();
            let writer = self.writer()?;
            writer.mark(&group, &topic, epoch).await?;
            writer.flush().await?;
            let identity = writer.identity();
            if !self.kept.is_empty() {
                self.spill().await?;
            }
            prepared = Some(PreparedTransaction {
                cluster_id: self.options.cluster_id.clone(),
                topic,
                transactional_id: id,
                producer_id: identity.producer_id,
                producer_epoch: identity.epoch,
                group,
                epoch,
                previous_marker: self.options.previous_marker,
                batches: std::mem::take(&mut self.files),
            });
            self.options.previous_marker = Some(epoch);
            self.begun = false;
        }
        self.options.epoch = epoch + 1;
        self.file_count = 0;
        Ok(prepared)
    }
}
