//! Writing and reading topics with Nutkin's own client, outside Nutkin.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use nutkin_kafka::{
    Assignment, BatchBuilder, Client, Compression, Fetcher, FetcherOptions, IsolationLevel, OffsetSpec, PartitionBatch,
    Producer, partition_for_key,
};
use serde_json::Value;

/// A record as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub partition: i32,
    pub offset: i64,
    pub timestamp: i64,
    pub key: Option<Vec<u8>>,
    pub value: Option<Vec<u8>>,
}

impl Record {
    pub fn key_text(&self) -> String {
        String::from_utf8_lossy(self.key.as_deref().unwrap_or_default()).into_owned()
    }

    /// The JSON in a value behind the five bytes that name its schema.
    pub fn json(&self) -> Value {
        let value = self.value.as_deref().unwrap_or_else(|| panic!("{self:?} is a tombstone"));
        assert_eq!(value[0], 0, "{self:?} has no schema id");
        serde_json::from_slice(&value[5..]).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

/// `content` behind the five bytes that name its schema.
pub fn framed(schema_id: u32, content: &[u8]) -> Vec<u8> {
    [&[0], &schema_id.to_be_bytes()[..], content].concat()
}

pub fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64
}

/// Writes keyed records to a topic, each to the partition of its key.
pub struct Writer {
    producer: Producer,
    topic: Arc<str>,
    partitions: i32,
    pending: BTreeMap<i32, BatchBuilder>,
}

impl Writer {
    pub async fn new(client: &Client, topic: &str) -> Writer {
        let partitions = client.partitions(topic).await.unwrap().len() as i32;
        let producer = Producer::new(client).await.unwrap();
        Writer { producer, topic: topic.into(), partitions, pending: BTreeMap::new() }
    }

    /// Puts a record into the next batch of its partition.
    pub fn put(&mut self, timestamp: i64, key: &[u8], value: &[u8]) {
        let partition = partition_for_key(key, self.partitions);
        let batch = self.pending.entry(partition).or_insert_with(|| BatchBuilder::new(Compression::Lz4));
        batch.append(timestamp, Some(key), Some(value), &[]).unwrap();
    }

    /// Sends the batches and waits until they are in the log.
    pub async fn flush(&mut self) {
        let mut batches = Vec::new();
        for (&partition, builder) in &mut self.pending {
            if let Some(batch) = builder.build().unwrap() {
                batches.push(PartitionBatch { topic: self.topic.clone(), partition, batch });
            }
        }
        self.producer.produce(batches).await.unwrap();
        self.producer.flush().await.unwrap();
    }
}

/// Reads a topic from its beginning, committed records only.
pub struct Reader {
    client: Client,
    fetcher: Fetcher,
    topic: Arc<str>,
}

impl Reader {
    pub async fn new(client: &Client, topic: &str) -> Reader {
        let topic: Arc<str> = topic.into();
        let options = FetcherOptions { isolation: IsolationLevel::ReadCommitted, ..FetcherOptions::default() };
        let mut fetcher = Fetcher::new(client, options);
        let partitions = client.partitions(&topic).await.unwrap();
        let assignment = |partition| Assignment { topic: topic.clone(), partition, offset: 0 };
        fetcher.assign(partitions.into_iter().map(assignment).collect());
        Reader { client: client.clone(), fetcher, topic }
    }

    /// Records that came within `wait`.
    pub async fn poll(&mut self, wait: Duration) -> Vec<Record> {
        let mut records = Vec::new();
        for fetched in self.fetcher.fetch(wait, 4 << 20).await.unwrap() {
            let set = &fetched.records;
            for row in 0..set.len() {
                records.push(Record {
                    partition: fetched.partition,
                    offset: set.offsets()[row],
                    timestamp: set.timestamps()[row],
                    key: set.key(row).map(<[u8]>::to_vec),
                    value: set.value(row).map(<[u8]>::to_vec),
                });
            }
        }
        records
    }

    /// Everything up to what was committed when this was called.
    pub async fn rest(&mut self) -> Vec<Record> {
        let partitions = self.client.partitions(&self.topic).await.unwrap();
        let asked: Vec<_> = partitions.iter().map(|&partition| (self.topic.clone(), partition)).collect();
        let ends = self.client.list_offsets(&asked, OffsetSpec::Latest, IsolationLevel::ReadCommitted).await.unwrap();
        let (mut records, begun) = (Vec::new(), Instant::now());
        loop {
            let behind = ends.iter().any(|end| {
                let position = self.fetcher.progress(&self.topic, end.partition).map_or(0, |p| p.position);
                position < end.offset.unwrap_or(0)
            });
            if !behind {
                return records;
            }
            records.extend(self.poll(Duration::from_millis(100)).await);
            assert!(begun.elapsed() < Duration::from_secs(60), "the end of {} is not reached: {ends:?}", self.topic);
        }
    }

    /// At least `count` records.
    pub async fn take(&mut self, count: usize, limit: Duration) -> Vec<Record> {
        let (mut records, begun) = (Vec::new(), Instant::now());
        while records.len() < count {
            records.extend(self.poll(Duration::from_millis(100)).await);
            let (found, topic) = (records.len(), &self.topic);
            assert!(begun.elapsed() < limit, "{found} of {count} records of {topic} within {} s", limit.as_secs());
        }
        records
    }
}

/// Everything that is committed in a topic now.
pub async fn read_all(client: &Client, topic: &str) -> Vec<Record> {
    Reader::new(client, topic).await.rest().await
}
