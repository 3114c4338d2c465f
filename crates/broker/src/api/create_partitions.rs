//! CreatePartitions: topics grow.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::create_partitions_request::CreatePartitionsTopic;
use kafka_protocol::messages::create_partitions_response::CreatePartitionsTopicResult;
use kafka_protocol::messages::{ApiKey, CreatePartitionsRequest, CreatePartitionsResponse};

use super::errors::text;
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::broker::NODE_ID;
use crate::topics::Refusal;

pub(super) struct CreatePartitions;

async fn grow(call: &Call<'_>, asked: &CreatePartitionsTopic, validate_only: bool) -> Result<(), Refusal> {
    let (name, count) = (asked.name.to_string(), asked.count);
    if !call.allowed(Operation::Alter, Resource::Topic(&name)) {
        return Err((ResponseError::TopicAuthorizationFailed, format!("not allowed to alter topic '{name}'")));
    }
    let elsewhere = |ids: &[kafka_protocol::messages::BrokerId]| ids.iter().any(|id| id.0 != NODE_ID);
    if asked.assignments.iter().flatten().any(|assigned| elsewhere(&assigned.broker_ids)) {
        let reason = "partitions can only be assigned to node 1".to_owned();
        return Err((ResponseError::InvalidReplicaAssignment, reason));
    }
    let grown = call.blocking(move |broker| broker.topics.grow(&name, count, validate_only)).await;
    grown.unwrap_or(Err((ResponseError::RequestTimedOut, "the broker stops".to_owned())))
}

impl Endpoint for CreatePartitions {
    type Request = CreatePartitionsRequest;
    type Response = CreatePartitionsResponse;
    const KEY: ApiKey = ApiKey::CreatePartitions;
    const VERSIONS: (i16, i16) = (0, 3);
    const SHAPE: &'static str = "[ s 4 [ ( 4 ) ] ] 4 1";
    const FLEXIBLE: i16 = 2;

    async fn handle(call: &mut Call<'_>, request: CreatePartitionsRequest) -> Answer<CreatePartitionsResponse> {
        let mut results = Vec::new();
        for asked in &request.topics {
            let result = CreatePartitionsTopicResult::default().with_name(asked.name.clone());
            results.push(match grow(call, asked, request.validate_only).await {
                Ok(()) => result,
                Err((error, message)) => result.with_error_code(error.code()).with_error_message(Some(text(message))),
            });
        }
        Answer::Send(CreatePartitionsResponse::default().with_results(results))
    }
}
