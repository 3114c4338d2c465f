//! ElectLeaders: the only node leads already.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::elect_leaders_response::{PartitionResult, ReplicaElectionResult};
use kafka_protocol::messages::{ApiKey, ElectLeadersRequest, ElectLeadersResponse};

use super::errors::text;
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};

pub(super) struct ElectLeaders;

impl Endpoint for ElectLeaders {
    type Request = ElectLeadersRequest;
    type Response = ElectLeadersResponse;
    const KEY: ApiKey = ApiKey::ElectLeaders;
    const VERSIONS: (i16, i16) = (0, 2);
    const SHAPE: &'static str = "1@1+ [ s ( 4 ) ] 4";
    const FLEXIBLE: i16 = 2;

    async fn handle(call: &mut Call<'_>, request: ElectLeadersRequest) -> Answer<ElectLeadersResponse> {
        let response = ElectLeadersResponse::default();
        if !call.allowed(Operation::Alter, Resource::Cluster) {
            return Answer::Send(response.with_error_code(ResponseError::ClusterAuthorizationFailed.code()));
        }
        // Without a list all partitions are meant, and only those where something changed are answered: none.
        let results = request.topic_partitions.into_iter().flatten().map(|topic| {
            let partitions = topic.partitions.iter().map(|index| {
                let error = match call.broker.topics.partition(&topic.topic, *index) {
                    Some(_) => ResponseError::ElectionNotNeeded,
                    None => ResponseError::UnknownTopicOrPartition,
                };
                PartitionResult::default()
                    .with_partition_id(*index)
                    .with_error_code(error.code())
                    .with_error_message(Some(text(error.to_string())))
            });
            ReplicaElectionResult::default().with_partition_result(partitions.collect()).with_topic(topic.topic)
        });
        Answer::Send(response.with_replica_election_results(results.collect()))
    }
}
