//! Against a broker named by `NUTKIN_TEST_KAFKA` (host:port, without authentication).

use std::{sync::Arc, time::Duration};

use crate::{
    Assignment, BatchBuilder, Client, ClientConfig, Compression, ConfigChange, ConfigResource, Error, ErrorKind,
    Fetched, Fetcher, FetcherOptions, IsolationLevel, NewTopic, OffsetSpec, PartitionBatch, Producer, RawBatch,
};

const SECOND: Duration = Duration::from_secs(1);

pub(super) async fn client() -> Option<Client> {
    let mut config = ClientConfig::new(super::setting("NUTKIN_TEST_KAFKA", "broker")?);
    config.api_timeout = Duration::from_secs(15);
    Some(Client::connect(config).await.unwrap())
}

/// A fresh topic.
pub(super) async fn topic(client: &Client, name: &str, partitions: i32) -> Arc<str> {
    let unique = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    let name = format!("{name}-{unique}");
    let topic = NewTopic {
        name: name.clone(),
        partitions: Some(partitions),
        replication_factor: Some(1),
        configs: vec![("retention.ms".to_owned(), "-1".to_owned())],
    };
    client.admin().create_topic(&topic).await.unwrap();
    name.into()
}

pub(super) fn batch(codec: Compression, values: impl IntoIterator<Item = String>) -> RawBatch {
    let mut builder = BatchBuilder::new(codec);
    for (i, value) in values.into_iter().enumerate() {
        let timestamp = 1_700_000_000_000 + i as i64;
        builder.append(timestamp, Some(b"k"), Some(value.as_bytes()), &[("h", None)]).unwrap();
    }
    builder.build().unwrap().unwrap()
}

pub(super) fn to(topic: &Arc<str>, partition: i32, batch: RawBatch) -> PartitionBatch {
    PartitionBatch { topic: topic.clone(), partition, batch }
}

pub(super) fn values(fetched: &[Fetched]) -> Vec<String> {
    fetched
        .iter()
        .flat_map(|f| (0..f.records.len()).map(|i| f.records.value(i).unwrap().to_vec()))
        .map(|v| String::from_utf8(v).unwrap())
        .collect()
}

/// Reads every partition up to its end as seen at the start.
pub(super) async fn read_all(client: &Client, topic: &Arc<str>, isolation: IsolationLevel) -> Vec<String> {
    let partitions: Vec<_> = client.partitions(topic).await.unwrap().into_iter().map(|p| (topic.clone(), p)).collect();
    let ends = client.list_offsets(&partitions, OffsetSpec::Latest, isolation).await.unwrap();
    let options = FetcherOptions { isolation, ..FetcherOptions::default() };
    let mut fetcher = Fetcher::new(client, options);
    fetcher.assign(
        partitions
            .iter()
            .map(|(topic, partition)| Assignment { topic: topic.clone(), partition: *partition, offset: 0 })
            .collect(),
    );
    let mut read = Vec::new();
    let done = |fetcher: &Fetcher| {
        ends.iter().all(|end| {
            let progress = fetcher.progress(topic, end.partition).unwrap();
            progress.position >= end.offset.unwrap()
        })
    };
    let started = std::time::Instant::now();
    while !done(&fetcher) {
        assert!(started.elapsed() < 20 * SECOND, "the end of the topic is not reached");
        read.extend(values(&fetcher.fetch(SECOND, 1 << 20).await.unwrap()));
    }
    read
}

/// Reads committed records until there are `count`: a broker answers the end of a transaction
/// before its markers are in every partition.
pub(super) async fn read_committed(client: &Client, topic: &Arc<str>, count: usize) -> Vec<String> {
    for _ in 0..100 {
        let read = read_all(client, topic, IsolationLevel::ReadCommitted).await;
        if read.len() >= count {
            return read;
        }
        tokio::time::sleep(SECOND / 20).await;
    }
    read_all(client, topic, IsolationLevel::ReadCommitted).await
}

#[tokio::test]
async fn every_codec_is_written_and_read() {
    let Some(client) = client().await else { return };
    let topic = topic(&client, "codecs", 3).await;
    let mut producer = Producer::new(&client).await.unwrap();
    let codecs = [Compression::None, Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd];
    let mut expected = Vec::new();
    for round in 0..20 {
        for (i, codec) in codecs.into_iter().enumerate() {
            let rows: Vec<String> = (0..50).map(|r| format!("{codec:?} {round} {r}")).collect();
            expected.extend(rows.clone());
            producer.produce(vec![to(&topic, i as i32 % 3, batch(codec, rows))]).await.unwrap();
        }
    }
    let produced = producer.flush().await.unwrap();
    assert_eq!(produced.len(), 100);
    assert_eq!(produced.iter().map(|p| p.records).sum::<usize>(), 5000);
    let mut read = read_committed(&client, &topic, 5000).await;
    read.sort();
    expected.sort();
    assert_eq!(read, expected);
    client.admin().delete_topic(&topic).await.unwrap();
}

#[tokio::test]
async fn offsets_are_found_by_meaning() {
    let Some(client) = client().await else { return };
    let topic = topic(&client, "offsets", 1).await;
    let mut producer = Producer::new(&client).await.unwrap();
    let rows = (0..10).map(|r| r.to_string());
    producer.produce(vec![to(&topic, 0, batch(Compression::None, rows))]).await.unwrap();
    producer.flush().await.unwrap();
    let p = [(topic.clone(), 0)];
    let find = async |spec| client.list_offsets(&p, spec, IsolationLevel::ReadCommitted).await.unwrap()[0].clone();
    assert_eq!(find(OffsetSpec::Earliest).await.offset, Some(0));
    assert_eq!(find(OffsetSpec::Latest).await.offset, Some(10));
    let found = find(OffsetSpec::Timestamp(1_700_000_000_003)).await;
    assert_eq!((found.offset, found.timestamp), (Some(3), Some(1_700_000_000_003)));
    assert_eq!(find(OffsetSpec::Timestamp(1_800_000_000_000)).await.offset, None);
    assert_eq!(find(OffsetSpec::MaxTimestamp).await.offset, Some(9));

    let deleted = client.admin().delete_records(&[(topic.clone(), 0, 4)]).await.unwrap();
    assert_eq!(deleted, [(topic.clone(), 0, 4)]);
    let mut fetcher = Fetcher::new(&client, FetcherOptions::default());
    fetcher.assign(vec![Assignment { topic: topic.clone(), partition: 0, offset: 1 }]);
    match fetcher.fetch(10 * SECOND, 1 << 20).await {
        Err(Error::OffsetOutOfRange { offset: 1, log_start: 4, log_end: 10, .. }) => {}
        other => panic!("{other:?}"),
    }
    fetcher.add(vec![Assignment { topic: topic.clone(), partition: 0, offset: 4 }]);
    let fetched = fetcher.fetch(10 * SECOND, 1 << 20).await.unwrap();
    assert_eq!(values(&fetched), ["4", "5", "6", "7", "8", "9"]);
}

#[tokio::test]
async fn a_paused_partition_waits() {
    let Some(client) = client().await else { return };
    let topic = topic(&client, "pause", 2).await;
    let mut fetcher = Fetcher::new(&client, FetcherOptions::default());
    let all = (0..2).map(|p| Assignment { topic: topic.clone(), partition: p, offset: 0 });
    fetcher.assign(all.collect());
    fetcher.pause(&topic, 0);
    let mut producer = Producer::new(&client).await.unwrap();
    let one = |v: &str| batch(Compression::None, [v.to_owned()]);
    producer.produce(vec![to(&topic, 0, one("zero")), to(&topic, 1, one("one"))]).await.unwrap();
    producer.flush().await.unwrap();
    let mut read = Vec::new();
    for _ in 0..3 {
        read.extend(values(&fetcher.fetch(SECOND / 2, 1 << 20).await.unwrap()));
    }
    assert_eq!(read, ["one"]);
    fetcher.resume(&topic, 0);
    assert_eq!(values(&fetcher.fetch(10 * SECOND, 1 << 20).await.unwrap()), ["zero"]);
}

#[tokio::test]
async fn admin_describes_what_it_made() {
    let Some(client) = client().await else { return };
    let admin = client.admin();
    let cluster = admin.describe_cluster().await.unwrap();
    assert!(!cluster.brokers.is_empty());
    eprintln!("cluster: {cluster:?}");
    let topic = topic(&client, "admin", 1).await;
    let again =
        NewTopic { name: topic.to_string(), partitions: Some(1), replication_factor: Some(1), configs: Vec::new() };
    let error = admin.create_topic(&again).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{error}");
    admin.create_partitions(&topic, 3).await.unwrap();
    for _ in 0..50 {
        if admin.describe_topic(&topic).await.unwrap().partitions.len() == 3 {
            break;
        }
        tokio::time::sleep(SECOND / 10).await;
    }
    let described = admin.describe_topic(&topic).await.unwrap();
    assert_eq!(described.partitions.len(), 3);
    assert!(!described.id.is_nil());
    assert!(admin.list_topics().await.unwrap().contains(&described));

    let resource = ConfigResource::Topic(topic.to_string());
    let set = ConfigChange::Set("retention.ms".to_owned(), "12345".to_owned());
    admin.alter_configs(&resource, &[set]).await.unwrap();
    let retention = async || {
        let entries = admin.describe_configs(&resource).await.unwrap();
        entries.into_iter().find(|e| e.name == "retention.ms").unwrap()
    };
    for _ in 0..50 {
        if retention().await.value.as_deref() == Some("12345") {
            break;
        }
        tokio::time::sleep(SECOND / 10).await;
    }
    let entry = retention().await;
    assert_eq!((entry.value.as_deref(), entry.own), (Some("12345"), true));
    let wrong = ConfigChange::Set("retention.ms".to_owned(), "much".to_owned());
    let error = admin.alter_configs(&resource, &[wrong]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");

    admin.delete_topic(&topic).await.unwrap();
    let error = admin.delete_topic("no-such-topic-at-all").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    let error = client.partitions("no-such-topic-at-all").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
}

#[tokio::test]
async fn a_batch_the_broker_refuses_is_the_callers_fault() {
    let Some(client) = client().await else { return };
    let topic = topic(&client, "refused", 1).await;
    let mut producer = Producer::new(&client).await.unwrap();
    let large = batch(Compression::None, ["x".repeat(2 << 20)]);
    producer.produce(vec![to(&topic, 0, large)]).await.unwrap();
    let error = producer.flush().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
}

#[tokio::test]
async fn nobody_listening_is_said_with_the_address() {
    let mut config = ClientConfig::new("127.0.0.1:1");
    config.api_timeout = Duration::from_millis(200);
    let error = Client::connect(config).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(error.to_string().contains("127.0.0.1:1"), "{error}");
}
