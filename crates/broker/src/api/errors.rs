//! From the broker's errors to Kafka's codes.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{GroupId, TopicName, TransactionalId};
use kafka_protocol::protocol::StrBytes;

use crate::log::LogError;
use crate::topics::partition::PartitionError;

/// The code of a result: 0 without an error.
pub fn code<T>(result: &Result<T, ResponseError>) -> i16 {
    result.as_ref().err().map_or(0, ResponseError::code)
}

/// The code of what a partition refused.
pub fn of_partition(error: &PartitionError) -> ResponseError {
    match error {
        PartitionError::Deleted => ResponseError::UnknownTopicOrPartition,
        PartitionError::Offline(_) => ResponseError::KafkaStorageError,
        PartitionError::Log(error) => of_log(error),
    }
}

/// The code of what a log refused.
pub fn of_log(error: &LogError) -> ResponseError {
    match error {
        LogError::Io(_) => ResponseError::KafkaStorageError,
        LogError::Corrupt(_) => ResponseError::CorruptMessage,
        LogError::OldFormat(_) => ResponseError::UnsupportedForMessageFormat,
        LogError::InvalidRecord(_) => ResponseError::InvalidRecord,
        LogError::UnsupportedCodec(_) => ResponseError::UnsupportedCompressionType,
        LogError::Fenced { .. } => ResponseError::InvalidProducerEpoch,
        LogError::OutOfOrder { .. } => ResponseError::OutOfOrderSequenceNumber,
        LogError::NotTransactional => ResponseError::InvalidTxnState,
        LogError::TooLarge { .. } => ResponseError::MessageTooLarge,
        LogError::LargerThanSegment { .. } => ResponseError::RecordListTooLarge,
        LogError::InvalidTimestamp { .. } => ResponseError::InvalidTimestamp,
        LogError::OutOfRange { .. } => ResponseError::OffsetOutOfRange,
    }
}

/// PRODUCER_FENCED for clients that know it, INVALID_PRODUCER_EPOCH for older ones.
pub fn fenced_since(error: ResponseError, version: i16, since: i16) -> ResponseError {
    match error {
        ResponseError::ProducerFenced if version < since => ResponseError::InvalidProducerEpoch,
        other => other,
    }
}

/// A string of the wire.
pub fn text(text: impl Into<String>) -> StrBytes {
    StrBytes::from_string(text.into())
}

/// A topic name of the wire.
pub fn topic_name(name: &str) -> TopicName {
    TopicName(text(name))
}

/// A group id of the wire.
pub fn group_id(id: &str) -> GroupId {
    GroupId(text(id))
}

/// A transactional id of the wire.
pub fn transactional_id(id: &str) -> TransactionalId {
    TransactionalId(text(id))
}
