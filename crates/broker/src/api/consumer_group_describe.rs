//! ConsumerGroupDescribe: of the new group protocol, which no group here uses.
//!
//! The tools ask this first and fall back to DescribeGroups when a group is not of the new protocol.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::consumer_group_describe_response::DescribedGroup;
use kafka_protocol::messages::{ApiKey, ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse};

use super::errors::text;
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};

pub(super) struct ConsumerGroupDescribe;

impl Endpoint for ConsumerGroupDescribe {
    type Request = ConsumerGroupDescribeRequest;
    type Response = ConsumerGroupDescribeResponse;
    const KEY: ApiKey = ApiKey::ConsumerGroupDescribe;
    const VERSIONS: (i16, i16) = (0, 1);
    const SHAPE: &'static str = "( s ) 1";
    const FLEXIBLE: i16 = 0;

    async fn handle(
        call: &mut Call<'_>,
        request: ConsumerGroupDescribeRequest,
    ) -> Answer<ConsumerGroupDescribeResponse> {
        let groups = request.group_ids.into_iter().map(|id| {
            let (error, message) = match call.allowed(Operation::Describe, Resource::Group(&id)) {
                false => (ResponseError::GroupAuthorizationFailed, "not allowed to see the group".to_owned()),
                true if call.broker.groups.get(&id).is_some() || call.broker.groups.offsets.get(&id).is_some() => {
                    (ResponseError::GroupIdNotFound, format!("Group {} is not a consumer group.", &*id))
                }
                true => (ResponseError::GroupIdNotFound, format!("Group {} not found.", &*id)),
            };
            DescribedGroup::default()
                .with_group_id(id)
                .with_error_code(error.code())
                .with_error_message(Some(text(message)))
        });
        Answer::Send(ConsumerGroupDescribeResponse::default().with_groups(groups.collect()))
    }
}
