//! Fetch: whole record batches from many partitions, waiting for more when there are too few.
//!
//! Whether there is anything to read is seen in the partitions' published ends; the log is only touched, on a thread that
//! may block, when there is. Every answer has session id 0: clients then send all partitions each time.

use std::sync::Arc;
use std::time::Duration;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::fetch_response::{AbortedTransaction, FetchableTopicResponse, PartitionData};
use kafka_protocol::messages::{ApiKey, FetchRequest, FetchResponse, ProducerId};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::errors::{of_partition, topic_name};
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::log::read::Plan;
use crate::topics::partition::Partition;

pub(super) struct Fetch;

/// Largest answer, whatever the client asks for.
const MAX_BYTES: usize = 55 << 20;
/// Longest wait, whatever the client asks for.
const MAX_WAIT: Duration = Duration::from_secs(300);

#[derive(Clone)]
struct Wanted {
    topic: usize,
    index: i32,
    source: Result<Arc<Partition>, ResponseError>,
    offset: i64,
    max: usize,
}

impl Wanted {
    /// Whether it has an answer without waiting.
    fn is_ready(&self, committed: bool) -> bool {
        let Ok(partition) = &self.source else { return true };
        let ends = partition.ends();
        let upper = if committed { ends.stable } else { ends.end };
        !partition.is_available() || self.offset < upper || self.offset < ends.start || self.offset > ends.end
    }
}

struct Limits {
    committed: bool,
    min: u64,
    max: usize,
}

fn wanted(call: &Call<'_>, request: &FetchRequest) -> Vec<Wanted> {
    let mut all = Vec::new();
    for (at, asked) in request.topics.iter().enumerate() {
        let (topic, missing) = match call.version {
            13.. => (call.broker.topics.by_id(asked.topic_id), ResponseError::UnknownTopicId),
            _ => (call.broker.topics.get(&asked.topic), ResponseError::UnknownTopicOrPartition),
        };
        let name = topic.as_ref().map_or(asked.topic.as_str(), |topic| &topic.name);
        // Whether an id exists is not told to those who may not read it.
        let refused = (call.version < 13 || topic.is_some()) && !call.allowed(Operation::Read, Resource::Topic(name));
        for partition in &asked.partitions {
            let found = topic.as_ref().and_then(|topic| {
                usize::try_from(partition.partition).ok().and_then(|index| topic.partitions.get(index))
            });
            let source = match (&topic, found) {
                _ if refused => Err(ResponseError::TopicAuthorizationFailed),
                (None, _) => Err(missing),
                (Some(_), None) => Err(ResponseError::UnknownTopicOrPartition),
                _ if partition.current_leader_epoch > 0 => Err(ResponseError::UnknownLeaderEpoch),
                (Some(_), Some(found)) => Ok(Arc::clone(found)),
            };
            all.push(Wanted {
                topic: at,
                index: partition.partition,
                source,
                offset: partition.fetch_offset,
                max: usize::try_from(partition.partition_max_bytes).unwrap_or(0),
            });
        }
    }
    all
}

fn failed(index: i32, error: ResponseError) -> PartitionData {
    PartitionData::default()
        .with_partition_index(index)
        .with_error_code(error.code())
        .with_high_watermark(-1)
        .with_last_stable_offset(-1)
        .with_log_start_offset(-1)
        .with_records(Some(Default::default()))
}

/// Plans all reads. Blocks.
fn plan(all: &[Wanted], committed: bool) -> Vec<Result<Plan, ResponseError>> {
    let plan_one = |wanted: &Wanted| {
        let partition = wanted.source.as_ref().map_err(|error| *error)?;
        partition.with_log(|log| log.plan(wanted.offset, committed)).map_err(|error| of_partition(&error))
    };
    all.iter().map(plan_one).collect()
}

/// Reads what is there; `None` when that is less than the client waits for. Blocks.
fn read(all: &[Wanted], limits: &Limits, last_chance: bool) -> Option<Vec<PartitionData>> {
    let plans = plan(all, limits.committed);
    let sum: u64 = plans.iter().flatten().map(Plan::bytes).sum();
    if !last_chance && sum < limits.min && plans.iter().all(Result::is_ok) {
        return None;
    }
    let mut left = limits.max;
    let mut nothing_yet = true;
    let answers = all.iter().zip(plans).map(|(wanted, plan)| {
        let plan = match plan {
            Ok(plan) => plan,
            Err(error) => return failed(wanted.index, error),
        };
        let records = match plan.read(wanted.max.min(left), nothing_yet) {
            Ok(records) => records,
            Err(error) => {
                tracing::error!(partition = wanted.index, %error, "NUTKIN-4003: records could not be read");
                return failed(wanted.index, ResponseError::KafkaStorageError);
            }
        };
        left = left.saturating_sub(records.len());
        nothing_yet &= records.is_empty();
        let aborted = plan.aborted.map(|aborted| {
            let to_wire = |aborted: crate::log::producers::Aborted| {
                AbortedTransaction::default()
                    .with_producer_id(ProducerId(aborted.producer_id))
                    .with_first_offset(aborted.first_offset)
            };
            aborted.into_iter().map(to_wire).collect()
        });
        PartitionData::default()
            .with_partition_index(wanted.index)
            .with_high_watermark(plan.ends.end)
            .with_last_stable_offset(plan.ends.stable)
            .with_log_start_offset(plan.ends.start)
            .with_aborted_transactions(aborted)
            .with_records(Some(records))
    });
    Some(answers.collect())
}

async fn wait_and_read(
    call: &Call<'_>,
    all: Vec<Wanted>,
    limits: Limits,
    wait: Duration,
) -> Option<Vec<PartitionData>> {
    let deadline = Instant::now() + wait;
    let changed = Arc::new(Notify::new());
    let mut watches = Vec::new();
    let mut stop = call.broker.stopping();
    let (all, limits) = (Arc::new(all), Arc::new(limits));
    loop {
        let last_chance = Instant::now() >= deadline || limits.min == 0 || all.is_empty() || *stop.borrow();
        if last_chance || all.iter().any(|wanted| wanted.is_ready(limits.committed)) {
            let (all, limits) = (Arc::clone(&all), Arc::clone(&limits));
            let answers = call.blocking(move |_| read(&all, &limits, last_chance)).await?;
            if answers.is_some() {
                return answers;
            }
        }
        if watches.is_empty() {
            // Registered before the next look, so that no append in between is missed.
            watches.extend(all.iter().flat_map(|wanted| &wanted.source).map(|partition| partition.watch(&changed)));
            continue;
        }
        tokio::select! {
            () = changed.notified() => {}
            () = sleep_until(deadline) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
}

impl Endpoint for Fetch {
    type Request = FetchRequest;
    type Response = FetchResponse;
    const KEY: ApiKey = ApiKey::Fetch;
    const VERSIONS: (i16, i16) = (4, 18);
    const SHAPE: &'static str = concat!(
        "4@0-14 4 4 4 1 4@7+ 4@7+ [ s@0-12 16@13+ [ 4 4@9+ 8 4@12+ 8@5+ 4 #0@17+ 16 #1@18+ 8 ] ] ",
        "[@7+ s@0-12 16@13+ ( 4 ) ] s@11+ #0@12+ s #1@15+ < 4 8 >",
    );
    const FLEXIBLE: i16 = 12;

    async fn handle(call: &mut Call<'_>, request: FetchRequest) -> Answer<FetchResponse> {
        if request.session_id != 0 {
            let error = ResponseError::FetchSessionIdNotFound.code();
            return Answer::Send(FetchResponse::default().with_error_code(error));
        }
        let all = wanted(call, &request);
        let limits = Limits {
            committed: request.isolation_level == 1,
            min: u64::try_from(request.min_bytes).unwrap_or(0),
            max: usize::try_from(request.max_bytes).unwrap_or(0).min(MAX_BYTES),
        };
        let wait = Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or(0)).min(MAX_WAIT);
        let order: Vec<usize> = all.iter().map(|wanted| wanted.topic).collect();
        let Some(answers) = wait_and_read(call, all, limits, wait).await else {
            return Answer::Close("the broker stops".to_owned());
        };
        let mut topics: Vec<FetchableTopicResponse> = request
            .topics
            .iter()
            .map(|asked| {
                FetchableTopicResponse::default().with_topic(topic_name(&asked.topic)).with_topic_id(asked.topic_id)
            })
            .collect();
        for (topic, answer) in order.into_iter().zip(answers) {
            topics[topic].partitions.push(answer);
        }
        Answer::Send(FetchResponse::default().with_responses(topics))
    }
}
