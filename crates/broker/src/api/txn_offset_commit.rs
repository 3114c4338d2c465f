//! TxnOffsetCommit: positions that become visible when the transaction commits.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::txn_offset_commit_response::{
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};
use kafka_protocol::messages::{ApiKey, TxnOffsetCommitRequest, TxnOffsetCommitResponse};

use super::commits::{Asked, Checked};
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::broker::Broker;
use crate::groups::offsets::Positions;
use crate::groups::state::Who;

pub(super) struct TxnOffsetCommit;

/// From this version on the group joins the transaction by this request (KIP-890).
const IMPLICIT_ADD: i16 = 5;

async fn check(call: &Call<'_>, request: &TxnOffsetCommitRequest) -> Result<(), ResponseError> {
    let id = &request.transactional_id;
    if !call.allowed(Operation::Write, Resource::TransactionalId(id)) {
        return Err(ResponseError::TransactionalIdAuthorizationFailed);
    }
    if !call.allowed(Operation::Read, Resource::Group(&request.group_id)) {
        return Err(ResponseError::GroupAuthorizationFailed);
    }
    let who = Who {
        member_id: request.member_id.to_string(),
        instance_id: request.group_instance_id.as_ref().map(|instance| instance.to_string()),
        generation: request.generation_id,
    };
    call.broker.groups.may_commit(&request.group_id, &who, true)?;
    let producer = (request.producer_id.0, request.producer_epoch);
    let transactions = &call.broker.transactions;
    let joined = match call.version {
        IMPLICIT_ADD.. => transactions.add(id, producer, Vec::new(), Some(request.group_id.to_string())).await,
        _ => transactions.verify_group(id, producer, &request.group_id),
    };
    joined.map_err(|error| match error {
        ResponseError::ProducerFenced => ResponseError::InvalidProducerEpoch,
        other => other,
    })
}

impl Endpoint for TxnOffsetCommit {
    type Request = TxnOffsetCommitRequest;
    type Response = TxnOffsetCommitResponse;
    const KEY: ApiKey = ApiKey::TxnOffsetCommit;
    const VERSIONS: (i16, i16) = (0, 5);
    const SHAPE: &'static str = "s s 8 2 4@3+ s@3+ s@3+ [ s [ 4 8 4@2+ s ] ]";
    const FLEXIBLE: i16 = 3;

    async fn handle(call: &mut Call<'_>, request: TxnOffsetCommitRequest) -> Answer<TxnOffsetCommitResponse> {
        // No end of the transaction comes between the check and the write.
        let gate = call.broker.transactions.pass(&request.transactional_id).await;
        let whole = check(call, &request).await;
        let topics = request.topics.iter().map(|topic| {
            let partitions = topic.partitions.iter().map(|partition| Asked {
                partition: partition.partition_index,
                offset: partition.committed_offset,
                leader_epoch: partition.committed_leader_epoch,
                metadata: partition.committed_metadata.as_ref(),
            });
            (&topic.name, partitions)
        });
        let checked = Checked::new(call, whole, topics);
        let (id, producer) = (request.group_id.to_string(), request.producer_id.0);
        let store = move |broker: &Broker, positions: &Positions| {
            let _gate = gate;
            broker.groups.offsets.hold(producer, &id, positions)
        };
        let answered = checked.store(call, store).await;
        let topics = answered.map(|(name, partitions)| {
            let partitions = partitions.map(|(index, code)| {
                TxnOffsetCommitResponsePartition::default().with_partition_index(index).with_error_code(code)
            });
            TxnOffsetCommitResponseTopic::default().with_name(name).with_partitions(partitions.collect())
        });
        Answer::Send(TxnOffsetCommitResponse::default().with_topics(topics.collect()))
    }
}
