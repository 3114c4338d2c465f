//! DescribeTopicPartitions: topics page by page, with a cursor.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_topic_partitions_response::{
    Cursor, DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
};
use kafka_protocol::messages::{ApiKey, BrokerId, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse};

use super::errors::topic_name;
use super::metadata::{TOPIC_OPERATIONS, replicas};
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::broker::NODE_ID;
use crate::topics::Topic;

pub(super) struct DescribeTopicPartitions;

/// Most partitions in one answer.
const MAX_PARTITIONS: usize = 2000;

fn partition(topic: &Topic, index: usize) -> DescribeTopicPartitionsResponsePartition {
    let available = topic.partitions.get(index).is_some_and(|found| found.is_available());
    let found = DescribeTopicPartitionsResponsePartition::default()
        .with_partition_index(index as i32)
        .with_leader_epoch(0)
        .with_replica_nodes(replicas(topic))
        .with_eligible_leader_replicas(Some(Vec::new()))
        .with_last_known_elr(Some(Vec::new()));
    match available {
        true => found.with_leader_id(BrokerId(NODE_ID)).with_isr_nodes(replicas(topic)),
        false => found
            .with_error_code(ResponseError::LeaderNotAvailable.code())
            .with_leader_id(BrokerId(-1))
            .with_offline_replicas(vec![BrokerId(NODE_ID)]),
    }
}

/// Topics asked for, from the cursor on, in order of their names.
fn names(call: &Call<'_>, request: &DescribeTopicPartitionsRequest) -> Vec<String> {
    let mut names: Vec<String> = match request.topics.is_empty() {
        true => call
            .broker
            .topics
            .all()
            .iter()
            .filter(|topic| call.allowed(Operation::Describe, Resource::Topic(&topic.name)))
            .map(|topic| topic.name.clone())
            .collect(),
        false => request.topics.iter().map(|topic| topic.name.to_string()).collect(),
    };
    names.sort_unstable();
    names.dedup();
    if let Some(cursor) = &request.cursor {
        names.retain(|name| name.as_str() >= cursor.topic_name.as_str());
    }
    names
}

impl Endpoint for DescribeTopicPartitions {
    type Request = DescribeTopicPartitionsRequest;
    type Response = DescribeTopicPartitionsResponse;
    const KEY: ApiKey = ApiKey::DescribeTopicPartitions;
    const VERSIONS: (i16, i16) = (0, 0);
    const SHAPE: &'static str = "[ s ] 4 { s 4 }";
    const FLEXIBLE: i16 = 0;

    async fn handle(
        call: &mut Call<'_>,
        request: DescribeTopicPartitionsRequest,
    ) -> Answer<DescribeTopicPartitionsResponse> {
        let mut left = usize::try_from(request.response_partition_limit).unwrap_or(0).clamp(1, MAX_PARTITIONS);
        let mut topics = Vec::new();
        let mut next = None;
        for name in names(call, &request) {
            let mut answer = DescribeTopicPartitionsResponseTopic::default().with_name(Some(topic_name(&name)));
            let allowed = call.allowed(Operation::Describe, Resource::Topic(&name));
            let Some(topic) = call.broker.topics.get(&name).filter(|_| allowed) else {
                answer.error_code = match allowed {
                    true => ResponseError::UnknownTopicOrPartition.code(),
                    false => ResponseError::TopicAuthorizationFailed.code(),
                };
                topics.push(answer);
                continue;
            };
            let first = request
                .cursor
                .as_ref()
                .filter(|cursor| cursor.topic_name.as_str() == name)
                .and_then(|cursor| usize::try_from(cursor.partition_index).ok())
                .unwrap_or(0);
            let last = topic.partitions.len().min(first + left);
            if left > 0 {
                answer.topic_id = topic.id;
                answer.partitions = (first..last).map(|index| partition(&topic, index)).collect();
                answer.topic_authorized_operations = call.operations(TOPIC_OPERATIONS, Resource::Topic(&name));
                left -= answer.partitions.len();
                topics.push(answer);
            }
            if last < topic.partitions.len() {
                next = Some(Cursor::default().with_topic_name(topic_name(&name)).with_partition_index(last as i32));
                break;
            }
        }
        Answer::Send(DescribeTopicPartitionsResponse::default().with_topics(topics).with_next_cursor(next))
    }
}
