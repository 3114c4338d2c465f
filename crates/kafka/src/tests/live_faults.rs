//! Connections that are cut at any moment: nothing is lost, nothing twice, order is kept.

use std::{sync::Arc, time::Duration};

use super::live::{batch, client, read_all, read_committed, to, topic, values};
use crate::{
    Assignment, Client, Compression, EndOutcome, Error, Fetcher, FetcherOptions, IsolationLevel, PartitionBatch,
    Producer, TransactionalProducer, end_transaction,
};

const PARTITIONS: i32 = 3;

/// Cuts the client's connections about every `every` until it is dropped.
struct Cutter(tokio::task::JoinHandle<()>);

impl Cutter {
    fn start(client: &Client, every: Duration) -> Self {
        let client = client.clone();
        Self(tokio::spawn(async move {
            loop {
                let random = getrandom::u32().unwrap() % 1000;
                tokio::time::sleep(every * random / 500).await;
                client.cut();
            }
        }))
    }
}

impl Drop for Cutter {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn round(topic: &Arc<str>, round: usize) -> Vec<PartitionBatch> {
    (0..PARTITIONS)
        .flat_map(|p| {
            (0..3).map(move |part| {
                let rows = (0..5).map(move |r| format!("{p} {round:05} {part} {r}"));
                (p, batch(Compression::Lz4, rows))
            })
        })
        .map(|(p, batch)| to(topic, p, batch))
        .collect()
}

fn expected(rounds: usize) -> Vec<String> {
    let mut rows: Vec<String> = (0..PARTITIONS)
        .flat_map(|p| (0..rounds).map(move |round| (p, round)))
        .flat_map(|(p, round)| (0..3).map(move |part| (p, round, part)))
        .flat_map(|(p, round, part)| (0..5).map(move |r| format!("{p} {round:05} {part} {r}")))
        .collect();
    rows.sort();
    rows
}

/// Rows by partition in the order read; sorted by partition only.
fn check(read: Vec<String>, rounds: usize) {
    let mut stable = read;
    stable.sort_by_key(|row| row.as_bytes()[0]);
    assert_eq!(stable, expected(rounds));
}

#[tokio::test]
async fn an_idempotent_producer_writes_once_and_in_order() {
    let Some(client) = client().await else { return };
    let topic = topic(&client, "cut", PARTITIONS).await;
    let mut producer = Producer::new(&client).await.unwrap();
    let cutter = Cutter::start(&client, Duration::from_millis(15));
    for i in 0..200 {
        producer.produce(round(&topic, i)).await.unwrap();
        if i % 20 == 0 {
            producer.flush().await.unwrap();
        }
    }
    producer.flush().await.unwrap();
    drop(cutter);
    check(read_all(&client, &topic, IsolationLevel::ReadCommitted).await, 200);

    let cutter = Cutter::start(&client, Duration::from_millis(15));
    let mut fetcher = Fetcher::new(&client, FetcherOptions { max_bytes: 2000, ..FetcherOptions::default() });
    let all = (0..PARTITIONS).map(|partition| Assignment { topic: topic.clone(), partition, offset: 0 }).collect();
    fetcher.assign(all);
    let mut read = Vec::new();
    while read.len() < expected(200).len() {
        read.extend(values(&fetcher.fetch(Duration::from_secs(10), 4096).await.unwrap()));
    }
    drop(cutter);
    check(read, 200);
}

/// Writes a round in a transaction and ends it from another client by its ids.
async fn transact(
    producer: &mut TransactionalProducer,
    committer: &Client,
    topic: &Arc<str>,
    i: usize,
) -> Result<(), Error> {
    producer.produce(round(topic, i)).await?;
    producer.flush().await?;
    let id = producer.transactional_id().to_owned();
    match end_transaction(committer, &id, producer.identity(), true).await? {
        EndOutcome::Committed(next) => producer.ended(next),
        outcome => panic!("round {i}: {outcome:?}"),
    }
    Ok(())
}

#[tokio::test]
async fn a_transaction_is_in_the_log_once() {
    let Some(client) = client().await else { return };
    let committer = Client::connect(client.config().clone()).await.unwrap();
    let topic = topic(&client, "cut-tx", PARTITIONS).await;
    let id = format!("tx-{topic}");
    let minute = Duration::from_secs(60);
    let mut producer = TransactionalProducer::init(&client, &id, minute).await.unwrap();
    let cutters = [&client, &committer].map(|c| Cutter::start(c, Duration::from_millis(20)));
    for i in 0..60 {
        while let Err(error) = transact(&mut producer, &committer, &topic, i).await {
            eprintln!("round {i}: {error}");
            producer.abort().await.unwrap();
        }
    }
    drop(cutters);
    check(read_committed(&client, &topic, expected(60).len()).await, 60);
}
