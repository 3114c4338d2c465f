//! ListOffsets: first, last, latest by time, or first at a time.

use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
use kafka_protocol::messages::{ApiKey, ListOffsetsRequest, ListOffsetsResponse};

use super::errors::{of_partition, topic_name};
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::log::lookup::Found;
use crate::topics::partition::Partition;

pub(super) struct ListOffsets;

/// "Latest": the next offset, or the last stable one.
const LATEST: i64 = -1;
/// "Earliest".
const EARLIEST: i64 = -2;
/// The record with the largest time stamp.
const MAX_TIMESTAMP: i64 = -3;
/// "Earliest" on local disk, which is all there is.
const EARLIEST_LOCAL: i64 = -4;
/// "Latest" in tiered storage, which there is not.
const LATEST_TIERED: i64 = -5;

/// Blocks.
fn look_up(partition: &Partition, timestamp: i64, committed: bool) -> Result<Option<Found>, ResponseError> {
    let ends = partition.ends();
    let end = if committed { ends.stable } else { ends.end };
    let at = |offset| Ok(Some(Found { offset, timestamp: -1 }));
    let found = match timestamp {
        LATEST => return at(end),
        EARLIEST | EARLIEST_LOCAL => return at(ends.start),
        LATEST_TIERED => return Ok(None),
        MAX_TIMESTAMP => partition.with_log(crate::log::Log::latest_by_time),
        timestamp if timestamp >= 0 => partition.with_log(|log| log.first_at(timestamp)),
        _ => return Err(ResponseError::InvalidRequest),
    };
    Ok(found.map_err(|error| of_partition(&error))?.filter(|found| found.offset < end))
}

impl Endpoint for ListOffsets {
    type Request = ListOffsetsRequest;
    type Response = ListOffsetsResponse;
    const KEY: ApiKey = ApiKey::ListOffsets;
    const VERSIONS: (i16, i16) = (1, 10);
    const SHAPE: &'static str = "4 1@2+ [ s [ 4 4@4+ 8 ] ] 4@10+";
    const FLEXIBLE: i16 = 6;

    async fn handle(call: &mut Call<'_>, request: ListOffsetsRequest) -> Answer<ListOffsetsResponse> {
        let committed = request.isolation_level == 1;
        let mut jobs = Vec::new();
        for topic in &request.topics {
            let allowed = call.allowed(Operation::Describe, Resource::Topic(&topic.name));
            let mut partitions = Vec::new();
            for asked in &topic.partitions {
                let found = match call.broker.topics.partition(&topic.name, asked.partition_index) {
                    _ if !allowed => Err(ResponseError::TopicAuthorizationFailed),
                    None => Err(ResponseError::UnknownTopicOrPartition),
                    Some(_) if asked.current_leader_epoch > 0 => Err(ResponseError::UnknownLeaderEpoch),
                    Some(found) if !found.is_available() => Err(ResponseError::KafkaStorageError),
                    Some(found) => Ok(found),
                };
                partitions.push((asked.partition_index, asked.timestamp, found));
            }
            jobs.push((topic.name.clone(), partitions));
        }
        let answered = call.blocking(move |_| jobs.into_iter().map(|job| answer(job, committed)).collect()).await;
        match answered {
            Some(topics) => Answer::Send(ListOffsetsResponse::default().with_topics(topics)),
            None => Answer::Close("the broker stops".to_owned()),
        }
    }
}

type Job = (kafka_protocol::messages::TopicName, Vec<(i32, i64, Result<Arc<Partition>, ResponseError>)>);

fn answer((name, partitions): Job, committed: bool) -> ListOffsetsTopicResponse {
    let partitions = partitions.into_iter().map(|(index, timestamp, partition)| {
        let answer = ListOffsetsPartitionResponse::default().with_partition_index(index);
        match partition.and_then(|partition| look_up(&partition, timestamp, committed)) {
            Ok(Some(found)) => answer.with_offset(found.offset).with_timestamp(found.timestamp).with_leader_epoch(0),
            Ok(None) => answer.with_offset(-1).with_timestamp(-1),
            Err(error) => answer.with_offset(-1).with_timestamp(-1).with_error_code(error.code()),
        }
    });
    ListOffsetsTopicResponse::default().with_name(topic_name(&name)).with_partitions(partitions.collect())
}
