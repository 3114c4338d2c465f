//! What OffsetCommit and TxnOffsetCommit have in common: each position is checked for itself and answered for itself.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::TopicName;
use kafka_protocol::protocol::StrBytes;

use super::Call;
use super::errors::{code, topic_name};
use crate::access::{Operation, Resource};
use crate::broker::Broker;
use crate::groups::offsets::{Committed, Positions};

/// Longest metadata of a position (`offset.metadata.max.bytes`).
const MAX_METADATA: usize = 4096;

/// The position of a partition, as a request has it.
pub(super) struct Asked<'a> {
    pub partition: i32,
    pub offset: i64,
    pub leader_epoch: i32,
    pub metadata: Option<&'a StrBytes>,
}

/// The positions that may be stored, and what is said to each one that was asked for.
pub(super) struct Checked {
    positions: Positions,
    topics: Vec<(TopicName, Vec<Said>)>,
}

/// A partition and what is said to its position.
type Said = (i32, Result<(), ResponseError>);

impl Checked {
    /// Checks `topics`; when `whole` is an error, it is the answer to all.
    pub fn new<'a, P: Iterator<Item = Asked<'a>>>(
        call: &Call<'_>,
        whole: Result<(), ResponseError>,
        topics: impl Iterator<Item = (&'a TopicName, P)>,
    ) -> Checked {
        let mut positions = Positions::new();
        let topics = topics.map(|(name, partitions)| {
            let allowed = call.allowed(Operation::Read, Resource::Topic(name));
            let partitions = partitions.map(|asked| {
                let metadata = asked.metadata.map(|text| &**text).unwrap_or_default();
                let checked = match call.broker.topics.partition(name, asked.partition) {
                    _ if whole.is_err() => whole,
                    _ if !allowed => Err(ResponseError::TopicAuthorizationFailed),
                    None => Err(ResponseError::UnknownTopicOrPartition),
                    Some(_) if metadata.len() > MAX_METADATA => Err(ResponseError::OffsetMetadataTooLarge),
                    Some(_) => Ok(()),
                };
                if checked.is_ok() {
                    let (offset, leader_epoch) = (asked.offset, asked.leader_epoch);
                    let position = Committed { offset, leader_epoch, metadata: metadata.to_owned() };
                    positions.insert((name.to_string(), asked.partition), position);
                }
                (asked.partition, checked)
            });
            (topic_name(name), partitions.collect())
        });
        let topics = topics.collect();
        Checked { positions, topics }
    }

    /// Stores the positions with `store`, on a thread that may block. Gives topics with the error code of each partition.
    pub async fn store(
        self,
        call: &Call<'_>,
        store: impl FnOnce(&Broker, &Positions) -> std::io::Result<()> + Send + 'static,
    ) -> impl Iterator<Item = (TopicName, impl Iterator<Item = (i32, i16)>)> {
        let Checked { positions, topics } = self;
        let mut stored = Ok(());
        if !positions.is_empty() {
            let done = call.blocking(move |broker| store(broker, &positions)).await;
            if !matches!(done, Some(Ok(()))) {
                stored = Err(ResponseError::CoordinatorNotAvailable);
            }
        }
        topics.into_iter().map(move |(name, partitions)| {
            let codes = partitions.into_iter().map(move |(partition, checked)| (partition, code(&checked.and(stored))));
            (name, codes)
        })
    }
}
