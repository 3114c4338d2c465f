//! DeleteGroups: those without members.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::delete_groups_response::DeletableGroupResult;
use kafka_protocol::messages::{ApiKey, DeleteGroupsRequest, DeleteGroupsResponse};

use super::errors::code;
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};

pub(super) struct DeleteGroups;

impl Endpoint for DeleteGroups {
    type Request = DeleteGroupsRequest;
    type Response = DeleteGroupsResponse;
    const KEY: ApiKey = ApiKey::DeleteGroups;
    const VERSIONS: (i16, i16) = (0, 2);
    const SHAPE: &'static str = "( s )";
    const FLEXIBLE: i16 = 2;

    async fn handle(call: &mut Call<'_>, request: DeleteGroupsRequest) -> Answer<DeleteGroupsResponse> {
        let mut results = Vec::new();
        for id in request.groups_names {
            let deleted = if call.allowed(Operation::Delete, Resource::Group(&id)) {
                let name = id.to_string();
                call.blocking(move |broker| broker.groups.delete(&name))
                    .await
                    .unwrap_or(Err(ResponseError::CoordinatorNotAvailable))
            } else {
                Err(ResponseError::GroupAuthorizationFailed)
            };
            results.push(DeletableGroupResult::default().with_group_id(id).with_error_code(code(&deleted)));
        }
        Answer::Send(DeleteGroupsResponse::default().with_results(results))
    }
}
