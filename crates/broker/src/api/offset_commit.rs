//! OffsetCommit: by members of a group, and by those who assign partitions themselves.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_commit_response::{OffsetCommitResponsePartition, OffsetCommitResponseTopic};
use kafka_protocol::messages::{ApiKey, OffsetCommitRequest, OffsetCommitResponse};

use super::commits::{Asked, Checked};
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::groups::state::Who;

pub(super) struct OffsetCommit;

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
        let topics = request.topics.iter().map(|topic| {
            let partitions = topic.partitions.iter().map(|partition| Asked {
                partition: partition.partition_index,
                offset: partition.committed_offset,
                leader_epoch: partition.committed_leader_epoch,
                metadata: partition.committed_metadata.as_ref(),
            });
            (&topic.name, partitions)
        });
        let checked = Checked::new(call, group, topics);
        let id = request.group_id.to_string();
        let answered = checked.store(call, move |broker, positions| broker.groups.offsets.commit(&id, positions)).await;
        let topics = answered.map(|(name, partitions)| {
            let partitions = partitions.map(|(index, code)| {
                OffsetCommitResponsePartition::default().with_partition_index(index).with_error_code(code)
            });
            OffsetCommitResponseTopic::default().with_name(name).with_partitions(partitions.collect())
        });
        Answer::Send(OffsetCommitResponse::default().with_topics(topics.collect()))
    }
}
