//! CreateTopics.

use std::collections::BTreeMap;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::create_topics_response::{CreatableTopicConfigs, CreatableTopicResult};
use kafka_protocol::messages::{ApiKey, CreateTopicsRequest, CreateTopicsResponse};

use super::errors::text;
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::topics::config::SETTINGS;
use crate::topics::{NewTopic, Refusal};

pub(super) struct CreateTopics;

/// The partitions and replicas asked for: by number, or listed one by one.
fn size(call: &Call<'_>, asked: &CreatableTopic) -> Result<(i32, i16), Refusal> {
    if asked.assignments.is_empty() {
        let partitions = match asked.num_partitions {
            -1 => call.broker.options.default_partitions,
            number => number,
        };
        return Ok((partitions, if asked.replication_factor == -1 { 1 } else { asked.replication_factor }));
    }
    let refuse = |reason: &str| Err((ResponseError::InvalidReplicaAssignment, reason.to_owned()));
    let mut indexes: Vec<i32> = asked.assignments.iter().map(|assigned| assigned.partition_index).collect();
    indexes.sort_unstable();
    if indexes.iter().enumerate().any(|(at, index)| at as i32 != *index) {
        return refuse("the assigned partitions must be numbered from 0 without gaps");
    }
    let replicas = asked.assignments[0].broker_ids.len();
    let only_us = |ids: &[kafka_protocol::messages::BrokerId]| ids.iter().all(|id| id.0 == crate::broker::NODE_ID);
    if asked.assignments.iter().any(|assigned| assigned.broker_ids.len() != replicas || !only_us(&assigned.broker_ids))
    {
        return refuse("every partition must be assigned to node 1, equally often");
    }
    Ok((asked.assignments.len() as i32, replicas as i16))
}

fn new_topic(call: &Call<'_>, asked: &CreatableTopic, twice: bool) -> Result<NewTopic, Refusal> {
    let name = asked.name.to_string();
    let may =
        call.allowed(Operation::Create, Resource::Cluster) || call.allowed(Operation::Create, Resource::Topic(&name));
    if !may {
        let reason = format!("not allowed to create topic '{name}'");
        return Err((ResponseError::TopicAuthorizationFailed, reason));
    }
    if twice {
        return Err((ResponseError::InvalidRequest, format!("topic '{name}' is in the request twice")));
    }
    let (partitions, replication) = size(call, asked)?;
    let mut overrides = BTreeMap::new();
    for config in &asked.configs {
        let Some(value) = &config.value else {
            return Err((ResponseError::InvalidConfig, format!("topic setting '{}' has no value", &*config.name)));
        };
        overrides.insert(config.name.to_string(), value.to_string());
    }
    let new = NewTopic { name, partitions, replication, overrides };
    call.broker.topics.check_new(&new)?;
    Ok(new)
}

async fn create(
    call: &Call<'_>,
    asked: &CreatableTopic,
    twice: bool,
    validate_only: bool,
) -> Result<CreatableTopicResult, Refusal> {
    let new = new_topic(call, asked, twice)?;
    let (partitions, replication, overrides) = (new.partitions, new.replication, new.overrides.clone());
    let mut id = uuid::Uuid::nil();
    if !validate_only {
        let made = call.blocking(move |broker| broker.topics.create(new)).await;
        id = made.ok_or((ResponseError::RequestTimedOut, "the broker stops".to_owned()))??.id;
    }
    let configs = SETTINGS.iter().map(|setting| {
        let own = overrides.get(setting.name);
        CreatableTopicConfigs::default()
            .with_name(text(setting.name))
            .with_value(Some(text(own.map_or(setting.default, String::as_str))))
            .with_config_source(if own.is_some() { 1 } else { 5 })
    });
    Ok(CreatableTopicResult::default()
        .with_topic_id(id)
        .with_num_partitions(partitions)
        .with_replication_factor(replication)
        .with_configs(Some(configs.collect())))
}

impl Endpoint for CreateTopics {
    type Request = CreateTopicsRequest;
    type Response = CreateTopicsResponse;
    const KEY: ApiKey = ApiKey::CreateTopics;
    const VERSIONS: (i16, i16) = (2, 7);
    const SHAPE: &'static str = "[ s 4 2 [ 4 ( 4 ) ] [ s s ] ] 4 1";
    const FLEXIBLE: i16 = 5;

    async fn handle(call: &mut Call<'_>, request: CreateTopicsRequest) -> Answer<CreateTopicsResponse> {
        let mut results = Vec::with_capacity(request.topics.len());
        for asked in &request.topics {
            let twice = request.topics.iter().filter(|other| other.name == asked.name).count() > 1;
            let made = create(call, asked, twice, request.validate_only).await;
            let result = made.unwrap_or_else(|(error, message)| {
                CreatableTopicResult::default()
                    .with_error_code(error.code())
                    .with_error_message(Some(text(message)))
                    .with_num_partitions(-1)
                    .with_replication_factor(-1)
            });
            results.push(result.with_name(asked.name.clone()));
        }
        Answer::Send(CreateTopicsResponse::default().with_topics(results))
    }
}
