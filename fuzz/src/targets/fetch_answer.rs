//! Answers to a Fetch, of every version that the client reads.

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::fetch_response::{AbortedTransaction, FetchableTopicResponse, PartitionData};
use kafka_protocol::messages::{FetchResponse, ProducerId, TopicName};
use kafka_protocol::protocol::{Encodable, HeaderVersion, StrBytes};
use nutkin_kafka::decode_fetch_answer;

use crate::mutate::BINARY;
use crate::run::{Check, Target};

pub const TARGET: Target = Target { samples, mutations: BINARY, check, a_minute: 22_000_000 };

const VERSIONS: std::ops::RangeInclusive<i16> = 4..=16;

fn samples() -> Vec<Vec<u8>> {
    VERSIONS.flat_map(|version| [sample(version, 0), sample(version, 3)]).collect()
}

fn sample(version: i16, partitions: usize) -> Vec<u8> {
    let aborted = AbortedTransaction::default().with_producer_id(ProducerId(4)).with_first_offset(2);
    let partition = PartitionData::default()
        .with_high_watermark(9)
        .with_aborted_transactions(Some(vec![aborted; 2]))
        .with_records(Some(Bytes::from_static(&[5; 70])));
    let mut topic = FetchableTopicResponse::default().with_partitions(vec![partition; partitions]);
    if version < 13 {
        topic = topic.with_topic(TopicName(StrBytes::from_static_str("orders")));
    }
    let mut answer = BytesMut::new();
    answer.put_i32(7);
    if FetchResponse::header_version(version) >= 1 {
        answer.put_u8(0);
    }
    FetchResponse::default().with_responses(vec![topic; 2]).encode(&mut answer, version).unwrap();
    let decoded = decode_fetch_answer(answer.clone().freeze(), version).expect("a valid answer");
    assert_eq!(decoded.partitions.len(), 2 * partitions);
    answer.to_vec()
}

fn check() -> Check {
    Box::new(|input| {
        let mut read = false;
        for version in VERSIONS {
            let Some(answer) = decode_fetch_answer(Bytes::copy_from_slice(input), version) else { continue };
            let taken: usize = answer.partitions.iter().map(|p| p.records.len() + 16 * p.aborted.len() + 20).sum();
            assert!(taken <= input.len(), "version {version}: more than was sent");
            read |= !answer.partitions.is_empty();
        }
        read
    })
}
