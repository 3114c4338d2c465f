//! LeaveGroup: of the caller, or (version 3 and later) of several members.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::leave_group_response::MemberResponse;
use kafka_protocol::messages::{ApiKey, LeaveGroupRequest, LeaveGroupResponse};

use super::errors::code;
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};

pub(super) struct LeaveGroup;

impl Endpoint for LeaveGroup {
    type Request = LeaveGroupRequest;
    type Response = LeaveGroupResponse;
    const KEY: ApiKey = ApiKey::LeaveGroup;
    const VERSIONS: (i16, i16) = (0, 5);
    const SHAPE: &'static str = "s s@0-2 [@3+ s s s@5+ ]";
    const FLEXIBLE: i16 = 4;

    async fn handle(call: &mut Call<'_>, request: LeaveGroupRequest) -> Answer<LeaveGroupResponse> {
        let response = LeaveGroupResponse::default();
        if !call.allowed(Operation::Read, Resource::Group(&request.group_id)) {
            return Answer::Send(response.with_error_code(ResponseError::GroupAuthorizationFailed.code()));
        }
        let groups = &call.broker.groups;
        if call.version < 3 {
            let left = groups.leave(&request.group_id, request.member_id.to_string(), None);
            return Answer::Send(response.with_error_code(code(&left)));
        }
        let members = request.members.into_iter().map(|member| {
            let instance = member.group_instance_id.as_ref().map(|instance| instance.to_string());
            let left = groups.leave(&request.group_id, member.member_id.to_string(), instance);
            MemberResponse::default()
                .with_member_id(member.member_id)
                .with_group_instance_id(member.group_instance_id)
                .with_error_code(code(&left))
        });
        Answer::Send(response.with_members(members.collect()))
    }
}
