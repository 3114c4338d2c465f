//! Transactions as clients of both protocol versions send them.

use std::time::Duration;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::*;

use super::client::*;
use super::data::{fetch, fetched, produce, produced};
use crate::Handle;
use crate::clock::now_ms;
use crate::log::tests::{By, batch};

fn id() -> TransactionalId {
    TransactionalId(s("id"))
}

async fn init(client: &mut Client) -> (i64, i16) {
    let request = InitProducerIdRequest::default()
        .with_transactional_id(Some(id()))
        .with_transaction_timeout_ms(60_000)
        .with_producer_id(ProducerId(-1))
        .with_producer_epoch(-1);
    let made = client.ask(&request, 5).await;
    assert_eq!(made.error_code, 0);
    (made.producer_id.0, made.producer_epoch)
}

fn write((id, epoch): (i64, i16), sequence: i32) -> ProduceRequest {
    let by = By { id, epoch, sequence, transactional: true };
    produce("t", batch(by, 0, now_ms(), &[(None, Some("value"))])).with_transactional_id(Some(self::id()))
}

fn end((producer, epoch): (i64, i16), commit: bool) -> EndTxnRequest {
    EndTxnRequest::default()
        .with_transactional_id(id())
        .with_producer_id(ProducerId(producer))
        .with_producer_epoch(epoch)
        .with_committed(commit)
}

async fn broker(dir: &std::path::Path) -> (Handle, Client) {
    let handle = start(options(dir, admin())).await;
    handle.create_topic("t", 1, 1, Default::default()).await.unwrap();
    let client = Client::connect(&handle).await;
    (handle, client)
}

#[tokio::test]
async fn version_2_adds_by_writing_and_raises_the_epoch_at_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let (handle, mut client) = broker(dir.path()).await;
    let mut producer = init(&mut client).await;
    for commit in [true, false, true] {
        assert_eq!(produced(&client.ask(&write(producer, 0), 12).await).0, 0);
        let ended = client.ask(&end(producer, commit), 5).await;
        assert_eq!((ended.error_code, ended.producer_epoch), (0, producer.1 + 1));
        // The answer was lost: the same again.
        let again = client.ask(&end(producer, commit), 5).await;
        assert_eq!((again.error_code, again.producer_epoch), (0, producer.1 + 1));
        let late = client.ask(&write(producer, 1), 12).await;
        assert_eq!(produced(&late).0, ResponseError::InvalidProducerEpoch.code(), "a late write does not slip in");
        producer.1 += 1;
    }
    let response = client.ask(&fetch("t", 0, Duration::ZERO, 1), 12).await;
    let found = fetched(&response);
    assert_eq!((found.high_watermark, found.last_stable_offset), (6, 6));
    let aborted = found.aborted_transactions.as_ref().unwrap();
    assert_eq!((aborted.len(), aborted[0].first_offset), (1, 2));
    handle.shutdown().await;
}

#[tokio::test]
async fn version_1_adds_first_and_keeps_the_epoch() {
    let dir = tempfile::tempdir().unwrap();
    let (handle, mut client) = broker(dir.path()).await;
    let producer = init(&mut client).await;
    let early = client.ask(&write(producer, 0), 11).await;
    assert_eq!(produced(&early).0, ResponseError::TransactionAbortable.code(), "not added");
    let early = client.ask(&write(producer, 0), 9).await;
    assert_eq!(produced(&early).0, ResponseError::InvalidTxnState.code());
    for round in 0..2 {
        let add = AddPartitionsToTxnRequest::default()
            .with_v3_and_below_transactional_id(id())
            .with_v3_and_below_producer_id(ProducerId(producer.0))
            .with_v3_and_below_producer_epoch(producer.1)
            .with_v3_and_below_topics(vec![
                add_partitions_to_txn_request::AddPartitionsToTxnTopic::default()
                    .with_name(topic("t"))
                    .with_partitions(vec![0]),
            ]);
        let added = client.ask(&add, 3).await;
        assert_eq!(added.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code, 0);
        assert_eq!(produced(&client.ask(&write(producer, round), 11).await).0, 0);
        assert_eq!(client.ask(&end(producer, true), 4).await.error_code, 0);
        assert_eq!(client.ask(&end(producer, true), 4).await.error_code, 0, "a repeated request");
    }
    handle.shutdown().await;
}

#[tokio::test]
async fn a_new_producer_fences_the_old_one() {
    let dir = tempfile::tempdir().unwrap();
    let (handle, mut client) = broker(dir.path()).await;
    let old = init(&mut client).await;
    assert_eq!(produced(&client.ask(&write(old, 0), 12).await).0, 0);
    let new = init(&mut client).await;
    assert_eq!(produced(&client.ask(&write(old, 1), 12).await).0, ResponseError::InvalidProducerEpoch.code());
    assert_eq!(client.ask(&end(old, true), 5).await.error_code, ResponseError::ProducerFenced.code());
    assert_eq!(client.ask(&end(old, true), 1).await.error_code, ResponseError::InvalidProducerEpoch.code());
    assert_eq!(produced(&client.ask(&write(new, 0), 12).await).0, 0);
    let open = client.ask(&DescribeTransactionsRequest::default().with_transactional_ids(vec![id()]), 0).await;
    assert_eq!(open.transaction_states[0].transaction_state.as_str(), "Ongoing");
    assert_eq!(client.ask(&end(new, true), 5).await.error_code, 0);
    let response = client.ask(&fetch("t", 0, Duration::ZERO, 1), 12).await;
    assert_eq!(fetched(&response).aborted_transactions.as_ref().unwrap().len(), 1);
    handle.shutdown().await;
}
