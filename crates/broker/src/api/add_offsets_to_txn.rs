//! AddOffsetsToTxn: a group's offsets become part of a transaction (clients of transaction version 1).

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, ApiKey};

use super::errors::{code, fenced_since};
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};

pub(super) struct AddOffsetsToTxn;

async fn add(call: &Call<'_>, request: &AddOffsetsToTxnRequest) -> Result<(), ResponseError> {
    let id = &request.transactional_id;
    if !call.allowed(Operation::Write, Resource::TransactionalId(id)) {
        return Err(ResponseError::TransactionalIdAuthorizationFailed);
    }
    if !call.allowed(Operation::Read, Resource::Group(&request.group_id)) {
        return Err(ResponseError::GroupAuthorizationFailed);
    }
    let producer = (request.producer_id.0, request.producer_epoch);
    call.broker.transactions.add(id, producer, Vec::new(), Some(request.group_id.to_string())).await
}

impl Endpoint for AddOffsetsToTxn {
    type Request = AddOffsetsToTxnRequest;
    type Response = AddOffsetsToTxnResponse;
    const KEY: ApiKey = ApiKey::AddOffsetsToTxn;
    const VERSIONS: (i16, i16) = (0, 4);
    const SHAPE: &'static str = "s 8 2 s";
    const FLEXIBLE: i16 = 3;

    async fn handle(call: &mut Call<'_>, request: AddOffsetsToTxnRequest) -> Answer<AddOffsetsToTxnResponse> {
        let added = add(call, &request).await.map_err(|error| fenced_since(error, call.version, 2));
        Answer::Send(AddOffsetsToTxnResponse::default().with_error_code(code(&added)))
    }
}
