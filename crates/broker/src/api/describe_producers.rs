//! DescribeProducers: who writes to partitions, and which transactions are open there.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_producers_response::{PartitionResponse, ProducerState, TopicResponse};
use kafka_protocol::messages::{ApiKey, DescribeProducersRequest, DescribeProducersResponse, ProducerId};

use super::errors::{of_partition, text};
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::log::producers::Producer;
use crate::topics::partition::Partition;

pub(super) struct DescribeProducers;

fn state((id, producer): (i64, &Producer)) -> ProducerState {
    ProducerState::default()
        .with_producer_id(ProducerId(id))
        .with_producer_epoch(i32::from(producer.epoch))
        .with_last_sequence(producer.batches.back().map_or(-1, |batch| batch.last_sequence))
        .with_last_timestamp(producer.last_timestamp)
        .with_coordinator_epoch(producer.coordinator_epoch)
        .with_current_txn_start_offset(producer.transaction.unwrap_or(-1))
}

/// Blocks.
fn producers(partition: &Partition) -> Result<Vec<ProducerState>, ResponseError> {
    partition.with_log(|log| Ok(log.producers().iter().map(state).collect())).map_err(|error| of_partition(&error))
}

impl Endpoint for DescribeProducers {
    type Request = DescribeProducersRequest;
    type Response = DescribeProducersResponse;
    const KEY: ApiKey = ApiKey::DescribeProducers;
    const VERSIONS: (i16, i16) = (0, 0);
    const SHAPE: &'static str = "[ s ( 4 ) ]";
    const FLEXIBLE: i16 = 0;

    async fn handle(call: &mut Call<'_>, request: DescribeProducersRequest) -> Answer<DescribeProducersResponse> {
        let mut topics = Vec::new();
        for topic in &request.topics {
            let allowed = call.allowed(Operation::Read, Resource::Topic(&topic.name));
            let mut partitions = Vec::new();
            for index in &topic.partition_indexes {
                let found = match call.broker.topics.partition(&topic.name, *index) {
                    _ if !allowed => Err(ResponseError::TopicAuthorizationFailed),
                    None => Err(ResponseError::UnknownTopicOrPartition),
                    Some(partition) => call
                        .blocking(move |_| producers(&partition))
                        .await
                        .unwrap_or(Err(ResponseError::RequestTimedOut)),
                };
                let answer = PartitionResponse::default().with_partition_index(*index);
                partitions.push(match found {
                    Ok(found) => answer.with_active_producers(found),
                    Err(error) => {
                        answer.with_error_code(error.code()).with_error_message(Some(text(error.to_string())))
                    }
                });
            }
            topics.push(TopicResponse::default().with_name(topic.name.clone()).with_partitions(partitions));
        }
        Answer::Send(DescribeProducersResponse::default().with_topics(topics))
    }
}
