//! JoinGroup of the classic protocol: waits until all members are here.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::join_group_response::JoinGroupResponseMember;
use kafka_protocol::messages::{ApiKey, JoinGroupRequest, JoinGroupResponse};
use uuid::Uuid;

use super::errors::text;
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::groups::state::{Join, Joined};
use crate::groups::{MAX_SESSION_MS, MIN_SESSION_MS};

pub(super) struct JoinGroup;

fn check(call: &Call<'_>, request: &JoinGroupRequest) -> Result<(), ResponseError> {
    if request.group_id.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    if !call.allowed(Operation::Read, Resource::Group(&request.group_id)) {
        return Err(ResponseError::GroupAuthorizationFailed);
    }
    match u64::try_from(request.session_timeout_ms) {
        Ok(session) if (MIN_SESSION_MS..=MAX_SESSION_MS).contains(&session) => Ok(()),
        _ => Err(ResponseError::InvalidSessionTimeout),
    }
}

fn join(call: &Call<'_>, request: JoinGroupRequest) -> Join {
    let session_ms = u64::try_from(request.session_timeout_ms).unwrap_or(0);
    let prefix = request.group_instance_id.as_ref().map_or(call.client_id, |instance| instance.as_str());
    Join {
        new_member_id: format!("{prefix}-{}", Uuid::new_v4()),
        member_id: request.member_id.to_string(),
        instance_id: request.group_instance_id.map(|instance| instance.to_string()),
        client_id: call.client_id.to_owned(),
        client_host: format!("/{}", call.peer),
        protocol_type: request.protocol_type.to_string(),
        protocols: request.protocols.into_iter().map(|known| (known.name.to_string(), known.metadata)).collect(),
        session_ms,
        rebalance_ms: u64::try_from(request.rebalance_timeout_ms).ok().filter(|ms| *ms > 0).unwrap_or(session_ms),
        needs_id: call.version >= 4,
    }
}

fn joined(call: &Call<'_>, joined: Joined) -> JoinGroupResponse {
    // A leader that sees itself named but no members keeps the assignment that the group has (KIP-814).
    let members = joined.members.into_iter().map(|(id, instance, subscription)| {
        JoinGroupResponseMember::default()
            .with_member_id(text(id))
            .with_group_instance_id(instance.map(text))
            .with_metadata(subscription)
    });
    let protocol_type = joined.protocol_type.filter(|_| call.version >= 7);
    JoinGroupResponse::default()
        .with_generation_id(joined.generation)
        .with_protocol_type(protocol_type.map(text))
        .with_protocol_name(Some(text(joined.protocol.unwrap_or_default())))
        .with_leader(text(joined.leader))
        .with_member_id(text(joined.member_id))
        .with_members(members.collect())
}

fn failed(call: &Call<'_>, error: ResponseError, member_id: String) -> JoinGroupResponse {
    JoinGroupResponse::default()
        .with_error_code(error.code())
        .with_generation_id(-1)
        .with_protocol_name((call.version < 7).then(|| text("")))
        .with_member_id(text(member_id))
}

impl Endpoint for JoinGroup {
    type Request = JoinGroupRequest;
    type Response = JoinGroupResponse;
    const KEY: ApiKey = ApiKey::JoinGroup;
    const VERSIONS: (i16, i16) = (0, 9);
    const SHAPE: &'static str = "s 4 4@1+ s s@5+ s [ s b ] s@8+";
    const FLEXIBLE: i16 = 6;

    async fn handle(call: &mut Call<'_>, request: JoinGroupRequest) -> Answer<JoinGroupResponse> {
        if let Err(error) = check(call, &request) {
            return Answer::Send(failed(call, error, request.member_id.to_string()));
        }
        let group = request.group_id.to_string();
        let result = call.broker.groups.join(&group, join(call, request)).await;
        Answer::Send(match result {
            Ok(done) => joined(call, done),
            Err((error, member_id)) => failed(call, error, member_id),
        })
    }
}
