//! IncrementalAlterConfigs: sets, resets, and changes list settings of topics.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use kafka_protocol::messages::incremental_alter_configs_response::AlterConfigsResourceResponse;
use kafka_protocol::messages::{ApiKey, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse};

use super::describe_configs::TOPIC;
use super::errors::text;
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::topics::Refusal;
use crate::topics::config::{Kind, Overrides, setting};

pub(super) struct IncrementalAlterConfigs;

const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

fn change(overrides: &mut Overrides, config: &AlterableConfig) -> Result<(), String> {
    let name = config.name.to_string();
    let setting = setting(&name).ok_or_else(|| format!("topic setting '{name}' is not known"))?;
    if config.config_operation == DELETE {
        overrides.remove(&name);
        return Ok(());
    }
    let value = config.value.as_ref().ok_or_else(|| format!("topic setting '{name}' has no value"))?.to_string();
    if config.config_operation == SET {
        overrides.insert(name, value);
        return Ok(());
    }
    if setting.kind != Kind::List {
        return Err(format!("'{name}' is not a list: it can be set, not appended to or subtracted from"));
    }
    let old = overrides.get(&name).map_or(setting.default, String::as_str);
    let mut words: Vec<&str> = old.split(',').map(str::trim).collect();
    let changed: Vec<&str> = value.split(',').map(str::trim).collect();
    match config.config_operation {
        APPEND => changed.iter().for_each(|word| {
            if !words.contains(word) {
                words.push(word);
            }
        }),
        SUBTRACT => words.retain(|word| !changed.contains(word)),
        other => return Err(format!("operation {other} on settings is not known")),
    }
    let joined = words.join(",");
    overrides.insert(name, joined);
    Ok(())
}

/// What may be altered: topics only.
pub(super) fn check_resource(call: &Call<'_>, kind: i8, name: &str) -> Result<(), Refusal> {
    match kind {
        TOPIC if call.allowed(Operation::AlterConfigs, Resource::Topic(name)) => Ok(()),
        TOPIC => {
            let reason = format!("not allowed to alter the settings of topic '{name}'");
            Err((ResponseError::TopicAuthorizationFailed, reason))
        }
        _ => {
            let reason = "only settings of topics can be altered while the broker runs".to_owned();
            Err((ResponseError::InvalidRequest, reason))
        }
    }
}

async fn alter(call: &Call<'_>, asked: AlterConfigsResource, validate_only: bool) -> Result<(), Refusal> {
    let name = asked.resource_name.to_string();
    check_resource(call, asked.resource_type, &name)?;
    let done = call.blocking(move |broker| {
        broker.topics.configure(&name, validate_only, |overrides| {
            asked.configs.iter().try_for_each(|config| change(overrides, config))
        })
    });
    done.await.unwrap_or(Err((ResponseError::RequestTimedOut, "the broker stops".to_owned())))
}

impl Endpoint for IncrementalAlterConfigs {
    type Request = IncrementalAlterConfigsRequest;
    type Response = IncrementalAlterConfigsResponse;
    const KEY: ApiKey = ApiKey::IncrementalAlterConfigs;
    const VERSIONS: (i16, i16) = (0, 1);
    const SHAPE: &'static str = "[ 1 s [ s 1 s ] ] 1";
    const FLEXIBLE: i16 = 1;

    async fn handle(
        call: &mut Call<'_>,
        request: IncrementalAlterConfigsRequest,
    ) -> Answer<IncrementalAlterConfigsResponse> {
        let mut results = Vec::new();
        for asked in request.resources {
            let result = AlterConfigsResourceResponse::default()
                .with_resource_type(asked.resource_type)
                .with_resource_name(asked.resource_name.clone());
            results.push(match alter(call, asked, request.validate_only).await {
                Ok(()) => result,
                Err((error, message)) => result.with_error_code(error.code()).with_error_message(Some(text(message))),
            });
        }
        Answer::Send(IncrementalAlterConfigsResponse::default().with_responses(results))
    }
}
