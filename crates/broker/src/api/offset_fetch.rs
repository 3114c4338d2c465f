//! OffsetFetch: committed positions, of one group or (version 8 and later) of several.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions, OffsetFetchResponseTopic,
    OffsetFetchResponseTopics,
};
use kafka_protocol::messages::{ApiKey, OffsetFetchRequest, OffsetFetchResponse};

use super::errors::{group_id, text, topic_name};
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::groups::offsets::Positions;

pub(super) struct OffsetFetch;

/// Topics and partitions asked for; all with `None`.
type Asked = Option<Vec<(String, Vec<i32>)>>;

fn partition(
    call: &Call<'_>,
    group: &str,
    positions: &Positions,
    topic: &str,
    index: i32,
    stable: bool,
) -> OffsetFetchResponsePartitions {
    let answer = OffsetFetchResponsePartitions::default()
        .with_partition_index(index)
        .with_committed_offset(-1)
        .with_committed_leader_epoch(-1)
        .with_metadata(Some(text("")));
    if !call.allowed(Operation::Describe, Resource::Topic(topic)) {
        return answer.with_error_code(ResponseError::TopicAuthorizationFailed.code());
    }
    if stable && call.broker.groups.offsets.is_pending(group, topic, index) {
        return answer.with_error_code(ResponseError::UnstableOffsetCommit.code());
    }
    match positions.get(&(topic.to_owned(), index)) {
        None => answer,
        Some(position) => answer
            .with_committed_offset(position.offset)
            .with_committed_leader_epoch(position.leader_epoch)
            .with_metadata(Some(text(position.metadata.as_str()))),
    }
}

fn group(call: &Call<'_>, id: &str, asked: Asked, stable: bool) -> OffsetFetchResponseGroup {
    let answer = OffsetFetchResponseGroup::default().with_group_id(group_id(id));
    if !call.allowed(Operation::Describe, Resource::Group(id)) {
        return answer.with_error_code(ResponseError::GroupAuthorizationFailed.code());
    }
    let positions = call.broker.groups.offsets.get(id).unwrap_or_default();
    let asked = asked.unwrap_or_else(|| {
        let mut all: Vec<(String, Vec<i32>)> = Vec::new();
        for (topic, index) in positions.keys() {
            if !call.allowed(Operation::Describe, Resource::Topic(topic)) {
                continue;
            }
            match all.last_mut() {
                Some((last, indexes)) if last == topic => indexes.push(*index),
                _ => all.push((topic.clone(), vec![*index])),
            }
        }
        all
    });
    let topics = asked.into_iter().map(|(topic, indexes)| {
        let partitions = indexes.into_iter().map(|index| partition(call, id, &positions, &topic, index, stable));
        OffsetFetchResponseTopics::default().with_name(topic_name(&topic)).with_partitions(partitions.collect())
    });
    answer.with_topics(topics.collect())
}

/// The form of the versions before 8.
fn single(found: OffsetFetchResponseGroup) -> OffsetFetchResponse {
    let topics = found.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.into_iter().map(|partition| {
            OffsetFetchResponsePartition::default()
                .with_partition_index(partition.partition_index)
                .with_committed_offset(partition.committed_offset)
                .with_committed_leader_epoch(partition.committed_leader_epoch)
                .with_metadata(partition.metadata)
                .with_error_code(partition.error_code)
        });
        OffsetFetchResponseTopic::default().with_name(topic.name).with_partitions(partitions.collect())
    });
    OffsetFetchResponse::default().with_error_code(found.error_code).with_topics(topics.collect())
}

impl Endpoint for OffsetFetch {
    type Request = OffsetFetchRequest;
    type Response = OffsetFetchResponse;
    const KEY: ApiKey = ApiKey::OffsetFetch;
    const VERSIONS: (i16, i16) = (1, 9);
    const SHAPE: &'static str = "s@0-7 [@0-7 s ( 4 ) ] [@8+ s s@9+ 4@9+ [ s ( 4 ) ] ] 1@7+";
    const FLEXIBLE: i16 = 6;

    async fn handle(call: &mut Call<'_>, request: OffsetFetchRequest) -> Answer<OffsetFetchResponse> {
        let stable = request.require_stable;
        if call.version < 8 {
            let asked = request.topics.map(|topics| {
                topics.into_iter().map(|topic| (topic.name.to_string(), topic.partition_indexes)).collect()
            });
            return Answer::Send(single(group(call, &request.group_id, asked, stable)));
        }
        let groups = request.groups.into_iter().map(|wanted| {
            let asked = wanted.topics.map(|topics| {
                topics.into_iter().map(|topic| (topic.name.to_string(), topic.partition_indexes)).collect()
            });
            group(call, &wanted.group_id, asked, stable)
        });
        Answer::Send(OffsetFetchResponse::default().with_groups(groups.collect()))
    }
}
