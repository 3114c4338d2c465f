//! EndTxn: commits or aborts; from version 5 on with the next epoch in the answer (KIP-890).

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{ApiKey, EndTxnRequest, EndTxnResponse, ProducerId};

use super::errors::fenced_since;
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};

pub(super) struct EndTxn;

/// From this version on the end of a transaction raises the epoch.
const RAISES_EPOCH: i16 = 5;

impl Endpoint for EndTxn {
    type Request = EndTxnRequest;
    type Response = EndTxnResponse;
    const KEY: ApiKey = ApiKey::EndTxn;
    const VERSIONS: (i16, i16) = (0, 5);
    const SHAPE: &'static str = "s 8 2 1";
    const FLEXIBLE: i16 = 3;

    async fn handle(call: &mut Call<'_>, request: EndTxnRequest) -> Answer<EndTxnResponse> {
        let id = &request.transactional_id;
        let producer = (request.producer_id.0, request.producer_epoch);
        let ended = match call.allowed(Operation::Write, Resource::TransactionalId(id)) {
            true => call.broker.transactions.end(id, producer, request.committed, call.version >= RAISES_EPOCH).await,
            false => Err(ResponseError::TransactionalIdAuthorizationFailed),
        };
        let response = EndTxnResponse::default();
        Answer::Send(match ended {
            Ok((producer, epoch)) => response.with_producer_id(ProducerId(producer)).with_producer_epoch(epoch),
            Err(error) => response
                .with_error_code(fenced_since(error, call.version, 2).code())
                .with_producer_id(ProducerId(-1))
                .with_producer_epoch(-1),
        })
    }
}
