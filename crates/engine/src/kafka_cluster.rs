//! [`KafkaCluster`]: the engine's [`Cluster`] on the Kafka client.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use nutkin_kafka::{
    Assignment, Client, CommittedOffset, EndOutcome as KafkaEnd, ErrorKind, Fetcher, FetcherOptions, IsolationLevel,
    OffsetSpec, PartitionBatch, ProducerIdentity, RawBatch, TransactionalProducer, end_transaction, fence,
    fetch_committed_offsets, list_transactions,
};
use std::collections::{BTreeSet, VecDeque};

use crate::cluster::{Cluster, EndOutcome, FetchError, Fetched, ReadOptions, Reader, TransactionWriter};
use crate::error::{Failure, FailureKind, Result};

/// Time-out that a transactional id gets while it is only fenced.
const FENCE_TIMEOUT: Duration = Duration::from_secs(60);
/// How long one poll of the fetcher waits.
const POLL: Duration = Duration::from_secs(5);

/// A cluster behind a client. The client is shared by all jobs that use the cluster.
#[derive(Debug, Clone)]
pub struct KafkaCluster {
    client: Client,
}

impl KafkaCluster {
    pub fn new(client: Client) -> KafkaCluster {
        KafkaCluster { client }
    }
}

/// The class of a client error (spec S002-068): what is gone or forbidden is the user's, the rest the system's.
impl From<nutkin_kafka::Error> for Failure {
    fn from(error: nutkin_kafka::Error) -> Failure {
        let kind = match error.kind() {
            ErrorKind::NotFound | ErrorKind::Authorization | ErrorKind::Authentication => FailureKind::ResourceLost,
            ErrorKind::InvalidInput => FailureKind::Serialization,
            ErrorKind::Unsupported => FailureKind::Unsupported,
            _ => FailureKind::Unreachable,
        };
        Failure { cause_code: Some(error.code().to_owned()), ..Failure::new(kind, error.to_string()) }
    }
}

#[async_trait]
impl Cluster for KafkaCluster {
    async fn partitions(&self, topic: &str) -> Result<Vec<i32>> {
        Ok(self.client.partitions(topic).await?)
    }

    async fn offsets(
        &self,
        topic: &str,
        partitions: &[i32],
        spec: OffsetSpec,
        isolation: IsolationLevel,
    ) -> Result<Vec<Option<i64>>> {
        let topic: Arc<str> = topic.into();
        let wanted: Vec<(Arc<str>, i32)> = partitions.iter().map(|&p| (topic.clone(), p)).collect();
        let listed = self.client.list_offsets(&wanted, spec, isolation).await?;
        Ok(listed.into_iter().map(|listed| listed.offset).collect())
    }

    async fn reader(&self, topic: &str, options: ReadOptions) -> Result<Box<dyn Reader>> {
        let fetcher_options = FetcherOptions {
            isolation: options.isolation,
            prefetch_bytes: options.buffer_bytes,
            ..FetcherOptions::default()
        };
        let fetcher = Fetcher::new(&self.client, fetcher_options);
        let (isolation, ready, paused) = (options.isolation, VecDeque::new(), BTreeSet::new());
        Ok(Box::new(KafkaReader { topic: topic.into(), fetcher, isolation, ready, paused }))
    }

    async fn begin(&self, transactional_id: &str, timeout: Duration) -> Result<Box<dyn TransactionWriter>> {
        let producer = TransactionalProducer::init(&self.client, transactional_id, timeout).await?;
        Ok(Box::new(KafkaTransaction { client: self.client.clone(), producer, timeout }))
    }

    async fn commit(&self, transactional_id: &str, identity: ProducerIdentity) -> Result<EndOutcome> {
        match end_transaction(&self.client, transactional_id, identity, true).await? {
            KafkaEnd::Committed(_) => Ok(EndOutcome::Committed),
            KafkaEnd::Unclear(error) => Err(Failure::new(FailureKind::Unreachable, error.to_string())),
            KafkaEnd::Aborted(_) | KafkaEnd::Fenced | KafkaEnd::InvalidState | KafkaEnd::UnknownId => {
                Ok(EndOutcome::Refused)
            }
        }
    }

    async fn fence(&self, transactional_id: &str) -> Result<()> {
        fence(&self.client, transactional_id, FENCE_TIMEOUT).await?;
        Ok(())
    }

    async fn open_transactions(&self, prefix: &str) -> Result<Vec<String>> {
        let listed = list_transactions(&self.client, prefix).await?;
        let open = |state: &str| matches!(state, "Ongoing" | "PrepareCommit" | "PrepareAbort" | "PrepareEpochFence");
        Ok(listed.into_iter().filter(|t| open(&t.state)).map(|t| t.transactional_id).collect())
    }

    async fn marker(&self, group: &str, topic: &str) -> Result<Option<u64>> {
        let offsets = fetch_committed_offsets(&self.client, group, true).await?;
        let ours = offsets.iter().find(|o| &*o.topic == topic && o.partition == 0);
        Ok(ours.and_then(|o| u64::try_from(o.offset).ok()))
    }
}

struct KafkaReader {
    topic: Arc<str>,
    fetcher: Fetcher,
    isolation: IsolationLevel,
    ready: VecDeque<nutkin_kafka::Fetched>,
    paused: BTreeSet<i32>,
}

#[async_trait]
impl Reader for KafkaReader {
    async fn next(&mut self) -> Result<Fetched, FetchError> {
        loop {
            let next = self.ready.iter().position(|fetched| !self.paused.contains(&fetched.partition));
            if let Some(fetched) = next.and_then(|next| self.ready.remove(next)) {
                let end_offset = match self.isolation {
                    IsolationLevel::ReadCommitted => fetched.last_stable_offset,
                    IsolationLevel::ReadUncommitted => fetched.high_watermark,
                };
                return Ok(Fetched { partition: fetched.partition, records: fetched.records, end_offset });
            }
            match self.fetcher.fetch(POLL, 4 << 20).await {
                Ok(fetched) => self.ready.extend(fetched),
                Err(nutkin_kafka::Error::OffsetOutOfRange { partition, offset, log_start, log_end, .. }) => {
                    return Err(FetchError::OutOfRange { partition, offset, log_start, log_end });
                }
                Err(nutkin_kafka::Error::Corrupt { partition, offset, problem, .. }) => {
                    return Err(FetchError::Corrupt { partition, offset, problem });
                }
                Err(error) => return Err(FetchError::Failed(error.into())),
            }
        }
    }

    fn assign(&mut self, partition: i32, offset: i64) {
        self.ready.retain(|fetched| fetched.partition != partition);
        self.paused.remove(&partition);
        self.fetcher.add(vec![Assignment { topic: self.topic.clone(), partition, offset }]);
    }

    fn unassign(&mut self, partition: i32) {
        self.ready.retain(|fetched| fetched.partition != partition);
        self.paused.remove(&partition);
        self.fetcher.remove(&self.topic, partition);
    }

    fn pause(&mut self, partition: i32, paused: bool) {
        if paused {
            self.paused.insert(partition);
            self.fetcher.pause(&self.topic, partition);
        } else {
            self.paused.remove(&partition);
            self.fetcher.resume(&self.topic, partition);
        }
    }

    fn end_offset(&self, partition: i32) -> Option<i64> {
        let progress = self.fetcher.progress(&self.topic, partition)?;
        match self.isolation {
            IsolationLevel::ReadCommitted => progress.last_stable_offset,
            IsolationLevel::ReadUncommitted => progress.high_watermark,
        }
    }
}

struct KafkaTransaction {
    client: Client,
    producer: TransactionalProducer,
    timeout: Duration,
}

#[async_trait]
impl TransactionWriter for KafkaTransaction {
    fn identity(&self) -> ProducerIdentity {
        self.producer.identity()
    }

    async fn begin_next(&mut self) -> Result<()> {
        let id = self.producer.transactional_id().to_owned();
        // A new epoch for every transaction: the stored ids of one can never end another.
        let next = fence(&self.client, &id, self.timeout).await?;
        self.producer.ended(next);
        Ok(())
    }

    async fn produce(&mut self, topic: &str, batches: Vec<(i32, RawBatch)>) -> Result<()> {
        let topic: Arc<str> = topic.into();
        let batches = batches
            .into_iter()
            .map(|(partition, batch)| PartitionBatch { topic: topic.clone(), partition, batch })
            .collect();
        Ok(self.producer.produce(batches).await?)
    }

    async fn mark(&mut self, group: &str, topic: &str, epoch: u64) -> Result<()> {
        let offset = i64::try_from(epoch).map_err(|_| Failure::internal("an epoch beyond 63 bits"))?;
        let marker =
            CommittedOffset { topic: topic.into(), partition: 0, offset, leader_epoch: None, metadata: String::new() };
        Ok(self.producer.commit_offsets(group, &[marker]).await?)
    }

    async fn flush(&mut self) -> Result<()> {
        self.producer.flush().await?;
        Ok(())
    }
}
