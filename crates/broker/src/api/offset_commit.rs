//! OffsetCommit: by members of a group, and by those who assign partitions themselves.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_commit_response::{OffsetCommitResponsePartition, OffsetCommitResponseTopic};
use kafka_protocol::messages::{ApiKey, OffsetCommitRequest, OffsetCommitResponse};

use super::errors::{code, topic_name};
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::groups::offsets::{Committed, Positions};
use crate::groups::state::Who;

pub(super) struct OffsetCommit;

/// Longest metadata of a position (`offset.metadata.max.bytes`).
pub(super) const MAX_METADATA: usize = 4096;

fn check_group(call: &Call<'_>, request: &OffsetCommitRequest) -> Result<(), ResponseError> {
    if !call.allowed(Operation::Read, Resource::Group(&request.group_id)) {
        return Err(ResponseError::GroupAuthorizationFailed);
    }
    let who = Who {
        member_id: request.member_id.to_string(),
        instance_id: request.group_instance_id.as_ref().map(|instance| instance.to_string()),
        generation: request.generation_id_or_member_epoch,
    };
    call.broker.groups.may_commit(&request.group_id, &who, false)
}

impl Endpoint for OffsetCommit {
    type Request = OffsetCommitRequest;
    type Response = OffsetCommitResponse;
    const KEY: ApiKey = ApiKey::OffsetCommit;
    const VERSIONS: (i16, i16) = (2, 9);
    const SHAPE: &'static str = "s 4 s s@7+ 8@2-4 [ s [ 4 8 4@6+ s ] ]";
    const FLEXIBLE: i16 = 8;

    async fn handle(call: &mut Call<'_>, request: OffsetCommitRequest) -> Answer<OffsetCommitResponse> {
        let group = check_group(call, &request);
        let mut positions = Positions::new();
        let mut topics = Vec::new();
        for topic in &request.topics {
            let allowed = call.allowed(Operation::Read, Resource::Topic(&topic.name));
            let mut partitions = Vec::new();
            for asked in &topic.partitions {
                let metadata = asked.committed_metadata.as_deref().unwrap_or_default();
                let checked = match call.broker.topics.partition(&topic.name, asked.partition_index) {
                    _ if group.is_err() => group,
                    _ if !allowed => Err(ResponseError::TopicAuthorizationFailed),
                    None => Err(ResponseError::UnknownTopicOrPartition),
                    Some(_) if metadata.len() > MAX_METADATA => Err(ResponseError::OffsetMetadataTooLarge),
                    Some(_) => Ok(()),
                };
                if checked.is_ok() {
                    let position = Committed {
                        offset: asked.committed_offset,
                        leader_epoch: asked.committed_leader_epoch,
                        metadata: metadata.to_owned(),
                    };
                    positions.insert((topic.name.to_string(), asked.partition_index), position);
                }
                partitions.push((asked.partition_index, checked));
            }
            topics.push((topic_name(&topic.name), partitions));
        }
        let mut stored = Ok(());
        if !positions.is_empty() {
            let id = request.group_id.to_string();
            let done = call.blocking(move |broker| broker.groups.offsets.commit(&id, &positions)).await;
            if !matches!(done, Some(Ok(()))) {
                stored = Err(ResponseError::CoordinatorNotAvailable);
            }
        }
        let topics = topics.into_iter().map(|(name, partitions)| {
            let partitions = partitions.into_iter().map(|(index, checked)| {
                OffsetCommitResponsePartition::default()
                    .with_partition_index(index)
                    .with_error_code(code(&checked.and(stored)))
            });
            OffsetCommitResponseTopic::default().with_name(name).with_partitions(partitions.collect())
        });
        Answer::Send(OffsetCommitResponse::default().with_topics(topics.collect()))
    }
}
