//! Produce: appends one record batch per partition.
//!
//! Checksums, appends and the answer of one request are one piece of work on a thread that may block. Transactional batches
//! pass the gate of their transactional id: with version 12 and later their partitions join the transaction by being
//! written to (KIP-890), before that they must have joined it.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use kafka_protocol::messages::{ApiKey, ProduceRequest, ProduceResponse};

use super::errors::{of_log, of_partition, text, topic_name};
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::clock::now_ms;
use crate::log::LogConfig;
use crate::log::batch::BatchHeader;
use crate::log::prepare::prepare;
use crate::topics::Topic;
use crate::topics::config::log_config;
use crate::topics::partition::Partition;

pub(super) struct Produce;

type Problem = (ResponseError, String);

/// Records on their way to a partition.
struct Write {
    topic: usize,
    index: i32,
    target: Result<(Arc<Partition>, LogConfig, Bytes), Problem>,
}

fn problem(error: ResponseError) -> Problem {
    (error, error.to_string())
}

fn find(call: &Call<'_>, request: &ProduceRequest, at: usize) -> Result<Arc<Topic>, ResponseError> {
    let asked = &request.topic_data[at];
    let topic = match call.version {
        13.. => call.broker.topics.by_id(asked.topic_id).ok_or(ResponseError::UnknownTopicId)?,
        _ if !call.allowed(Operation::Write, Resource::Topic(&asked.name)) => {
            return Err(ResponseError::TopicAuthorizationFailed);
        }
        _ => call.broker.topics.get(&asked.name).ok_or(ResponseError::UnknownTopicOrPartition)?,
    };
    match call.allowed(Operation::Write, Resource::Topic(&topic.name)) {
        true => Ok(topic),
        false => Err(ResponseError::TopicAuthorizationFailed),
    }
}

fn writes(call: &Call<'_>, request: &ProduceRequest) -> Vec<Write> {
    let mut writes = Vec::new();
    for (at, data) in request.topic_data.iter().enumerate() {
        let topic = find(call, request, at);
        let config = topic.as_ref().ok().map(|topic| log_config(&topic.overrides));
        for partition in &data.partition_data {
            let target = match (&topic, &config, &partition.records) {
                (Err(error), ..) => Err(problem(*error)),
                (Ok(topic), Some(config), Some(records)) => usize::try_from(partition.index)
                    .ok()
                    .and_then(|index| topic.partitions.get(index))
                    .map(|found| (Arc::clone(found), *config, records.clone()))
                    .ok_or_else(|| problem(ResponseError::UnknownTopicOrPartition)),
                _ => Err((ResponseError::InvalidRecord, "a partition has no records".to_owned())),
            };
            writes.push(Write { topic: at, index: partition.index, target });
        }
    }
    writes
}

/// Refuses every write whose batch is transactional unless the transaction takes it.
async fn join_transaction(call: &Call<'_>, id: &str, writes: &mut [Write]) {
    let mut producers = BTreeSet::new();
    let mut partitions = Vec::new();
    for write in writes.iter() {
        let Ok((partition, _, records)) = &write.target else { continue };
        match BatchHeader::parse(records) {
            Ok(header) if header.is_transactional() => {
                producers.insert((header.producer_id, header.producer_epoch));
                partitions.push((partition.topic.clone(), partition.index));
            }
            _ => {}
        }
    }
    let transactions = &call.broker.transactions;
    let mut joined = Ok(());
    for producer in producers {
        joined = match (joined, call.version) {
            (Ok(()), 12..) => transactions.add(id, producer, partitions.clone(), None).await,
            (Ok(()), _) => transactions.verify(id, producer, &partitions),
            (error, _) => error,
        };
    }
    let Err(error) = joined else { return };
    let error = match error {
        // Producers take this one as fenced, the other only from coordinators.
        ResponseError::ProducerFenced => ResponseError::InvalidProducerEpoch,
        ResponseError::CoordinatorNotAvailable => ResponseError::NotEnoughReplicas,
        ResponseError::InvalidTxnState if call.version >= 11 => ResponseError::TransactionAbortable,
        other => other,
    };
    refuse_transactional(writes, error);
}

fn refuse_transactional(writes: &mut [Write], error: ResponseError) {
    for write in writes {
        let transactional = write
            .target
            .as_ref()
            .is_ok_and(|(_, _, records)| BatchHeader::parse(records).is_ok_and(|header| header.is_transactional()));
        if transactional {
            write.target = Err(problem(error));
        }
    }
}

/// Appends and answers. Blocks.
fn append(write: Write) -> (usize, PartitionProduceResponse) {
    let answer = PartitionProduceResponse::default().with_index(write.index);
    let now = now_ms();
    let done = write.target.and_then(|(partition, config, records)| {
        let prepared = prepare(&records, &config, now).map_err(|error| (of_log(&error), error.to_string()))?;
        let appended = partition.append(&prepared, now).map_err(|error| {
            if let ResponseError::KafkaStorageError = of_partition(&error) {
                tracing::error!(topic = partition.topic, partition = partition.index, %error,
                    "NUTKIN-4003: records could not be stored");
            }
            (of_partition(&error), error.to_string())
        })?;
        Ok((appended, partition.ends().start))
    });
    let answer = match done {
        Ok((appended, start)) => answer
            .with_base_offset(appended.base_offset)
            .with_log_append_time_ms(appended.append_time)
            .with_log_start_offset(start),
        Err((error, message)) => {
            answer.with_error_code(error.code()).with_base_offset(-1).with_error_message(Some(text(message)))
        }
    };
    (write.topic, answer)
}

impl Endpoint for Produce {
    type Request = ProduceRequest;
    type Response = ProduceResponse;
    const KEY: ApiKey = ApiKey::Produce;
    const VERSIONS: (i16, i16) = (3, 13);
    const SHAPE: &'static str = "s 2 4 [ s@0-12 16@13+ [ 4 b ] ]";
    const FLEXIBLE: i16 = 9;

    async fn handle(call: &mut Call<'_>, request: ProduceRequest) -> Answer<ProduceResponse> {
        let mut writes = writes(call, &request);
        if !matches!(request.acks, -1..=1) {
            for write in &mut writes {
                write.target = Err(problem(ResponseError::InvalidRequiredAcks));
            }
        }
        let mut gate = None;
        match &request.transactional_id {
            Some(id) if !call.allowed(Operation::Write, Resource::TransactionalId(id)) => {
                refuse_transactional(&mut writes, ResponseError::TransactionalIdAuthorizationFailed);
            }
            Some(id) => {
                gate = Some(call.broker.transactions.pass(id).await);
                join_transaction(call, id, &mut writes).await;
            }
            None => refuse_transactional(&mut writes, ResponseError::InvalidTxnState),
        }
        let appended = call
            .blocking(move |_| {
                // Held until the last append, also when the client is gone.
                let _gate = gate;
                writes.into_iter().map(append).collect::<Vec<_>>()
            })
            .await;
        let Some(appended) = appended else { return Answer::Close("the broker stops".to_owned()) };
        if request.acks == 0 {
            return match appended.iter().find(|(_, answer)| answer.error_code != 0) {
                // The only way to tell a client that wants no answers.
                Some((_, failed)) => Answer::Close(format!("acks=0 and an append failed with {}", failed.error_code)),
                None => Answer::Silent,
            };
        }
        let mut topics: Vec<TopicProduceResponse> = request
            .topic_data
            .iter()
            .map(|topic| {
                TopicProduceResponse::default().with_name(topic_name(&topic.name)).with_topic_id(topic.topic_id)
            })
            .collect();
        for (at, answer) in appended {
            topics[at].partition_responses.push(answer);
        }
        Answer::Send(ProduceResponse::default().with_responses(topics))
    }
}
