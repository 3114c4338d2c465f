//! AlterConfigs: replaces all settings of topics (the older form of IncrementalAlterConfigs).

use kafka_protocol::ResponseError;
use kafka_protocol::messages::alter_configs_request::AlterConfigsResource;
use kafka_protocol::messages::alter_configs_response::AlterConfigsResourceResponse;
use kafka_protocol::messages::{AlterConfigsRequest, AlterConfigsResponse, ApiKey};

use super::errors::text;
use super::incremental_alter_configs::check_resource;
use super::{Answer, Call, Endpoint};
use crate::topics::Refusal;

pub(super) struct AlterConfigs;

async fn alter(call: &Call<'_>, asked: AlterConfigsResource, validate_only: bool) -> Result<(), Refusal> {
    let name = asked.resource_name.to_string();
    check_resource(call, asked.resource_type, &name)?;
    let done = call.blocking(move |broker| {
        broker.topics.configure(&name, validate_only, |overrides| {
            overrides.clear();
            for config in &asked.configs {
                let value =
                    config.value.as_ref().ok_or_else(|| format!("topic setting '{}' has no value", &*config.name))?;
                overrides.insert(config.name.to_string(), value.to_string());
            }
            Ok(())
        })
    });
    done.await.unwrap_or(Err((ResponseError::RequestTimedOut, "the broker stops".to_owned())))
}

impl Endpoint for AlterConfigs {
    type Request = AlterConfigsRequest;
    type Response = AlterConfigsResponse;
    const KEY: ApiKey = ApiKey::AlterConfigs;
    const VERSIONS: (i16, i16) = (0, 2);
    const SHAPE: &'static str = "[ 1 s [ s s ] ] 1";
    const FLEXIBLE: i16 = 2;

    async fn handle(call: &mut Call<'_>, request: AlterConfigsRequest) -> Answer<AlterConfigsResponse> {
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
        Answer::Send(AlterConfigsResponse::default().with_responses(results))
    }
}
