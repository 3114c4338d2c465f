//! Topics, produce, fetch, offsets.

use std::time::{Duration, Instant};

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::*;

use super::client::*;
use crate::clock::now_ms;
use crate::log::tests::{By, NOBODY, batch};

pub fn produce(name: &'static str, bytes: Vec<u8>) -> ProduceRequest {
    ProduceRequest::default().with_acks(-1).with_topic_data(vec![
        produce_request::TopicProduceData::default().with_name(topic(name)).with_partition_data(vec![
            produce_request::PartitionProduceData::default().with_records(Some(Bytes::from(bytes))),
        ]),
    ])
}

pub fn fetch(name: &'static str, offset: i64, wait: Duration, isolation: i8) -> FetchRequest {
    FetchRequest::default()
        .with_max_wait_ms(wait.as_millis() as i32)
        .with_min_bytes(1)
        .with_max_bytes(1 << 20)
        .with_isolation_level(isolation)
        .with_topics(vec![fetch_request::FetchTopic::default().with_topic(topic(name)).with_partitions(vec![
            fetch_request::FetchPartition::default().with_fetch_offset(offset).with_partition_max_bytes(1 << 20),
        ])])
}

pub fn produced(response: &ProduceResponse) -> (i16, i64) {
    let answer = &response.responses[0].partition_responses[0];
    (answer.error_code, answer.base_offset)
}

pub fn fetched(response: &FetchResponse) -> &fetch_response::PartitionData {
    &response.responses[0].partitions[0]
}

fn records() -> Vec<u8> {
    batch(NOBODY, 0, now_ms(), &[(Some("key"), Some("value"))])
}

#[tokio::test]
async fn produce_and_fetch_in_every_version() {
    let dir = tempfile::tempdir().unwrap();
    let handle = start(options(dir.path(), admin())).await;
    let made = handle.create_topic("t", 1, 1, Default::default()).await.unwrap();
    let mut client = Client::connect(&handle).await;
    let mut next = 0;
    for version in 3..=13 {
        let mut request = produce("t", records());
        request.topic_data[0].topic_id = made.id;
        assert_eq!(produced(&client.ask(&request, version).await), (0, next), "version {version}");
        next += 1;
    }
    for version in 4..=18 {
        let mut request = fetch("t", 0, Duration::ZERO, 0);
        request.topics[0].topic_id = made.id;
        let response = client.ask(&request, version).await;
        let found = fetched(&response);
        assert_eq!((found.error_code, found.high_watermark), (0, next), "version {version}");
        assert_eq!(found.records.as_ref().unwrap().len(), records().len() * next as usize);
    }
    handle.shutdown().await;
}

#[tokio::test]
async fn a_waiting_fetch_is_woken_by_an_append() {
    let dir = tempfile::tempdir().unwrap();
    let handle = start(options(dir.path(), admin())).await;
    handle.create_topic("t", 1, 1, Default::default()).await.unwrap();
    let (mut reader, mut writer) = (Client::connect(&handle).await, Client::connect(&handle).await);
    let began = Instant::now();
    let waiting = tokio::spawn(async move { reader.ask(&fetch("t", 0, Duration::from_secs(30), 0), 12).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!waiting.is_finished());
    writer.ask(&produce("t", records()), 9).await;
    assert!(!fetched(&waiting.await.unwrap()).records.as_ref().unwrap().is_empty());
    assert!(began.elapsed() < Duration::from_secs(5));
    let began = Instant::now();
    let response = writer.ask(&fetch("t", 1, Duration::from_millis(300), 0), 12).await;
    assert!(fetched(&response).records.as_ref().unwrap().is_empty());
    assert!(began.elapsed() >= Duration::from_millis(300));
    handle.shutdown().await;
}

#[tokio::test]
async fn a_waiting_fetch_does_not_delay_the_stop() {
    let dir = tempfile::tempdir().unwrap();
    let handle = start(options(dir.path(), admin())).await;
    handle.create_topic("t", 1, 1, Default::default()).await.unwrap();
    let mut reader = Client::connect(&handle).await;
    let waiting = tokio::spawn(async move { reader.try_ask(&fetch("t", 0, Duration::from_secs(60), 0), 12).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let began = Instant::now();
    handle.shutdown().await;
    assert!(began.elapsed() < Duration::from_secs(3));
    waiting.await.unwrap();
}

#[tokio::test]
async fn errors_of_produce_and_fetch() {
    let dir = tempfile::tempdir().unwrap();
    let handle = start(options(dir.path(), admin())).await;
    handle.create_topic("t", 1, 1, [("max.message.bytes".to_owned(), "200".to_owned())].into()).await.unwrap();
    let mut client = Client::connect(&handle).await;
    let large = batch(NOBODY, 0, now_ms(), &[(None, Some(&"x".repeat(300)))]);
    let mut damaged = records();
    *damaged.last_mut().unwrap() ^= 1;
    let mut control = records();
    control[22] |= 0x20;
    let crc = crc32c::crc32c(&control[21..]).to_be_bytes();
    control[17..21].copy_from_slice(&crc);
    let late = batch(NOBODY, 0, now_ms() + 7_200_000, &[(None, Some("x"))]);
    for (request, error) in [
        (produce("t", large), ResponseError::MessageTooLarge),
        (produce("t", damaged), ResponseError::CorruptMessage),
        (produce("t", control), ResponseError::InvalidRecord),
        (produce("t", late), ResponseError::InvalidTimestamp),
        (produce("nothing", records()), ResponseError::UnknownTopicOrPartition),
        (produce("t", records()).with_acks(2), ResponseError::InvalidRequiredAcks),
    ] {
        assert_eq!(produced(&client.ask(&request, 9).await), (error.code(), -1));
    }
    let sequence =
        |sequence| batch(By { id: 1, epoch: 0, sequence, transactional: false }, 0, now_ms(), &[(None, None)]);
    assert_eq!(produced(&client.ask(&produce("t", sequence(0)), 9).await), (0, 0));
    assert_eq!(produced(&client.ask(&produce("t", sequence(0)), 9).await), (0, 0), "a duplicate");
    let gap = ResponseError::OutOfOrderSequenceNumber.code();
    assert_eq!(produced(&client.ask(&produce("t", sequence(2)), 9).await), (gap, -1));
    let beyond = client.ask(&fetch("t", 9, Duration::from_secs(9), 0), 12).await;
    assert_eq!(fetched(&beyond).error_code, ResponseError::OffsetOutOfRange.code());
    let session = client.ask(&fetch("t", 0, Duration::ZERO, 0).with_session_id(5), 12).await;
    assert_eq!(session.error_code, ResponseError::FetchSessionIdNotFound.code());
    // acks=0 gets no answer, and a closed connection when it fails.
    client.raw(&[]).await;
    assert!(client.try_ask(&produce("nothing", records()).with_acks(0), 9).await.is_none());
    handle.shutdown().await;
}

#[tokio::test]
async fn records_survive_a_restart_and_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    for (round, clean) in [(0, true), (1, false), (2, true)] {
        let (service, handle) = {
            let users = || Users(Default::default());
            let options = options(dir.path(), admin());
            crate::Service::start(options, std::sync::Arc::new(users()), std::sync::Arc::new(users())).await.unwrap()
        };
        let running = tokio::spawn(service.run());
        if round == 0 {
            handle.create_topic("t", 1, 2, Default::default()).await.unwrap();
        }
        let mut client = Client::connect(&handle).await;
        assert_eq!(produced(&client.ask(&produce("t", records()), 9).await), (0, round));
        assert_eq!(handle.topic("t").unwrap().replication, 2);
        if clean {
            handle.shutdown().await;
            running.await.unwrap();
        } else {
            drop(client);
            running.abort();
            let _ = running.await;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

#[tokio::test]
async fn a_directory_belongs_to_one_broker() {
    let dir = tempfile::tempdir().unwrap();
    let handle = start(options(dir.path(), admin())).await;
    let users = || std::sync::Arc::new(Users(Default::default()));
    let second = crate::Service::start(options(dir.path(), admin()), users(), users()).await;
    assert!(matches!(second, Err(crate::Error::Locked { .. })));
    let mut taken = options(&dir.path().join("other"), admin());
    taken.listeners[0].bind = handle.addresses()[0];
    assert!(matches!(crate::Service::start(taken, users(), users()).await, Err(crate::Error::Bind { .. })));
    handle.shutdown().await;
    start(options(dir.path(), admin())).await.shutdown().await;
}
