//! Heartbeat: keeps a member in its group.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{ApiKey, HeartbeatRequest, HeartbeatResponse};

use super::errors::code;
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::groups::state::Who;

pub(super) struct Heartbeat;

impl Endpoint for Heartbeat {
    type Request = HeartbeatRequest;
    type Response = HeartbeatResponse;
    const KEY: ApiKey = ApiKey::Heartbeat;
    const VERSIONS: (i16, i16) = (0, 4);
    const SHAPE: &'static str = "s 4 s s@3+";
    const FLEXIBLE: i16 = 4;

    async fn handle(call: &mut Call<'_>, request: HeartbeatRequest) -> Answer<HeartbeatResponse> {
        let who = Who {
            member_id: request.member_id.to_string(),
            instance_id: request.group_instance_id.map(|instance| instance.to_string()),
            generation: request.generation_id,
        };
        let beat = match call.allowed(Operation::Read, Resource::Group(&request.group_id)) {
            true => call.broker.groups.heartbeat(&request.group_id, &who),
            false => Err(ResponseError::GroupAuthorizationFailed),
        };
        Answer::Send(HeartbeatResponse::default().with_error_code(code(&beat)))
    }
}
