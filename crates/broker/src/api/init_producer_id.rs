//! InitProducerId: an id for an idempotent producer, or the next epoch of a transactional one.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{ApiKey, InitProducerIdRequest, InitProducerIdResponse, ProducerId};

use super::errors::fenced_since;
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};

pub(super) struct InitProducerId;

/// An idempotent producer may be used by whoever may write to some topic.
fn may_produce(call: &Call<'_>) -> bool {
    call.allowed(Operation::IdempotentWrite, Resource::Cluster)
        || call.broker.topics.all().iter().any(|topic| call.allowed(Operation::Write, Resource::Topic(&topic.name)))
}

async fn init(call: &Call<'_>, request: &InitProducerIdRequest) -> Result<(i64, i16), ResponseError> {
    let Some(id) = &request.transactional_id else {
        if !may_produce(call) {
            return Err(ResponseError::ClusterAuthorizationFailed);
        }
        return call.broker.transactions.idempotent().await;
    };
    if id.is_empty() {
        return Err(ResponseError::InvalidRequest);
    }
    if !call.allowed(Operation::Write, Resource::TransactionalId(id)) {
        return Err(ResponseError::TransactionalIdAuthorizationFailed);
    }
    let (producer, epoch) = (request.producer_id.0, request.producer_epoch);
    if (producer < 0) != (epoch < 0) {
        return Err(ResponseError::InvalidRequest);
    }
    let expected = (producer >= 0).then_some((producer, epoch));
    call.broker.transactions.init(id, request.transaction_timeout_ms, expected).await
}

impl Endpoint for InitProducerId {
    type Request = InitProducerIdRequest;
    type Response = InitProducerIdResponse;
    const KEY: ApiKey = ApiKey::InitProducerId;
    // Version 6 is two-phase commit (KIP-939), which is not served.
    const VERSIONS: (i16, i16) = (0, 5);
    const SHAPE: &'static str = "s 4 8@3+ 2@3+";
    const FLEXIBLE: i16 = 2;

    async fn handle(call: &mut Call<'_>, request: InitProducerIdRequest) -> Answer<InitProducerIdResponse> {
        let response = InitProducerIdResponse::default();
        Answer::Send(match init(call, &request).await {
            Ok((producer, epoch)) => response.with_producer_id(ProducerId(producer)).with_producer_epoch(epoch),
            Err(error) => response
                .with_error_code(fenced_since(error, call.version, 4).code())
                .with_producer_id(ProducerId(-1))
                .with_producer_epoch(-1),
        })
    }
}
