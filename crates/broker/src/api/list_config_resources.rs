//! ListConfigResources: which resources have settings.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::list_config_resources_response::ConfigResource;
use kafka_protocol::messages::{ApiKey, ListConfigResourcesRequest, ListConfigResourcesResponse};

use super::describe_configs::{BROKER, TOPIC};
use super::errors::text;
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::broker::NODE_ID;

pub(super) struct ListConfigResources;

/// Client metrics, of which there are none; all that version 0 asks for.
const CLIENT_METRICS: i8 = 16;

impl Endpoint for ListConfigResources {
    type Request = ListConfigResourcesRequest;
    type Response = ListConfigResourcesResponse;
    const KEY: ApiKey = ApiKey::ListConfigResources;
    const VERSIONS: (i16, i16) = (0, 1);
    const SHAPE: &'static str = "(@1+ 1 )";
    const FLEXIBLE: i16 = 0;

    async fn handle(call: &mut Call<'_>, request: ListConfigResourcesRequest) -> Answer<ListConfigResourcesResponse> {
        let response = ListConfigResourcesResponse::default();
        if !call.allowed(Operation::DescribeConfigs, Resource::Cluster) {
            return Answer::Send(response.with_error_code(ResponseError::ClusterAuthorizationFailed.code()));
        }
        let kinds = match (call.version, request.resource_types.is_empty()) {
            (0, _) => vec![CLIENT_METRICS],
            (_, true) => vec![TOPIC, BROKER],
            (_, false) => request.resource_types,
        };
        let mut found = Vec::new();
        if kinds.contains(&TOPIC) {
            let all = call.broker.topics.all();
            found.extend(all.iter().map(|topic| {
                ConfigResource::default().with_resource_name(text(topic.name.as_str())).with_resource_type(TOPIC)
            }));
        }
        if kinds.contains(&BROKER) {
            let node = ConfigResource::default().with_resource_name(text(NODE_ID.to_string()));
            found.push(node.with_resource_type(BROKER));
        }
        Answer::Send(response.with_config_resources(found))
    }
}
