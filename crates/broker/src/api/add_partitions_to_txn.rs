//! AddPartitionsToTxn: by clients of transaction version 1 (versions up to 3), or in batches (4 and later).

use std::collections::BTreeMap;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic;
use kafka_protocol::messages::add_partitions_to_txn_response::{
    AddPartitionsToTxnPartitionResult, AddPartitionsToTxnResult, AddPartitionsToTxnTopicResult,
};
use kafka_protocol::messages::{AddPartitionsToTxnRequest, AddPartitionsToTxnResponse, ApiKey};

use super::errors::{code, fenced_since, topic_name};
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};

pub(super) struct AddPartitionsToTxn;

type Results = BTreeMap<(String, i32), Result<(), ResponseError>>;

fn check(call: &Call<'_>, id: &str, topics: &[AddPartitionsToTxnTopic]) -> Results {
    let may_use = call.allowed(Operation::Write, Resource::TransactionalId(id));
    let mut results = Results::new();
    for topic in topics {
        let may_write = call.allowed(Operation::Write, Resource::Topic(&topic.name));
        for index in &topic.partitions {
            let checked = match call.broker.topics.partition(&topic.name, *index) {
                _ if !may_use => Err(ResponseError::TransactionalIdAuthorizationFailed),
                _ if !may_write => Err(ResponseError::TopicAuthorizationFailed),
                None => Err(ResponseError::UnknownTopicOrPartition),
                Some(_) => Ok(()),
            };
            results.insert((topic.name.to_string(), *index), checked);
        }
    }
    results
}

async fn add(
    call: &Call<'_>,
    id: &str,
    producer: (i64, i16),
    topics: &[AddPartitionsToTxnTopic],
    verify_only: bool,
) -> Vec<AddPartitionsToTxnTopicResult> {
    let mut results = check(call, id, topics);
    let partitions: Vec<(String, i32)> = results.keys().cloned().collect();
    let verdict = if results.values().any(Result::is_err) {
        // All or nothing.
        Err(ResponseError::OperationNotAttempted)
    } else if verify_only {
        call.broker.transactions.verify(id, producer, &partitions)
    } else {
        call.broker.transactions.add(id, producer, partitions, None).await
    };
    let verdict = verdict.map_err(|error| fenced_since(error, call.version, 2));
    results.values_mut().for_each(|result| *result = result.and(verdict));
    topics
        .iter()
        .map(|topic| {
            let partitions = topic.partitions.iter().map(|index| {
                let result = results.get(&(topic.name.to_string(), *index)).copied().unwrap_or(verdict);
                AddPartitionsToTxnPartitionResult::default()
                    .with_partition_index(*index)
                    .with_partition_error_code(code(&result))
            });
            AddPartitionsToTxnTopicResult::default()
                .with_name(topic_name(&topic.name))
                .with_results_by_partition(partitions.collect())
        })
        .collect()
}

impl Endpoint for AddPartitionsToTxn {
    type Request = AddPartitionsToTxnRequest;
    type Response = AddPartitionsToTxnResponse;
    const KEY: ApiKey = ApiKey::AddPartitionsToTxn;
    const VERSIONS: (i16, i16) = (0, 5);
    const SHAPE: &'static str = "[@4+ s 8 2 1 [ s ( 4 ) ] ] s@0-3 8@0-3 2@0-3 [@0-3 s ( 4 ) ]";
    const FLEXIBLE: i16 = 3;

    async fn handle(call: &mut Call<'_>, request: AddPartitionsToTxnRequest) -> Answer<AddPartitionsToTxnResponse> {
        let response = AddPartitionsToTxnResponse::default();
        if call.version < 4 {
            let producer = (request.v3_and_below_producer_id.0, request.v3_and_below_producer_epoch);
            let id = request.v3_and_below_transactional_id.to_string();
            let results = add(call, &id, producer, &request.v3_and_below_topics, false).await;
            return Answer::Send(response.with_results_by_topic_v3_and_below(results));
        }
        let mut results = Vec::new();
        for transaction in &request.transactions {
            let producer = (transaction.producer_id.0, transaction.producer_epoch);
            let id = &transaction.transactional_id;
            let topics = add(call, id, producer, &transaction.topics, transaction.verify_only).await;
            results
                .push(AddPartitionsToTxnResult::default().with_transactional_id(id.clone()).with_topic_results(topics));
        }
        Answer::Send(response.with_results_by_transaction(results))
    }
}
