//! DescribeConfigs: of topics, and of the node.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use kafka_protocol::messages::{ApiKey, DescribeConfigsRequest, DescribeConfigsResponse};

use super::errors::text;
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::broker::NODE_ID;
use crate::topics::Refusal;
use crate::topics::config::{Kind, SETTINGS};

pub(super) struct DescribeConfigs;

/// Number of the resource type "topic".
pub(super) const TOPIC: i8 = 2;
/// Number of the resource type "broker".
pub(super) const BROKER: i8 = 4;

const SET_ON_TOPIC: i8 = 1;
const SET_AT_START: i8 = 4;
const DEFAULT: i8 = 5;

fn row(
    request: &DescribeConfigsRequest,
    name: &str,
    value: &str,
    source: i8,
    kind: Kind,
) -> DescribeConfigsResourceResult {
    let row = DescribeConfigsResourceResult::default()
        .with_name(text(name))
        .with_value(Some(text(value)))
        .with_config_source(source)
        .with_config_type(kind as i8);
    match request.include_synonyms {
        false => row,
        true => row.with_synonyms(vec![synonym(name, value, source)]),
    }
}

fn synonym(name: &str, value: &str, source: i8) -> DescribeConfigsSynonym {
    DescribeConfigsSynonym::default().with_name(text(name)).with_value(Some(text(value))).with_source(source)
}

fn topic(
    call: &Call<'_>,
    request: &DescribeConfigsRequest,
    name: &str,
) -> Result<Vec<DescribeConfigsResourceResult>, Refusal> {
    if !call.allowed(Operation::DescribeConfigs, Resource::Topic(name)) {
        let reason = format!("not allowed to see the settings of topic '{name}'");
        return Err((ResponseError::TopicAuthorizationFailed, reason));
    }
    let topic = call
        .broker
        .topics
        .get(name)
        .ok_or_else(|| (ResponseError::UnknownTopicOrPartition, format!("topic '{name}' does not exist")))?;
    let rows = SETTINGS.iter().map(|setting| {
        let mut found = match topic.overrides.get(setting.name) {
            Some(value) => row(request, setting.name, value, SET_ON_TOPIC, setting.kind),
            None => row(request, setting.name, setting.default, DEFAULT, setting.kind),
        };
        if request.include_synonyms && found.config_source == SET_ON_TOPIC {
            found.synonyms.push(synonym(setting.name, setting.default, DEFAULT));
        }
        match request.include_documentation {
            true => found.with_documentation(Some(text(setting.about))),
            false => found,
        }
    });
    Ok(rows.collect())
}

fn node(
    call: &Call<'_>,
    request: &DescribeConfigsRequest,
    name: &str,
) -> Result<Vec<DescribeConfigsResourceResult>, Refusal> {
    if !call.allowed(Operation::DescribeConfigs, Resource::Cluster) {
        let reason = "not allowed to see the settings of the cluster".to_owned();
        return Err((ResponseError::ClusterAuthorizationFailed, reason));
    }
    if name.is_empty() {
        // Settings of all nodes that were changed while running: there are none.
        return Ok(Vec::new());
    }
    if name != NODE_ID.to_string() {
        return Err((ResponseError::InvalidRequest, format!("there is no node {name}, only node {NODE_ID}")));
    }
    let options = &call.broker.options;
    let rows = [
        ("auto.create.topics.enable", options.auto_create_topics.to_string(), Kind::Boolean),
        ("broker.id", NODE_ID.to_string(), Kind::Int),
        ("default.replication.factor", "1".to_owned(), Kind::Int),
        ("log.dir", options.dir.display().to_string(), Kind::String),
        ("max.connections", options.max_connections.to_string(), Kind::Int),
        ("node.id", NODE_ID.to_string(), Kind::Int),
        ("num.partitions", options.default_partitions.to_string(), Kind::Int),
        ("socket.request.max.bytes", options.max_request_bytes.to_string(), Kind::Int),
        ("transaction.max.timeout.ms", options.max_transaction_timeout.as_millis().to_string(), Kind::Int),
    ];
    let rows =
        rows.iter().map(|(name, value, kind)| row(request, name, value, SET_AT_START, *kind).with_read_only(true));
    Ok(rows.collect())
}

fn describe(
    call: &Call<'_>,
    request: &DescribeConfigsRequest,
    asked: &DescribeConfigsResource,
) -> DescribeConfigsResult {
    let found = match asked.resource_type {
        TOPIC => topic(call, request, &asked.resource_name),
        BROKER => node(call, request, &asked.resource_name),
        other => Err((ResponseError::InvalidRequest, format!("resources of type {other} have no settings here"))),
    };
    let result = DescribeConfigsResult::default()
        .with_resource_type(asked.resource_type)
        .with_resource_name(asked.resource_name.clone());
    match found {
        Ok(mut rows) => {
            if let Some(keys) = &asked.configuration_keys {
                rows.retain(|row| keys.contains(&row.name));
            }
            result.with_configs(rows)
        }
        Err((error, message)) => result.with_error_code(error.code()).with_error_message(Some(text(message))),
    }
}

impl Endpoint for DescribeConfigs {
    type Request = DescribeConfigsRequest;
    type Response = DescribeConfigsResponse;
    const KEY: ApiKey = ApiKey::DescribeConfigs;
    const VERSIONS: (i16, i16) = (1, 4);
    const SHAPE: &'static str = "[ 1 s ( s ) ] 1 1@3+";
    const FLEXIBLE: i16 = 4;

    async fn handle(call: &mut Call<'_>, request: DescribeConfigsRequest) -> Answer<DescribeConfigsResponse> {
        let results = request.resources.iter().map(|asked| describe(call, &request, asked)).collect();
        Answer::Send(DescribeConfigsResponse::default().with_results(results))
    }
}
