//! DeleteTopics: by name, or (version 6) by id.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;
use kafka_protocol::messages::{ApiKey, DeleteTopicsRequest, DeleteTopicsResponse};
use uuid::Uuid;

use super::errors::{text, topic_name};
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::topics::Refusal;

pub(super) struct DeleteTopics;

async fn delete(call: &Call<'_>, name: &str) -> Result<(), Refusal> {
    if !call.allowed(Operation::Describe, Resource::Topic(name))
        || !call.allowed(Operation::Delete, Resource::Topic(name))
    {
        return Err((ResponseError::TopicAuthorizationFailed, format!("not allowed to delete topic '{name}'")));
    }
    let name = name.to_owned();
    let deleted = call.blocking(move |broker| {
        broker.topics.delete(&name)?;
        // Positions in a topic that is gone do no harm beyond their bytes.
        let _ = broker.groups.offsets.remove_topic(&name);
        Ok(())
    });
    deleted.await.unwrap_or(Err((ResponseError::RequestTimedOut, "the broker stops".to_owned())))
}

impl Endpoint for DeleteTopics {
    type Request = DeleteTopicsRequest;
    type Response = DeleteTopicsResponse;
    const KEY: ApiKey = ApiKey::DeleteTopics;
    const VERSIONS: (i16, i16) = (1, 6);
    const SHAPE: &'static str = "[@6+ s 16 ] (@0-5 s ) 4";
    const FLEXIBLE: i16 = 4;

    async fn handle(call: &mut Call<'_>, request: DeleteTopicsRequest) -> Answer<DeleteTopicsResponse> {
        let by_name = request.topic_names.iter().map(|name| (Some(name.to_string()), Uuid::nil()));
        let by_either =
            request.topics.iter().map(|topic| (topic.name.as_ref().map(|name| name.to_string()), topic.topic_id));
        let mut results = Vec::new();
        for (name, id) in by_name.chain(by_either) {
            let found = name.clone().or_else(|| call.broker.topics.by_id(id).map(|topic| topic.name.clone()));
            let deleted = match &found {
                Some(name) => delete(call, name).await,
                None => Err((ResponseError::UnknownTopicId, format!("no topic has the id {id}"))),
            };
            let result = DeletableTopicResult::default().with_name(found.as_deref().map(topic_name)).with_topic_id(id);
            results.push(match deleted {
                Ok(()) => result,
                Err((error, message)) => result.with_error_code(error.code()).with_error_message(Some(text(message))),
            });
        }
        Answer::Send(DeleteTopicsResponse::default().with_responses(results))
    }
}
