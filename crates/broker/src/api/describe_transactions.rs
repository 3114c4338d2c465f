//! DescribeTransactions: the state of transactional ids.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_transactions_response::{TopicData, TransactionState};
use kafka_protocol::messages::{ApiKey, DescribeTransactionsRequest, DescribeTransactionsResponse, ProducerId};

use super::errors::{text, topic_name};
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::txn::state::Transaction;

pub(super) struct DescribeTransactions;

fn describe(call: &Call<'_>, found: &Transaction) -> TransactionState {
    let mut topics: Vec<TopicData> = Vec::new();
    for (topic, index) in &found.partitions {
        if !call.allowed(Operation::Describe, Resource::Topic(topic)) {
            continue;
        }
        match topics.last_mut().filter(|last| last.topic.as_str() == topic) {
            Some(last) => last.partitions.push(*index),
            None => topics.push(TopicData::default().with_topic(topic_name(topic)).with_partitions(vec![*index])),
        }
    }
    TransactionState::default()
        .with_transaction_state(text(found.phase.name()))
        .with_transaction_timeout_ms(found.timeout_ms)
        .with_transaction_start_time_ms(found.started)
        .with_producer_id(ProducerId(found.producer_id))
        .with_producer_epoch(found.epoch)
        .with_topics(topics)
}

impl Endpoint for DescribeTransactions {
    type Request = DescribeTransactionsRequest;
    type Response = DescribeTransactionsResponse;
    const KEY: ApiKey = ApiKey::DescribeTransactions;
    const VERSIONS: (i16, i16) = (0, 0);
    const SHAPE: &'static str = "( s )";
    const FLEXIBLE: i16 = 0;

    async fn handle(call: &mut Call<'_>, request: DescribeTransactionsRequest) -> Answer<DescribeTransactionsResponse> {
        let states = request.transactional_ids.into_iter().map(|id| {
            let failed = |error: ResponseError| TransactionState::default().with_error_code(error.code());
            let state = if !call.allowed(Operation::Describe, Resource::TransactionalId(&id)) {
                failed(ResponseError::TransactionalIdAuthorizationFailed)
            } else {
                match call.broker.transactions.get(&id) {
                    Some(found) => describe(call, &found),
                    None => failed(ResponseError::TransactionalIdNotFound),
                }
            };
            state.with_transactional_id(id)
        });
        Answer::Send(DescribeTransactionsResponse::default().with_transaction_states(states.collect()))
    }
}
