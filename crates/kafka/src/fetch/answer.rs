//! The answer to a Fetch, decoded without copying records.

use bytes::Bytes;
use uuid::Uuid;

use crate::{AbortedTransaction, wire::Reader};

/// First version whose lengths are variable and that has tagged fields.
const FLEXIBLE: i16 = 12;
/// First version that names topics by id.
pub(super) const TOPIC_IDS: i16 = 13;
/// Longest name of a topic. Each partition gets a copy, so a longer one would ask for memory out of proportion.
const MAX_TOPIC_NAME: usize = 249;

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchAnswer {
    /// Error of the whole request; 0 is none.
    pub error_code: i16,
    /// What came for each partition.
    pub partitions: Vec<PartitionAnswer>,
}

/// One partition of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionAnswer {
    /// Topic name, empty from version 13 on.
    pub topic: String,
    /// Topic id, nil before version 13.
    pub topic_id: Uuid,
    /// Partition.
    pub partition: i32,
    /// Error; 0 is none.
    pub error_code: i16,
    /// Offset after the last replicated record.
    pub high_watermark: i64,
    /// Offset of the first open transaction, or the high watermark.
    pub last_stable_offset: i64,
    /// First offset in the log.
    pub log_start_offset: i64,
    /// Aborted transactions in the range.
    pub aborted: Vec<AbortedTransaction>,
    /// The record batches, the last one perhaps cut off.
    pub records: Bytes,
}

/// Decodes a Fetch answer of versions 4 to 16, response header included. Pure; never panics, and
/// allocates no more than the answer's own size calls for.
pub fn decode_fetch_answer(answer: Bytes, version: i16) -> Option<FetchAnswer> {
    let mut reader = Reader::new(answer, version >= FLEXIBLE);
    reader.i32()?;
    reader.tags()?;
    reader.i32()?;
    let mut error_code = 0;
    if version >= 7 {
        error_code = reader.i16()?;
        reader.i32()?;
    }
    let topics = reader.array(|r| topic(r, version))?;
    reader.tags()?;
    Some(FetchAnswer { error_code, partitions: topics.into_iter().flatten().collect() })
}

fn topic(reader: &mut Reader, version: i16) -> Option<Vec<PartitionAnswer>> {
    let (name, id) =
        if version >= TOPIC_IDS { (String::new(), reader.uuid()?) } else { (reader.string()?, Uuid::nil()) };
    if name.len() > MAX_TOPIC_NAME {
        return None;
    }
    let mut partitions = reader.array(|r| partition(r, version))?;
    reader.tags()?;
    for partition in &mut partitions {
        partition.topic.clone_from(&name);
        partition.topic_id = id;
    }
    Some(partitions)
}

fn partition(reader: &mut Reader, version: i16) -> Option<PartitionAnswer> {
    let partition = reader.i32()?;
    let error_code = reader.i16()?;
    let high_watermark = reader.i64()?;
    let last_stable_offset = reader.i64()?;
    let log_start_offset = if version >= 5 { reader.i64()? } else { -1 };
    let aborted = reader.array(|r| {
        let aborted = AbortedTransaction { producer_id: r.i64()?, first_offset: r.i64()? };
        r.tags()?;
        Some(aborted)
    })?;
    if version >= 11 {
        reader.i32()?;
    }
    let records = reader.nullable_bytes()?.unwrap_or_default();
    reader.tags()?;
    Some(PartitionAnswer {
        topic: String::new(),
        topic_id: Uuid::nil(),
        partition,
        error_code,
        high_watermark,
        last_stable_offset,
        log_start_offset,
        aborted,
        records,
    })
}
