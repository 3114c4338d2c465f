//! FindCoordinator: always this node.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::find_coordinator_response::Coordinator;
use kafka_protocol::messages::{ApiKey, BrokerId, FindCoordinatorRequest, FindCoordinatorResponse};

use super::errors::text;
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::broker::NODE_ID;

pub(super) struct FindCoordinator;

const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;

fn check(call: &Call<'_>, key: &str, kind: i8) -> Result<(), ResponseError> {
    match kind {
        GROUP if call.allowed(Operation::Describe, Resource::Group(key)) => Ok(()),
        GROUP => Err(ResponseError::GroupAuthorizationFailed),
        TRANSACTION if call.allowed(Operation::Describe, Resource::TransactionalId(key)) => Ok(()),
        TRANSACTION => Err(ResponseError::TransactionalIdAuthorizationFailed),
        // Share groups are not served.
        _ => Err(ResponseError::InvalidRequest),
    }
}

impl Endpoint for FindCoordinator {
    type Request = FindCoordinatorRequest;
    type Response = FindCoordinatorResponse;
    const KEY: ApiKey = ApiKey::FindCoordinator;
    const VERSIONS: (i16, i16) = (0, 6);
    const SHAPE: &'static str = "s@0-3 1@1+ (@4+ s )";
    const FLEXIBLE: i16 = 3;

    async fn handle(call: &mut Call<'_>, request: FindCoordinatorRequest) -> Answer<FindCoordinatorResponse> {
        let (host, port) = call.broker.advertised(call.listener);
        let one = |key: &str| match check(call, key, request.key_type) {
            Ok(()) => Coordinator::default()
                .with_key(text(key))
                .with_node_id(BrokerId(NODE_ID))
                .with_host(text(host.as_str()))
                .with_port(port),
            Err(error) => Coordinator::default()
                .with_key(text(key))
                .with_node_id(BrokerId(-1))
                .with_port(-1)
                .with_error_code(error.code())
                .with_error_message(Some(text(error.to_string()))),
        };
        if call.version >= 4 {
            let all = request.coordinator_keys.iter().map(|key| one(key)).collect();
            return Answer::Send(FindCoordinatorResponse::default().with_coordinators(all));
        }
        let found = one(&request.key);
        Answer::Send(
            FindCoordinatorResponse::default()
                .with_error_code(found.error_code)
                .with_error_message(found.error_message)
                .with_node_id(found.node_id)
                .with_host(found.host)
                .with_port(found.port),
        )
    }
}
