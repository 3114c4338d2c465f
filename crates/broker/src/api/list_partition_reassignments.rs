//! ListPartitionReassignments: a single node has none.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{ApiKey, ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse};

use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};

pub(super) struct ListPartitionReassignments;

impl Endpoint for ListPartitionReassignments {
    type Request = ListPartitionReassignmentsRequest;
    type Response = ListPartitionReassignmentsResponse;
    const KEY: ApiKey = ApiKey::ListPartitionReassignments;
    const VERSIONS: (i16, i16) = (0, 0);
    const SHAPE: &'static str = "4 [ s ( 4 ) ]";
    const FLEXIBLE: i16 = 0;

    async fn handle(
        call: &mut Call<'_>,
        _: ListPartitionReassignmentsRequest,
    ) -> Answer<ListPartitionReassignmentsResponse> {
        let response = ListPartitionReassignmentsResponse::default();
        Answer::Send(match call.allowed(Operation::Describe, Resource::Cluster) {
            true => response,
            false => response.with_error_code(ResponseError::ClusterAuthorizationFailed.code()),
        })
    }
}
