//! DescribeCluster: the node.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_cluster_response::DescribeClusterBroker;
use kafka_protocol::messages::{ApiKey, BrokerId, DescribeClusterRequest, DescribeClusterResponse};

use super::errors::text;
use super::metadata::CLUSTER_OPERATIONS;
use super::{Answer, Call, Endpoint};
use crate::access::Resource;
use crate::broker::NODE_ID;

pub(super) struct DescribeCluster;

/// The endpoint type of brokers; 2 would be controllers.
const BROKERS: i8 = 1;

impl Endpoint for DescribeCluster {
    type Request = DescribeClusterRequest;
    type Response = DescribeClusterResponse;
    const KEY: ApiKey = ApiKey::DescribeCluster;
    const VERSIONS: (i16, i16) = (0, 2);
    const SHAPE: &'static str = "1 1@1+ 1@2+";
    const FLEXIBLE: i16 = 0;

    async fn handle(call: &mut Call<'_>, request: DescribeClusterRequest) -> Answer<DescribeClusterResponse> {
        let response = DescribeClusterResponse::default();
        if call.version >= 1 && request.endpoint_type != BROKERS {
            let error = ResponseError::MismatchedEndpointType;
            return Answer::Send(
                response.with_error_code(error.code()).with_error_message(Some(text(error.to_string()))),
            );
        }
        let (host, port) = call.broker.advertised(call.listener);
        let node =
            DescribeClusterBroker::default().with_broker_id(BrokerId(NODE_ID)).with_host(text(host)).with_port(port);
        let mut response = response
            .with_cluster_id(text(call.broker.options.cluster_id.as_str()))
            .with_controller_id(BrokerId(NODE_ID))
            .with_brokers(vec![node]);
        if request.include_cluster_authorized_operations {
            response.cluster_authorized_operations = call.operations(CLUSTER_OPERATIONS, Resource::Cluster);
        }
        Answer::Send(response)
    }
}
