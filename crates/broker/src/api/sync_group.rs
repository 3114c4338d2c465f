//! SyncGroup: hands in the leader's assignment, or waits for it.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{ApiKey, SyncGroupRequest, SyncGroupResponse};

use super::errors::text;
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::groups::state::Who;

pub(super) struct SyncGroup;

impl Endpoint for SyncGroup {
    type Request = SyncGroupRequest;
    type Response = SyncGroupResponse;
    const KEY: ApiKey = ApiKey::SyncGroup;
    const VERSIONS: (i16, i16) = (0, 5);
    const SHAPE: &'static str = "s 4 s s@3+ s@5+ s@5+ [ s b ]";
    const FLEXIBLE: i16 = 4;

    async fn handle(call: &mut Call<'_>, request: SyncGroupRequest) -> Answer<SyncGroupResponse> {
        if !call.allowed(Operation::Read, Resource::Group(&request.group_id)) {
            let error = ResponseError::GroupAuthorizationFailed.code();
            return Answer::Send(SyncGroupResponse::default().with_error_code(error));
        }
        let who = Who {
            member_id: request.member_id.to_string(),
            instance_id: request.group_instance_id.map(|instance| instance.to_string()),
            generation: request.generation_id,
        };
        let protocol = (
            request.protocol_type.map(|named| named.to_string()),
            request.protocol_name.map(|named| named.to_string()),
        );
        let assignments = request.assignments.into_iter().map(|part| (part.member_id.to_string(), part.assignment));
        let synced = call.broker.groups.sync(&request.group_id, who, protocol, assignments.collect()).await;
        Answer::Send(match synced {
            Ok(synced) => SyncGroupResponse::default()
                .with_protocol_type(synced.protocol_type.filter(|_| call.version >= 5).map(text))
                .with_protocol_name(synced.protocol.filter(|_| call.version >= 5).map(text))
                .with_assignment(synced.assignment),
            Err(error) => SyncGroupResponse::default().with_error_code(error.code()),
        })
    }
}
