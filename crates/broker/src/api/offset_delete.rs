//! OffsetDelete: forgets positions of a group in partitions that no member reads.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_delete_response::{OffsetDeleteResponsePartition, OffsetDeleteResponseTopic};
use kafka_protocol::messages::{ApiKey, OffsetDeleteRequest, OffsetDeleteResponse};

use super::errors::code;
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::groups::subscription::subscribes;

pub(super) struct OffsetDelete;

fn check(call: &Call<'_>, id: &str) -> Result<(), ResponseError> {
    if !call.allowed(Operation::Delete, Resource::Group(id)) {
        return Err(ResponseError::GroupAuthorizationFailed);
    }
    match call.broker.groups.get(id) {
        // Members that are no consumers do not say what they read.
        Some(group) if !group.is_empty() && group.protocol_type.as_deref() != Some("consumer") => {
            Err(ResponseError::NonEmptyGroup)
        }
        None if call.broker.groups.offsets.get(id).is_none() => Err(ResponseError::GroupIdNotFound),
        _ => Ok(()),
    }
}

impl Endpoint for OffsetDelete {
    type Request = OffsetDeleteRequest;
    type Response = OffsetDeleteResponse;
    const KEY: ApiKey = ApiKey::OffsetDelete;
    const VERSIONS: (i16, i16) = (0, 0);
    const SHAPE: &'static str = "s [ s [ 4 ] ]";
    const FLEXIBLE: i16 = i16::MAX;

    async fn handle(call: &mut Call<'_>, request: OffsetDeleteRequest) -> Answer<OffsetDeleteResponse> {
        let id = request.group_id.to_string();
        if let Err(error) = check(call, &id) {
            return Answer::Send(OffsetDeleteResponse::default().with_error_code(error.code()));
        }
        let group = call.broker.groups.get(&id).unwrap_or_default();
        let mut gone = Vec::new();
        let topics = request.topics.into_iter().map(|topic| {
            let checked = if !call.allowed(Operation::Read, Resource::Topic(&topic.name)) {
                Err(ResponseError::TopicAuthorizationFailed)
            } else if subscribes(&group, &topic.name) {
                Err(ResponseError::GroupSubscribedToTopic)
            } else {
                gone.extend(topic.partitions.iter().map(|asked| (topic.name.to_string(), asked.partition_index)));
                Ok(())
            };
            let partitions = topic.partitions.iter().map(|asked| {
                OffsetDeleteResponsePartition::default()
                    .with_partition_index(asked.partition_index)
                    .with_error_code(code(&checked))
            });
            OffsetDeleteResponseTopic::default().with_partitions(partitions.collect()).with_name(topic.name)
        });
        let response = OffsetDeleteResponse::default().with_topics(topics.collect());
        let removed = call.blocking(move |broker| broker.groups.offsets.remove(&id, gone)).await;
        Answer::Send(match removed {
            Some(Ok(())) => response,
            _ => OffsetDeleteResponse::default().with_error_code(ResponseError::CoordinatorNotAvailable.code()),
        })
    }
}
