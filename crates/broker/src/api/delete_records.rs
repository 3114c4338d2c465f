//! DeleteRecords: moves the start of partitions.

use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::delete_records_response::{DeleteRecordsPartitionResult, DeleteRecordsTopicResult};
use kafka_protocol::messages::{ApiKey, DeleteRecordsRequest, DeleteRecordsResponse};

use super::errors::of_partition;
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::clock::now_ms;
use crate::topics::config::log_config;
use crate::topics::partition::Partition;

pub(super) struct DeleteRecords;

fn find(call: &Call<'_>, name: &str, index: i32) -> Result<Arc<Partition>, ResponseError> {
    if !call.allowed(Operation::Delete, Resource::Topic(name)) {
        return Err(ResponseError::TopicAuthorizationFailed);
    }
    let topic = call.broker.topics.get(name).ok_or(ResponseError::UnknownTopicOrPartition)?;
    if !log_config(&topic.overrides).delete {
        return Err(ResponseError::PolicyViolation);
    }
    let found = usize::try_from(index).ok().and_then(|index| topic.partitions.get(index));
    found.cloned().ok_or(ResponseError::UnknownTopicOrPartition)
}

impl Endpoint for DeleteRecords {
    type Request = DeleteRecordsRequest;
    type Response = DeleteRecordsResponse;
    const KEY: ApiKey = ApiKey::DeleteRecords;
    const VERSIONS: (i16, i16) = (0, 2);
    const SHAPE: &'static str = "[ s [ 4 8 ] ] 4";
    const FLEXIBLE: i16 = 2;

    async fn handle(call: &mut Call<'_>, request: DeleteRecordsRequest) -> Answer<DeleteRecordsResponse> {
        let mut topics = Vec::new();
        for topic in &request.topics {
            let mut partitions = Vec::new();
            for asked in &topic.partitions {
                let (index, offset) = (asked.partition_index, asked.offset);
                let deleted = match find(call, &topic.name, index) {
                    Err(error) => Err(error),
                    Ok(partition) => call
                        .blocking(move |_| partition.with_log(|log| log.delete_before(offset, now_ms())))
                        .await
                        .ok_or(ResponseError::RequestTimedOut)
                        .and_then(|done| done.map_err(|error| of_partition(&error))),
                };
                let result = DeleteRecordsPartitionResult::default().with_partition_index(index);
                partitions.push(match deleted {
                    Ok(start) => result.with_low_watermark(start),
                    Err(error) => result.with_low_watermark(-1).with_error_code(error.code()),
                });
            }
            topics.push(DeleteRecordsTopicResult::default().with_name(topic.name.clone()).with_partitions(partitions));
        }
        Answer::Send(DeleteRecordsResponse::default().with_topics(topics))
    }
}
