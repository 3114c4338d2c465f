//! DescribeGroups: members and their parts.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_groups_response::{DescribedGroup, DescribedGroupMember};
use kafka_protocol::messages::{ApiKey, DescribeGroupsRequest, DescribeGroupsResponse};

use super::errors::text;
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::groups::state::{Group, Phase};

pub(super) struct DescribeGroups;

/// The operations that exist on a group.
const OPERATIONS: &[Operation] = &[Operation::Read, Operation::Delete, Operation::Describe];

fn describe(group: &Group) -> DescribedGroup {
    let protocol = group.protocol.as_deref().filter(|_| group.phase == Phase::Stable).unwrap_or_default();
    let members = group.members.iter().map(|(id, member)| {
        DescribedGroupMember::default()
            .with_member_id(text(id.as_str()))
            .with_group_instance_id(member.instance_id.as_deref().map(text))
            .with_client_id(text(member.client_id.as_str()))
            .with_client_host(text(member.client_host.as_str()))
            .with_member_metadata(member.subscription(protocol))
            .with_member_assignment(member.assignment.clone())
    });
    DescribedGroup::default()
        .with_group_state(text(group.phase.name()))
        .with_protocol_type(text(group.protocol_type.as_deref().unwrap_or_default()))
        .with_protocol_data(text(protocol))
        .with_members(members.collect())
}

fn find(call: &Call<'_>, id: &str) -> DescribedGroup {
    if !call.allowed(Operation::Describe, Resource::Group(id)) {
        return DescribedGroup::default().with_error_code(ResponseError::GroupAuthorizationFailed.code());
    }
    if let Some(group) = call.broker.groups.get(id) {
        return describe(&group);
    }
    if call.broker.groups.offsets.get(id).is_some() {
        return describe(&Group::default());
    }
    let dead = DescribedGroup::default().with_group_state(text("Dead"));
    match call.version {
        6.. => dead
            .with_error_code(ResponseError::GroupIdNotFound.code())
            .with_error_message(Some(text(format!("group '{id}' does not exist")))),
        _ => dead,
    }
}

impl Endpoint for DescribeGroups {
    type Request = DescribeGroupsRequest;
    type Response = DescribeGroupsResponse;
    const KEY: ApiKey = ApiKey::DescribeGroups;
    const VERSIONS: (i16, i16) = (0, 6);
    const SHAPE: &'static str = "( s ) 1@3+";
    const FLEXIBLE: i16 = 5;

    async fn handle(call: &mut Call<'_>, request: DescribeGroupsRequest) -> Answer<DescribeGroupsResponse> {
        let groups = request.groups.into_iter().map(|id| {
            let mut found = find(call, &id);
            if request.include_authorized_operations && found.error_code == 0 {
                found.authorized_operations = call.operations(OPERATIONS, Resource::Group(&id));
            }
            found.with_group_id(id)
        });
        Answer::Send(DescribeGroupsResponse::default().with_groups(groups.collect()))
    }
}
