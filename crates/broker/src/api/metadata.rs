//! Metadata: the node, and topics by name, by id, or all of them.

use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::{ApiKey, BrokerId, MetadataRequest, MetadataResponse};

use super::errors::{text, topic_name};
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::broker::NODE_ID;
use crate::topics::{NewTopic, Topic};

pub(super) struct Metadata;

/// The operations that exist on a topic.
pub(super) const TOPIC_OPERATIONS: &[Operation] = &[
    Operation::Read,
    Operation::Write,
    Operation::Create,
    Operation::Delete,
    Operation::Alter,
    Operation::Describe,
    Operation::DescribeConfigs,
    Operation::AlterConfigs,
];

/// The operations that exist on a cluster.
pub(super) const CLUSTER_OPERATIONS: &[Operation] = &[
    Operation::Create,
    Operation::Alter,
    Operation::Describe,
    Operation::DescribeConfigs,
    Operation::AlterConfigs,
    Operation::IdempotentWrite,
];

/// The replicas of a partition: this node, as often as the topic was asked to have replicas.
pub(super) fn replicas(topic: &Topic) -> Vec<BrokerId> {
    vec![BrokerId(NODE_ID); topic.replication.max(1) as usize]
}

fn partition(topic: &Topic, index: i32, available: bool) -> MetadataResponsePartition {
    let found = MetadataResponsePartition::default()
        .with_partition_index(index)
        .with_replica_nodes(replicas(topic))
        .with_leader_epoch(0);
    if available {
        return found.with_leader_id(BrokerId(NODE_ID)).with_isr_nodes(replicas(topic));
    }
    found
        .with_error_code(ResponseError::LeaderNotAvailable.code())
        .with_leader_id(BrokerId(-1))
        .with_offline_replicas(vec![BrokerId(NODE_ID)])
}

fn describe(call: &Call<'_>, topic: &Topic, operations: bool) -> MetadataResponseTopic {
    let partitions = topic.partitions.iter().map(|found| partition(topic, found.index, found.is_available()));
    let found = MetadataResponseTopic::default()
        .with_name(Some(topic_name(&topic.name)))
        .with_topic_id(topic.id)
        .with_partitions(partitions.collect());
    match operations {
        true => found.with_topic_authorized_operations(call.operations(TOPIC_OPERATIONS, Resource::Topic(&topic.name))),
        false => found,
    }
}

fn failed(name: &str, error: ResponseError) -> MetadataResponseTopic {
    MetadataResponseTopic::default().with_name(Some(topic_name(name))).with_error_code(error.code())
}

async fn by_name(call: &Call<'_>, name: &str, create: bool) -> Result<Arc<Topic>, ResponseError> {
    if !call.allowed(Operation::Describe, Resource::Topic(name)) {
        return Err(ResponseError::TopicAuthorizationFailed);
    }
    if let Some(topic) = call.broker.topics.get(name) {
        return Ok(topic);
    }
    crate::topics::check_name(name).map_err(|(error, _)| error)?;
    if !create || !call.broker.options.auto_create_topics {
        return Err(ResponseError::UnknownTopicOrPartition);
    }
    if !call.allowed(Operation::Create, Resource::Cluster) && !call.allowed(Operation::Create, Resource::Topic(name)) {
        return Err(ResponseError::TopicAuthorizationFailed);
    }
    let new = NewTopic {
        name: name.to_owned(),
        partitions: call.broker.options.default_partitions,
        replication: 1,
        overrides: Default::default(),
    };
    let made = call.blocking(move |broker| broker.topics.create(new)).await;
    match made {
        Some(Ok(topic)) => Ok(topic),
        // Somebody else was faster.
        _ => call.broker.topics.get(name).ok_or(ResponseError::LeaderNotAvailable),
    }
}

async fn topics(call: &Call<'_>, request: &MetadataRequest) -> Vec<MetadataResponseTopic> {
    let operations = request.include_topic_authorized_operations;
    // Version 0 says "all" with an empty list, later ones with none.
    let Some(asked) = request.topics.as_ref().filter(|asked| call.version > 0 || !asked.is_empty()) else {
        let all = call.broker.topics.all();
        let seen = all.iter().filter(|topic| call.allowed(Operation::Describe, Resource::Topic(&topic.name)));
        return seen.map(|topic| describe(call, topic, operations)).collect();
    };
    let mut found = Vec::with_capacity(asked.len());
    for wanted in asked {
        let create = call.version < 4 || request.allow_auto_topic_creation;
        found.push(match &wanted.name {
            Some(name) => match by_name(call, name, create).await {
                Ok(topic) => describe(call, &topic, operations),
                Err(error) => failed(name, error),
            },
            None => match call.broker.topics.by_id(wanted.topic_id) {
                Some(topic) if call.allowed(Operation::Describe, Resource::Topic(&topic.name)) => {
                    describe(call, &topic, operations)
                }
                _ => MetadataResponseTopic::default()
                    .with_name(None)
                    .with_topic_id(wanted.topic_id)
                    .with_error_code(ResponseError::UnknownTopicId.code()),
            },
        });
    }
    found
}

impl Endpoint for Metadata {
    type Request = MetadataRequest;
    type Response = MetadataResponse;
    const KEY: ApiKey = ApiKey::Metadata;
    const VERSIONS: (i16, i16) = (0, 13);
    const SHAPE: &'static str = "[ 16@10+ s ] 1@4+ 1@8-10 1@8+";
    const FLEXIBLE: i16 = 9;

    async fn handle(call: &mut Call<'_>, request: MetadataRequest) -> Answer<MetadataResponse> {
        let (host, port) = call.broker.advertised(call.listener);
        let node =
            MetadataResponseBroker::default().with_node_id(BrokerId(NODE_ID)).with_host(text(host)).with_port(port);
        let mut response = MetadataResponse::default()
            .with_brokers(vec![node])
            .with_cluster_id(Some(text(call.broker.options.cluster_id.as_str())))
            .with_controller_id(BrokerId(NODE_ID))
            .with_topics(topics(call, &request).await);
        if request.include_cluster_authorized_operations && (8..=10).contains(&call.version) {
            response.cluster_authorized_operations = call.operations(CLUSTER_OPERATIONS, Resource::Cluster);
        }
        Answer::Send(response)
    }
}
