//! The frame decoder against everything that may come.

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::*;
use kafka_protocol::protocol::{Decodable, Encodable, StrBytes};
use proptest::prelude::*;

use super::frame::{FrameError, decode_frame};
use super::shape::walk;
use crate::api;

fn frame(api_key: i16, version: i16, body: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    out.put_i16(api_key);
    out.put_i16(version);
    out.put_i32(7);
    out.put_i16(-1);
    if ApiKey::try_from(api_key).is_ok_and(|key| key.request_header_version(version) >= 2) {
        out.put_u8(0);
    }
    out.put_slice(body);
    out.freeze()
}

#[test]
fn every_request_is_within_the_codecs_versions_and_listed_once() {
    for api in api::TABLE {
        let known = api.key.valid_versions();
        assert!(known.min <= api.min && api.min <= api.max && api.max <= known.max, "{:?}", api.key);
        assert_eq!(api::TABLE.iter().filter(|other| other.key == api.key).count(), 1);
    }
}

#[test]
fn shapes_fit_what_the_codec_writes() {
    for api in api::TABLE {
        for version in api.min..=api.max {
            let mut body = BytesMut::new();
            sample(api.key, version).encode(&mut body, version).unwrap();
            let rest = walk(&api.shape, version, &body);
            assert_eq!(rest, Ok(&[][..]), "{:?} version {version}", api.key);
            decode_frame(frame(api.key as i16, version, &body)).unwrap();
            // Cut anywhere it is refused, and what follows a whole request does not matter to the walk.
            for len in 0..body.len() {
                assert!(walk(&api.shape, version, &body[..len]).is_err(), "{:?} {version} cut at {len}", api.key);
            }
        }
    }
}

/// A request with an element in each array.
fn sample(key: ApiKey, version: i16) -> RequestKind {
    let s = StrBytes::from_static_str;
    let topic = || TopicName(s("topic"));
    match key {
        ApiKey::Produce => RequestKind::Produce(ProduceRequest::default().with_topic_data(vec![
            produce_request::TopicProduceData::default().with_name(topic()).with_partition_data(vec![
                produce_request::PartitionProduceData::default().with_records(Some(Bytes::from_static(b"records"))),
            ]),
        ])),
        ApiKey::Fetch => RequestKind::Fetch(fetch(version)),
        ApiKey::Metadata => RequestKind::Metadata(
            MetadataRequest::default()
                .with_topics(Some(vec![metadata_request::MetadataRequestTopic::default().with_name(Some(topic()))])),
        ),
        ApiKey::OffsetCommit => RequestKind::OffsetCommit(OffsetCommitRequest::default().with_topics(vec![
            offset_commit_request::OffsetCommitRequestTopic::default()
                .with_name(topic())
                .with_partitions(vec![offset_commit_request::OffsetCommitRequestPartition::default()]),
        ])),
        ApiKey::OffsetFetch if version >= 8 => {
            RequestKind::OffsetFetch(OffsetFetchRequest::default().with_groups(vec![
                offset_fetch_request::OffsetFetchRequestGroup::default().with_topics(Some(vec![
                    offset_fetch_request::OffsetFetchRequestTopics::default()
                        .with_name(topic())
                        .with_partition_indexes(vec![1, 2]),
                ])),
            ]))
        }
        ApiKey::CreateTopics => RequestKind::CreateTopics(CreateTopicsRequest::default().with_topics(vec![
            create_topics_request::CreatableTopic::default()
                .with_name(topic())
                .with_assignments(vec![
                    create_topics_request::CreatableReplicaAssignment::default().with_broker_ids(vec![BrokerId(1)]),
                ])
                .with_configs(vec![create_topics_request::CreatableTopicConfig::default().with_name(s("k"))]),
        ])),
        ApiKey::JoinGroup => RequestKind::JoinGroup(JoinGroupRequest::default().with_protocols(vec![
            join_group_request::JoinGroupRequestProtocol::default().with_metadata(Bytes::from_static(b"x")),
        ])),
        ApiKey::AddPartitionsToTxn if version >= 4 => {
            RequestKind::AddPartitionsToTxn(AddPartitionsToTxnRequest::default().with_transactions(vec![
                add_partitions_to_txn_request::AddPartitionsToTxnTransaction::default().with_topics(vec![
                    add_partitions_to_txn_request::AddPartitionsToTxnTopic::default().with_partitions(vec![1]),
                ]),
            ]))
        }
        ApiKey::DescribeTopicPartitions => RequestKind::DescribeTopicPartitions(
            DescribeTopicPartitionsRequest::default()
                .with_topics(vec![describe_topic_partitions_request::TopicRequest::default()])
                .with_cursor(Some(describe_topic_partitions_request::Cursor::default())),
        ),
        other => empty(other),
    }
}

/// With all tagged fields that the version has.
fn fetch(version: i16) -> FetchRequest {
    let topic = || TopicName(StrBytes::from_static_str("topic"));
    let mut partition = fetch_request::FetchPartition::default();
    let mut fetch = FetchRequest::default();
    if version >= 7 {
        let forgotten = fetch_request::ForgottenTopic::default().with_topic(topic()).with_partitions(vec![1]);
        fetch = fetch.with_forgotten_topics_data(vec![forgotten]);
    }
    if version >= 12 {
        fetch = fetch.with_cluster_id(Some(StrBytes::from_static_str("lkc-1")));
    }
    if version >= 15 {
        let follower = fetch_request::ReplicaState::default().with_replica_id(BrokerId(2)).with_replica_epoch(5);
        fetch = fetch.with_replica_state(follower);
    }
    if version >= 17 {
        partition = partition.with_replica_directory_id(uuid::Uuid::from_u128(7));
    }
    if version >= 18 {
        partition = partition.with_high_watermark(9);
    }
    let topic = fetch_request::FetchTopic::default().with_topic(topic()).with_partitions(vec![partition]);
    fetch.with_topics(vec![topic])
}

macro_rules! empty_requests {
    ($($name:ident => $request:ident),* $(,)?) => {
        fn empty(key: ApiKey) -> RequestKind {
            match key {
                $(ApiKey::$name => RequestKind::$name($request::default()),)*
                other => panic!("{other:?} has no sample"),
            }
        }
    };
}

empty_requests! {
    ListOffsets => ListOffsetsRequest, OffsetFetch => OffsetFetchRequest, FindCoordinator => FindCoordinatorRequest,
    Heartbeat => HeartbeatRequest, LeaveGroup => LeaveGroupRequest, SyncGroup => SyncGroupRequest,
    DescribeGroups => DescribeGroupsRequest, ListGroups => ListGroupsRequest, SaslHandshake => SaslHandshakeRequest,
    ApiVersions => ApiVersionsRequest, DeleteTopics => DeleteTopicsRequest, DeleteRecords => DeleteRecordsRequest,
    InitProducerId => InitProducerIdRequest, OffsetForLeaderEpoch => OffsetForLeaderEpochRequest,
    AddPartitionsToTxn => AddPartitionsToTxnRequest, AddOffsetsToTxn => AddOffsetsToTxnRequest, EndTxn => EndTxnRequest,
    WriteTxnMarkers => WriteTxnMarkersRequest, TxnOffsetCommit => TxnOffsetCommitRequest,
    DescribeAcls => DescribeAclsRequest, DescribeConfigs => DescribeConfigsRequest, AlterConfigs => AlterConfigsRequest,
    DescribeLogDirs => DescribeLogDirsRequest, SaslAuthenticate => SaslAuthenticateRequest,
    CreatePartitions => CreatePartitionsRequest, DeleteGroups => DeleteGroupsRequest,
    ElectLeaders => ElectLeadersRequest, IncrementalAlterConfigs => IncrementalAlterConfigsRequest,
    ListPartitionReassignments => ListPartitionReassignmentsRequest, OffsetDelete => OffsetDeleteRequest,
    DescribeCluster => DescribeClusterRequest, DescribeProducers => DescribeProducersRequest,
    DescribeTransactions => DescribeTransactionsRequest, ListTransactions => ListTransactionsRequest,
    ConsumerGroupDescribe => ConsumerGroupDescribeRequest, ListConfigResources => ListConfigResourcesRequest,
}

#[test]
fn a_claimed_count_without_elements_is_refused() {
    // Metadata version 1 that claims two thousand million topics: the codec would reserve memory for all of them.
    let refused = decode_frame(frame(3, 1, &i32::MAX.to_be_bytes()));
    assert!(matches!(refused, Err(FrameError::Shape { api_key: 3, .. })));
    let refused = decode_frame(frame(3, 9, &[0xff, 0xff, 0xff, 0xff, 0x0f, 0]));
    assert!(matches!(refused, Err(FrameError::Shape { .. })));
}

/// A Fetch without topics, with `tags` in place of its empty tagged fields.
fn fetch_with(version: i16, tags: &[u8]) -> Result<Bytes, FrameError> {
    let mut body = BytesMut::new();
    FetchRequest::default().encode(&mut body, version).unwrap();
    assert_eq!(body.split_off(body.len() - 1), &[0][..]);
    body.put_slice(tags);
    decode_frame(frame(ApiKey::Fetch as i16, version, &body)).map(|frame| frame.body)
}

#[test]
fn tagged_fields_fill_the_length_that_they_announce() {
    // One field, its number, its length, its content: a name of two characters, a replica and its epoch.
    let name = [1, 0, 3, 3, b'a', b'b'];
    let replica = [&[1, 1, 13][..], &[0; 13]].concat();
    for version in 12..=18 {
        let mut body = fetch_with(version, &name).unwrap();
        assert_eq!(FetchRequest::decode(&mut body, version).unwrap().cluster_id.as_deref(), Some("ab"));
        assert_eq!(fetch_with(version, &replica).is_ok(), version >= 15, "{version}");
        // Longer and shorter than what the codec would read.
        for wrong in [&[1, 0, 4, 3, b'a', b'b', b'c'][..], &[1, 0, 2, 3, b'a', b'b'], &[1, 0, 0, 3, b'a', b'b']] {
            assert!(matches!(fetch_with(version, wrong), Err(FrameError::Shape { .. })), "{version}: {wrong:?}");
        }
        assert!(fetch_with(version, &[&[1, 1, 14][..], &[0; 14]].concat()).is_err());
        assert!(fetch_with(version, &[&[1, 1, 12][..], &[0; 12]].concat()).is_err());
    }
}

#[test]
fn unknown_tagged_fields_are_passed_over() {
    // What later versions of Kafka add to any structure (KIP-482).
    for tag in [0, 1, 2, 90] {
        let mut versions = BytesMut::new();
        ApiVersionsRequest::default().encode(&mut versions, 3).unwrap();
        versions.truncate(versions.len() - 1);
        versions.put_slice(&[1, tag, 3, b'x', b'y', b'z']);
        decode_frame(frame(ApiKey::ApiVersions as i16, 3, &versions)).unwrap();
    }
    assert!(fetch_with(12, &[1, 90, 3, b'x', b'y', b'z']).is_ok());
    assert!(fetch_with(12, &[1, 90, 4, b'x', b'y', b'z']).is_err());
}

#[test]
fn unknown_requests_are_refused() {
    assert!(matches!(decode_frame(frame(52, 0, b"")), Err(FrameError::UnknownApi(52))));
    assert!(matches!(decode_frame(frame(18, 99, b"")), Err(FrameError::UnsupportedVersion { correlation_id: 7, .. })));
    assert_eq!(decode_frame(Bytes::from_static(b"short")).unwrap_err(), FrameError::Header);
}

proptest! {
    #[test]
    fn nothing_panics(key in 0i16..93, version in 0i16..20, body in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(frame) = decode_frame(frame(key, version, &body)) {
            // What passes can be decoded without more memory than the frame warrants.
            let mut body = frame.body.clone();
            let _ = RequestKind::decode(ApiKey::try_from(frame.api_key).unwrap(), &mut body, frame.version);
        }
        let _ = decode_frame(Bytes::from(body));
    }
}
