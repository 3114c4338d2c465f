//! OffsetForLeaderEpoch: there is one epoch, 0, and it ends at the end of the log.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_for_leader_epoch_response::{EpochEndOffset, OffsetForLeaderTopicResult};
use kafka_protocol::messages::{ApiKey, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse};

use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};

pub(super) struct OffsetForLeaderEpoch;

impl Endpoint for OffsetForLeaderEpoch {
    type Request = OffsetForLeaderEpochRequest;
    type Response = OffsetForLeaderEpochResponse;
    const KEY: ApiKey = ApiKey::OffsetForLeaderEpoch;
    const VERSIONS: (i16, i16) = (2, 4);
    const SHAPE: &'static str = "4@3+ [ s [ 4 4 4 ] ]";
    const FLEXIBLE: i16 = 4;

    async fn handle(call: &mut Call<'_>, request: OffsetForLeaderEpochRequest) -> Answer<OffsetForLeaderEpochResponse> {
        let topics = request.topics.into_iter().map(|topic| {
            let allowed = call.allowed(Operation::Describe, Resource::Topic(&topic.topic));
            let partitions = topic.partitions.iter().map(|asked| {
                let answer = EpochEndOffset::default().with_partition(asked.partition);
                let failed = |error: ResponseError| {
                    answer.clone().with_error_code(error.code()).with_leader_epoch(-1).with_end_offset(-1)
                };
                match call.broker.topics.partition(&topic.topic, asked.partition) {
                    _ if !allowed => failed(ResponseError::TopicAuthorizationFailed),
                    None => failed(ResponseError::UnknownTopicOrPartition),
                    Some(_) if asked.current_leader_epoch > 0 => failed(ResponseError::UnknownLeaderEpoch),
                    Some(found) if asked.leader_epoch == 0 => {
                        answer.with_leader_epoch(0).with_end_offset(found.ends().end)
                    }
                    Some(_) => answer.with_leader_epoch(-1).with_end_offset(-1),
                }
            });
            OffsetForLeaderTopicResult::default().with_partitions(partitions.collect()).with_topic(topic.topic)
        });
        Answer::Send(OffsetForLeaderEpochResponse::default().with_topics(topics.collect()))
    }
}
