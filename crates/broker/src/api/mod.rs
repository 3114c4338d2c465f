//! The requests that are served: one file each, one table of all.
//!
//! A file implements [`Endpoint`]: key, versions, the shape of the request, and what is done. Adding a request is a file and
//! a line in [`TABLE`]. ApiVersions answers from the table.

use std::future::Future;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use futures::FutureExt;
use futures::future::BoxFuture;
use kafka_protocol::messages::ApiKey;
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion};

use crate::access::{Operation, Principal, Resource};
use crate::broker::Broker;
use crate::net::sasl::Login;
use crate::net::shape::Shape;

mod add_offsets_to_txn;
mod add_partitions_to_txn;
mod alter_configs;
pub(crate) mod api_versions;
mod commits;
mod consumer_group_describe;
mod create_partitions;
mod create_topics;
mod delete_groups;
mod delete_records;
mod delete_topics;
mod describe_acls;
mod describe_cluster;
mod describe_configs;
mod describe_groups;
mod describe_log_dirs;
mod describe_producers;
mod describe_topic_partitions;
mod describe_transactions;
mod elect_leaders;
mod end_txn;
pub(crate) mod errors;
mod fetch;
mod find_coordinator;
mod heartbeat;
mod incremental_alter_configs;
mod init_producer_id;
mod join_group;
mod leave_group;
mod list_config_resources;
mod list_groups;
mod list_offsets;
mod list_partition_reassignments;
mod list_transactions;
mod metadata;
mod offset_commit;
mod offset_delete;
mod offset_fetch;
mod offset_for_leader_epoch;
mod produce;
mod sasl_authenticate;
mod sasl_handshake;
mod sync_group;
#[cfg(test)]
mod tests;
mod txn_offset_commit;
mod write_txn_markers;

/// A request on its way, and what is known about who sent it.
pub(crate) struct Call<'a> {
    pub broker: &'a Arc<Broker>,
    pub principal: &'a Principal,
    pub client_id: &'a str,
    pub version: i16,
    pub peer: &'a str,
    pub listener: usize,
    /// The SASL requests change it.
    pub login: Login,
}

impl Call<'_> {
    /// Whether the client may do `operation` to `resource`.
    pub fn allowed(&self, operation: Operation, resource: Resource<'_>) -> bool {
        self.broker.authorizer.allowed(self.principal, operation, resource)
    }

    /// The bits of the operations that the client may do to `resource`.
    pub fn operations(&self, operations: &[Operation], resource: Resource<'_>) -> i32 {
        let allowed = operations.iter().filter(|operation| self.allowed(**operation, resource));
        allowed.fold(0, |bits, operation| bits | 1 << operation.code())
    }

    /// Runs `work` on a thread that may block; `None` when the broker is going down.
    pub async fn blocking<R: Send + 'static>(&self, work: impl FnOnce(&Broker) -> R + Send + 'static) -> Option<R> {
        let broker = Arc::clone(self.broker);
        tokio::task::spawn_blocking(move || work(&broker)).await.ok()
    }
}

/// What a handler gives back.
pub(crate) enum Answer<R> {
    /// A response.
    Send(R),
    /// Nothing, as for Produce with acks=0.
    Silent,
    /// A response, after which the connection is closed for a reason.
    SendAndClose(R, String),
    /// The connection is closed without a response.
    Close(String),
}

/// A handler's answer in bytes.
pub(crate) enum Outcome {
    Reply(BytesMut),
    Silent,
    ReplyAndClose(BytesMut, String),
    Close(String),
}

/// One request kind.
pub(crate) trait Endpoint {
    type Request: Decodable + Send;
    type Response: Encodable + HeaderVersion + Send + Sync;
    const KEY: ApiKey;
    /// Versions served, both included.
    const VERSIONS: (i16, i16);
    /// Shape of the request, see [`Shape`].
    const SHAPE: &'static str;
    /// First flexible version.
    const FLEXIBLE: i16;
    /// Whether it may come before the client is known.
    const BEFORE_LOGIN: bool = false;

    fn handle(call: &mut Call<'_>, request: Self::Request) -> impl Future<Output = Answer<Self::Response>> + Send;
}

type Handler = for<'a, 'b> fn(&'a mut Call<'b>, Bytes, BytesMut) -> BoxFuture<'a, Outcome>;

/// A row of the table.
pub(crate) struct Api {
    pub key: ApiKey,
    pub min: i16,
    pub max: i16,
    pub shape: Shape,
    pub before_login: bool,
    pub handle: Handler,
}

const fn api<E: Endpoint>() -> Api {
    Api {
        key: E::KEY,
        min: E::VERSIONS.0,
        max: E::VERSIONS.1,
        shape: Shape { fields: E::SHAPE, flexible: E::FLEXIBLE },
        before_login: E::BEFORE_LOGIN,
        handle: run::<E>,
    }
}

fn encode<R: Encodable + HeaderVersion>(response: &R, version: i16, mut out: BytesMut) -> Result<BytesMut, String> {
    if R::header_version(version) >= 1 {
        out.put_u8(0);
    }
    let size = response.compute_size(version).map_err(|error| error.to_string())?;
    out.reserve(size);
    response.encode(&mut out, version).map_err(|error| error.to_string())?;
    Ok(out)
}

fn run<'a, E: Endpoint>(call: &'a mut Call<'_>, mut body: Bytes, out: BytesMut) -> BoxFuture<'a, Outcome> {
    async move {
        let version = call.version;
        let request = match E::Request::decode(&mut body, version) {
            Ok(request) => request,
            Err(error) => return Outcome::Close(format!("the request cannot be decoded: {error}")),
        };
        let (response, reason) = match E::handle(call, request).await {
            Answer::Send(response) => (response, None),
            Answer::SendAndClose(response, reason) => (response, Some(reason)),
            Answer::Silent => return Outcome::Silent,
            Answer::Close(reason) => return Outcome::Close(reason),
        };
        match (encode(&response, version, out), reason) {
            (Ok(out), None) => Outcome::Reply(out),
            (Ok(out), Some(reason)) => Outcome::ReplyAndClose(out, reason),
            (Err(error), _) => Outcome::Close(format!("the response cannot be encoded: {error}")),
        }
    }
    .boxed()
}

/// Every request that is served, by key.
pub(crate) static TABLE: &[Api] = &[
    api::<produce::Produce>(),
    api::<fetch::Fetch>(),
    api::<list_offsets::ListOffsets>(),
    api::<metadata::Metadata>(),
    api::<offset_commit::OffsetCommit>(),
    api::<offset_fetch::OffsetFetch>(),
    api::<find_coordinator::FindCoordinator>(),
    api::<join_group::JoinGroup>(),
    api::<heartbeat::Heartbeat>(),
    api::<leave_group::LeaveGroup>(),
    api::<sync_group::SyncGroup>(),
    api::<describe_groups::DescribeGroups>(),
    api::<list_groups::ListGroups>(),
    api::<sasl_handshake::SaslHandshake>(),
    api::<api_versions::ApiVersions>(),
    api::<create_topics::CreateTopics>(),
    api::<delete_topics::DeleteTopics>(),
    api::<delete_records::DeleteRecords>(),
    api::<init_producer_id::InitProducerId>(),
    api::<offset_for_leader_epoch::OffsetForLeaderEpoch>(),
    api::<add_partitions_to_txn::AddPartitionsToTxn>(),
    api::<add_offsets_to_txn::AddOffsetsToTxn>(),
    api::<end_txn::EndTxn>(),
    api::<write_txn_markers::WriteTxnMarkers>(),
    api::<txn_offset_commit::TxnOffsetCommit>(),
    api::<describe_acls::DescribeAcls>(),
    api::<describe_configs::DescribeConfigs>(),
    api::<alter_configs::AlterConfigs>(),
    api::<describe_log_dirs::DescribeLogDirs>(),
    api::<sasl_authenticate::SaslAuthenticate>(),
    api::<create_partitions::CreatePartitions>(),
    api::<delete_groups::DeleteGroups>(),
    api::<elect_leaders::ElectLeaders>(),
    api::<incremental_alter_configs::IncrementalAlterConfigs>(),
    api::<list_partition_reassignments::ListPartitionReassignments>(),
    api::<offset_delete::OffsetDelete>(),
    api::<describe_cluster::DescribeCluster>(),
    api::<describe_producers::DescribeProducers>(),
    api::<describe_transactions::DescribeTransactions>(),
    api::<list_transactions::ListTransactions>(),
    api::<consumer_group_describe::ConsumerGroupDescribe>(),
    api::<list_config_resources::ListConfigResources>(),
    api::<describe_topic_partitions::DescribeTopicPartitions>(),
];

/// The row of an API key.
pub(crate) fn find(key: i16) -> Option<&'static Api> {
    TABLE.iter().find(|api| api.key as i16 == key)
}
