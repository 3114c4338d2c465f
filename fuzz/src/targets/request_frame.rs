//! Requests to the broker: what passes the walk over its shape can be given to the codec, which believes every count.

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::*;
use kafka_protocol::protocol::{Encodable, StrBytes};
use nutkin_broker::decode_frame;

use crate::mutate::BINARY;
use crate::run::{Check, Target};

pub const TARGET: Target = Target { samples, mutations: BINARY, check, a_minute: 40_000_000 };

/// Header and body; the newer headers end with tagged fields, here none.
fn frame(key: ApiKey, version: i16, body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    frame.put_i16(key as i16);
    frame.put_i16(version);
    frame.put_i32(7);
    frame.put_i16(6);
    frame.put_slice(b"client");
    if key.request_header_version(version) >= 2 {
        frame.put_u8(0);
    }
    frame.put_slice(body);
    frame
}

fn samples() -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    for key in ApiKey::iter() {
        let versions = key.valid_versions();
        for version in versions.min..=versions.max {
            // Zeros are empty strings and arrays before the flexible versions; ones are, in these.
            frames.extend([0, 1].map(|byte| frame(key, version, &[byte; 48])));
            let mut body = BytesMut::new();
            if requests()
                .find(|(of, _)| *of == key)
                .is_some_and(|(_, request)| request.encode(&mut body, version).is_ok())
            {
                frames.push(frame(key, version, &body));
            }
        }
    }
    frames.push(frame(ApiKey::Fetch, 18, &follower()));
    frames
}

/// A Fetch with every tagged field that the codec knows.
fn follower() -> Vec<u8> {
    let directory = "67e55044-10b1-426f-9247-bb680e5fe0c8".parse().unwrap();
    let partition =
        fetch_request::FetchPartition::default().with_high_watermark(9).with_replica_directory_id(directory);
    let topic = fetch_request::FetchTopic::default().with_partitions(vec![partition; 2]);
    let replica = fetch_request::ReplicaState::default().with_replica_id(BrokerId(2)).with_replica_epoch(5);
    let fetch = FetchRequest::default().with_topics(vec![topic]).with_replica_state(replica);
    let mut body = BytesMut::new();
    fetch.with_cluster_id(Some(StrBytes::from_static_str("lkc-1"))).encode(&mut body, 18).unwrap();
    body.to_vec()
}

fn requests() -> impl Iterator<Item = (ApiKey, RequestKind)> {
    let s = StrBytes::from_static_str;
    let topic = || TopicName(s("orders"));
    let data = produce_request::PartitionProduceData::default().with_records(Some(Bytes::from_static(&[7; 80])));
    let produce = produce_request::TopicProduceData::default().with_name(topic()).with_partition_data(vec![data; 3]);
    let partitions = vec![fetch_request::FetchPartition::default(); 3];
    let fetch = fetch_request::FetchTopic::default().with_topic(topic()).with_partitions(partitions);
    let metadata = metadata_request::MetadataRequestTopic::default().with_name(Some(topic()));
    let commit = offset_commit_request::OffsetCommitRequestTopic::default()
        .with_name(topic())
        .with_partitions(vec![offset_commit_request::OffsetCommitRequestPartition::default(); 2]);
    let create = create_topics_request::CreatableTopic::default()
        .with_name(topic())
        .with_assignments(vec![
            create_topics_request::CreatableReplicaAssignment::default().with_broker_ids(vec![BrokerId(1); 2]),
        ])
        .with_configs(vec![create_topics_request::CreatableTopicConfig::default().with_name(s("retention.ms"))]);
    let join = join_group_request::JoinGroupRequestProtocol::default().with_metadata(Bytes::from_static(b"range"));
    let add = add_partitions_to_txn_request::AddPartitionsToTxnTopic::default().with_partitions(vec![1, 2]);
    let add = add_partitions_to_txn_request::AddPartitionsToTxnTransaction::default().with_topics(vec![add]);
    let offsets = list_offsets_request::ListOffsetsTopic::default()
        .with_name(topic())
        .with_partitions(vec![list_offsets_request::ListOffsetsPartition::default()]);
    let describe = describe_topic_partitions_request::TopicRequest::default();
    [
        (ApiKey::Produce, RequestKind::Produce(ProduceRequest::default().with_topic_data(vec![produce]))),
        (ApiKey::Fetch, RequestKind::Fetch(FetchRequest::default().with_topics(vec![fetch]))),
        (ApiKey::Metadata, RequestKind::Metadata(MetadataRequest::default().with_topics(Some(vec![metadata; 2])))),
        (ApiKey::OffsetCommit, RequestKind::OffsetCommit(OffsetCommitRequest::default().with_topics(vec![commit]))),
        (ApiKey::CreateTopics, RequestKind::CreateTopics(CreateTopicsRequest::default().with_topics(vec![create]))),
        (ApiKey::JoinGroup, RequestKind::JoinGroup(JoinGroupRequest::default().with_protocols(vec![join; 2]))),
        (
            ApiKey::AddPartitionsToTxn,
            RequestKind::AddPartitionsToTxn(AddPartitionsToTxnRequest::default().with_transactions(vec![add])),
        ),
        (ApiKey::ListOffsets, RequestKind::ListOffsets(ListOffsetsRequest::default().with_topics(vec![offsets]))),
        (
            ApiKey::DescribeTopicPartitions,
            RequestKind::DescribeTopicPartitions(
                DescribeTopicPartitionsRequest::default()
                    .with_topics(vec![describe])
                    .with_cursor(Some(describe_topic_partitions_request::Cursor::default())),
            ),
        ),
    ]
    .into_iter()
}

fn check() -> Check {
    Box::new(|input| {
        let Ok(frame) = decode_frame(Bytes::copy_from_slice(input)) else { return false };
        assert!(input.ends_with(&frame.body));
        let key = ApiKey::try_from(frame.api_key).expect("a key of the codec");
        let versions = key.valid_versions();
        assert!((versions.min..=versions.max).contains(&frame.version));
        RequestKind::decode(key, &mut frame.body.clone(), frame.version).is_ok()
    })
}
