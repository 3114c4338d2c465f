//! ListTransactions: transactional ids by state, producer, age and pattern.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::list_transactions_response::TransactionState;
use kafka_protocol::messages::{ApiKey, ListTransactionsRequest, ListTransactionsResponse, ProducerId};

use super::errors::{text, transactional_id};
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::clock::now_ms;

pub(super) struct ListTransactions;

/// States of Kafka; filters that name others are reported back.
const STATES: &[&str] = &[
    "Empty",
    "Ongoing",
    "PrepareCommit",
    "PrepareAbort",
    "CompleteCommit",
    "CompleteAbort",
    "PrepareEpochFence",
    "Dead",
];

impl Endpoint for ListTransactions {
    type Request = ListTransactionsRequest;
    type Response = ListTransactionsResponse;
    const KEY: ApiKey = ApiKey::ListTransactions;
    const VERSIONS: (i16, i16) = (0, 2);
    const SHAPE: &'static str = "( s ) ( 8 ) 8@1+ s@2+";
    const FLEXIBLE: i16 = 0;

    async fn handle(call: &mut Call<'_>, request: ListTransactionsRequest) -> Answer<ListTransactionsResponse> {
        let response = ListTransactionsResponse::default();
        let pattern = match request.transactional_id_pattern.as_deref().filter(|pattern| !pattern.is_empty()) {
            None => None,
            Some(pattern) => match regex::Regex::new(&format!("^(?:{pattern})$")) {
                Ok(pattern) => Some(pattern),
                Err(_) => {
                    let error = ResponseError::InvalidRegularExpression.code();
                    return Answer::Send(response.with_error_code(error));
                }
            },
        };
        let unknown = request.state_filters.iter().filter(|state| !STATES.contains(&state.as_str())).cloned();
        let oldest = (call.version >= 1 && request.duration_filter >= 0).then(|| now_ms() - request.duration_filter);
        let mut states = Vec::new();
        for (id, found) in call.broker.transactions.all() {
            let state = found.phase.name();
            let listed = (request.state_filters.is_empty()
                || request.state_filters.iter().any(|wanted| wanted.as_str() == state))
                && (request.producer_id_filters.is_empty()
                    || request.producer_id_filters.iter().any(|wanted| wanted.0 == found.producer_id))
                && oldest.is_none_or(|oldest| found.started >= 0 && found.started <= oldest)
                && pattern.as_ref().is_none_or(|pattern| pattern.is_match(&id));
            if listed && call.allowed(Operation::Describe, Resource::TransactionalId(&id)) {
                states.push(
                    TransactionState::default()
                        .with_transactional_id(transactional_id(&id))
                        .with_producer_id(ProducerId(found.producer_id))
                        .with_transaction_state(text(state)),
                );
            }
        }
        Answer::Send(response.with_unknown_state_filters(unknown.collect()).with_transaction_states(states))
    }
}
