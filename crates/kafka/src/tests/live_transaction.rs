//! Transactions that are ended by another client than the one that began them.

use std::time::Duration;

use super::live::{batch, client, read_all, read_committed, to, topic};
use crate::{
    Client, CommittedOffset, Compression, EndOutcome, ErrorKind, IsolationLevel, RawBatch, TransactionalProducer,
    describe_transactions, end_transaction, fence, fetch_committed_offsets, list_transactions,
};

const TIMEOUT: Duration = Duration::from_secs(60);

fn one(value: &str) -> RawBatch {
    batch(Compression::Zstd, [value.to_owned()])
}

/// Another process: nothing shared with `client`.
async fn other(client: &Client) -> Client {
    Client::connect(client.config().clone()).await.unwrap()
}

fn marker(topic: &std::sync::Arc<str>, epoch: i64) -> CommittedOffset {
    CommittedOffset {
        topic: topic.clone(),
        partition: 0,
        offset: epoch,
        leader_epoch: None,
        metadata: format!("epoch {epoch}"),
    }
}

#[tokio::test]
async fn a_transaction_is_committed_after_its_process_died() {
    let Some(client) = client().await else { return };
    let topic = topic(&client, "recovered", 2).await;
    let id = format!("tx-{topic}");
    let mut producer = TransactionalProducer::init(&client, &id, TIMEOUT).await.unwrap();
    producer.produce(vec![to(&topic, 0, one("a")), to(&topic, 1, one("b"))]).await.unwrap();
    producer.commit_offsets(&id, &[marker(&topic, 7)]).await.unwrap();
    assert_eq!(producer.flush().await.unwrap().len(), 2);
    let stored = producer.identity();
    let kept = one("a");
    drop((producer, client));

    let Some(client) = super::live::client().await else { return };
    assert!(read_all(&client, &topic, IsolationLevel::ReadCommitted).await.is_empty());
    let open = list_transactions(&client, &id).await.unwrap();
    assert_eq!((open.len(), open[0].state.as_str()), (1, "Ongoing"));
    let described = describe_transactions(&client, &[&id]).await.unwrap();
    assert_eq!(described[0].identity, stored);
    assert!(described[0].partitions.contains(&(topic.clone(), 1)));

    let outcome = end_transaction(&client, &id, stored, true).await.unwrap();
    assert!(matches!(outcome, EndOutcome::Committed(_)), "{outcome:?}");
    // Asked again, as after a lost answer.
    let again = end_transaction(&other(&client).await, &id, stored, true).await.unwrap();
    assert!(matches!(again, EndOutcome::Committed(_)), "{again:?}");
    let offsets = fetch_committed_offsets(&client, &id, true).await.unwrap();
    assert_eq!(offsets, [marker(&topic, 7)]);
    let mut read = read_committed(&client, &topic, 2).await;
    read.sort();
    assert_eq!(read, ["a", "b"]);

    // The committed identity goes on.
    let EndOutcome::Committed(next) = outcome else { return };
    let mut producer = TransactionalProducer::with_identity(&client, &id, next, TIMEOUT).await.unwrap();
    let restored = RawBatch::from_bytes(kept.as_bytes().clone()).unwrap();
    if next == stored {
        // transaction.version 1: the epoch was used already, so a new one is taken.
        producer = TransactionalProducer::init(&client, &id, TIMEOUT).await.unwrap();
    }
    producer.produce(vec![to(&topic, 0, restored)]).await.unwrap();
    producer.commit().await.unwrap();
    assert_eq!(read_committed(&client, &topic, 3).await.len(), 3);
}

#[tokio::test]
async fn a_fenced_transaction_is_aborted_and_its_marker_says_so() {
    let Some(client) = client().await else { return };
    let topic = topic(&client, "fenced", 1).await;
    let id = format!("tx-{topic}");
    let mut zombie = TransactionalProducer::init(&client, &id, TIMEOUT).await.unwrap();
    zombie.produce(vec![to(&topic, 0, one("committed"))]).await.unwrap();
    zombie.commit_offsets(&id, &[marker(&topic, 1)]).await.unwrap();
    zombie.commit().await.unwrap();
    zombie.produce(vec![to(&topic, 0, one("lost"))]).await.unwrap();
    zombie.commit_offsets(&id, &[marker(&topic, 2)]).await.unwrap();
    zombie.flush().await.unwrap();
    let stored = zombie.identity();

    let recovery = other(&client).await;
    let next = fence(&recovery, &id, TIMEOUT).await.unwrap();
    assert_ne!(next, stored);
    let outcome = end_transaction(&recovery, &id, stored, true).await.unwrap();
    assert!(!matches!(outcome, EndOutcome::Committed(_)), "{outcome:?}");
    // The answer is unclear to somebody who comes now: the marker decides.
    let offsets = fetch_committed_offsets(&recovery, &id, true).await.unwrap();
    assert_eq!(offsets, [marker(&topic, 1)]);

    let error = zombie.produce(vec![to(&topic, 0, one("zombie"))]).await;
    let error = match error {
        Err(error) => error,
        Ok(()) => zombie.flush().await.unwrap_err(),
    };
    assert_eq!(error.kind(), ErrorKind::Fenced, "{error}");
    assert_eq!(zombie.abort().await.unwrap_err().kind(), ErrorKind::Fenced);

    let mut successor = TransactionalProducer::with_identity(&recovery, &id, next, TIMEOUT).await.unwrap();
    successor.produce(vec![to(&topic, 0, one("again"))]).await.unwrap();
    successor.commit_offsets(&id, &[marker(&topic, 2)]).await.unwrap();
    successor.commit().await.unwrap();
    let read = read_committed(&recovery, &topic, 2).await;
    assert_eq!(read, ["committed", "again"]);
    let offsets = fetch_committed_offsets(&recovery, &id, true).await.unwrap();
    assert_eq!(offsets, [marker(&topic, 2)]);
}

#[tokio::test]
async fn aborted_records_are_seen_by_nobody_who_reads_committed() {
    let Some(client) = client().await else { return };
    let topic = topic(&client, "aborted", 1).await;
    let id = format!("tx-{topic}");
    let mut producer = TransactionalProducer::init(&client, &id, TIMEOUT).await.unwrap();
    for round in 0..6 {
        let rows = (0..100).map(|r| format!("{round} {r}"));
        producer.produce(vec![to(&topic, 0, batch(Compression::Lz4, rows))]).await.unwrap();
        if round % 2 == 0 {
            // What is not acknowledged yet may never reach the log.
            producer.flush().await.unwrap();
            producer.abort().await.unwrap();
        } else {
            producer.commit().await.unwrap();
        }
    }
    let committed = read_committed(&client, &topic, 300).await;
    assert_eq!(committed.len(), 300);
    assert!(committed.iter().all(|v| ["1", "3", "5"].contains(&&v[..1])));
    let all = read_all(&client, &topic, IsolationLevel::ReadUncommitted).await;
    assert_eq!(all.len(), 600);

    // Aborted from elsewhere, too.
    producer.produce(vec![to(&topic, 0, one("gone"))]).await.unwrap();
    producer.flush().await.unwrap();
    let stored = producer.identity();
    let outcome = end_transaction(&other(&client).await, &id, stored, false).await.unwrap();
    let EndOutcome::Aborted(next) = outcome else { panic!("{outcome:?}") };
    producer.ended(next);
    producer.produce(vec![to(&topic, 0, one("kept"))]).await.unwrap();
    producer.commit().await.unwrap();
    let committed = read_committed(&client, &topic, 301).await;
    assert_eq!(committed.len(), 301);
    assert_eq!(committed.last().map(String::as_str), Some("kept"));
}

#[tokio::test]
async fn ids_nobody_knows_have_an_outcome_of_their_own() {
    let Some(client) = client().await else { return };
    let stored = crate::ProducerIdentity { producer_id: 999_999, epoch: 0 };
    let outcome = end_transaction(&client, "tx-never-seen", stored, true).await.unwrap();
    assert!(matches!(outcome, EndOutcome::UnknownId), "{outcome:?}");
    assert!(fetch_committed_offsets(&client, "no-such-group", true).await.unwrap().is_empty());
    let too_long = Duration::from_secs(86_400 * 2);
    let error = fence(&client, "tx-too-long", too_long).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
}
