//! Offsets that are committed with a transaction, and reading them back.

use std::{collections::BTreeMap, sync::Arc};

use kafka_protocol::{
    messages::{
        AddOffsetsToTxnRequest, GroupId, OffsetFetchRequest, OffsetFetchResponse, ProducerId, TxnOffsetCommitRequest,
        offset_fetch_request::OffsetFetchRequestGroup,
        txn_offset_commit_request::{TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic},
    },
    protocol::StrBytes,
};

use super::{checked, first_error, transactional_id};
use crate::{
    Client, Error, ProducerIdentity, Result,
    client::{Coordinates, topic_name},
    error::ErrorCode,
};

/// First version of TxnOffsetCommit that adds the group to the transaction by itself.
const IMPLICIT_GROUP: i16 = 5;
/// Versions of OffsetFetch that can wait for open transactions, and that ask for many groups.
const REQUIRE_STABLE: i16 = 7;
const MANY_GROUPS: i16 = 8;

/// An offset that a group has committed for a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommittedOffset {
    /// Topic.
    pub topic: Arc<str>,
    /// Partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
    /// Leader epoch of the last record before it, where known.
    pub leader_epoch: Option<i32>,
    /// Any text (the broker limits it to `offset.metadata.max.bytes`, 4096 by default).
    pub metadata: String,
}

fn group_id(group: &str) -> GroupId {
    GroupId(StrBytes::from_string(group.to_owned()))
}

/// Announces a group to the transaction coordinator (transaction.version 1).
pub(super) async fn add_group(client: &Client, id: &str, identity: ProducerIdentity, group: &str) -> Result<()> {
    let request = AddOffsetsToTxnRequest::default()
        .with_transactional_id(transactional_id(id))
        .with_producer_id(ProducerId(identity.producer_id))
        .with_producer_epoch(identity.epoch)
        .with_group_id(group_id(group));
    let operation = format!("add group '{group}' to the transaction of '{id}'");
    let (request, operation) = (&request, &*operation);
    client
        .with_coordinator(Coordinates::Transaction, id, client.retry(operation), |coordinator| async move {
            let answer = coordinator.call_within(request, 0, 3).await?;
            checked(answer.error_code, operation)
        })
        .await
}

/// Writes the offsets to the group's coordinator, as part of the transaction.
pub(super) async fn commit(
    client: &Client,
    id: &str,
    identity: ProducerIdentity,
    group: &str,
    offsets: &[CommittedOffset],
    implicit: bool,
) -> Result<()> {
    let mut topics: BTreeMap<&str, Vec<TxnOffsetCommitRequestPartition>> = BTreeMap::new();
    for o in offsets {
        topics.entry(&o.topic).or_default().push(
            TxnOffsetCommitRequestPartition::default()
                .with_partition_index(o.partition)
                .with_committed_offset(o.offset)
                .with_committed_leader_epoch(o.leader_epoch.unwrap_or(-1))
                .with_committed_metadata(Some(StrBytes::from_string(o.metadata.clone()))),
        );
    }
    let topics = topics.into_iter().map(|(topic, partitions)| {
        TxnOffsetCommitRequestTopic::default().with_name(topic_name(topic)).with_partitions(partitions)
    });
    let request = TxnOffsetCommitRequest::default()
        .with_transactional_id(transactional_id(id))
        .with_group_id(group_id(group))
        .with_producer_id(ProducerId(identity.producer_id))
        .with_producer_epoch(identity.epoch)
        .with_generation_id(-1)
        .with_topics(topics.collect());
    let operation = format!("commit offsets of group '{group}' in the transaction of '{id}'");
    let (request, operation) = (&request, &*operation);
    let (least, most) = if implicit { (IMPLICIT_GROUP, IMPLICIT_GROUP) } else { (0, IMPLICIT_GROUP - 1) };
    client
        .with_coordinator(Coordinates::Group, group, client.retry(operation), |coordinator| async move {
            let answer = coordinator.call_within(request, least, most).await?;
            let codes = answer.topics.iter().flat_map(|t| &t.partitions).map(|p| p.error_code);
            first_error(codes, operation)
        })
        .await
}

/// Every offset that a group has committed. With `require_stable` it waits until no transaction
/// with offsets of the group is open, so that the answer is final.
///
/// # Errors
/// Authorization; [`crate::ErrorKind::TimedOut`] when a transaction stays open.
pub async fn fetch_committed_offsets(
    client: &Client,
    group: &str,
    require_stable: bool,
) -> Result<Vec<CommittedOffset>> {
    let single = OffsetFetchRequest::default()
        .with_group_id(group_id(group))
        .with_topics(None)
        .with_require_stable(require_stable);
    let many = OffsetFetchRequest::default().with_require_stable(require_stable).with_groups(vec![
        OffsetFetchRequestGroup::default().with_group_id(group_id(group)).with_member_epoch(-1).with_topics(None),
    ]);
    let operation = format!("read the offsets of group '{group}'");
    let (single, many, operation) = (&single, &many, &*operation);
    client
        .with_coordinator(Coordinates::Group, group, client.retry(operation), |coordinator| async move {
            let version = coordinator.version::<OffsetFetchRequest>(REQUIRE_STABLE, i16::MAX)?;
            let request = if version >= MANY_GROUPS { many } else { single };
            let answer = coordinator.call_within(request, version, version).await?;
            offsets_of(&answer, operation)
        })
        .await
}

fn offsets_of(answer: &OffsetFetchResponse, operation: &str) -> Result<Vec<CommittedOffset>> {
    checked(answer.error_code, operation)?;
    let mut found = Vec::new();
    let mut codes = Vec::new();
    let mut add = |topic: &str, partition, offset, epoch, metadata: Option<&StrBytes>, code| {
        codes.push(code);
        // -1: nothing is committed.
        if offset >= 0 {
            found.push(CommittedOffset {
                topic: topic.into(),
                partition,
                offset,
                leader_epoch: Some(epoch).filter(|e| *e >= 0),
                metadata: metadata.map(ToString::to_string).unwrap_or_default(),
            });
        }
    };
    for topic in &answer.topics {
        for p in &topic.partitions {
            let (offset, epoch) = (p.committed_offset, p.committed_leader_epoch);
            add(&topic.name, p.partition_index, offset, epoch, p.metadata.as_ref(), p.error_code);
        }
    }
    for group in &answer.groups {
        // A group that has never committed anything has no offsets; that is not a failure.
        match ErrorCode::from_wire(group.error_code) {
            None => {}
            Some(code) if code.name() == "GROUP_ID_NOT_FOUND" => continue,
            Some(code) => return Err(Error::broker(operation, code)),
        }
        for topic in &group.topics {
            for p in &topic.partitions {
                let (offset, epoch) = (p.committed_offset, p.committed_leader_epoch);
                let metadata = p.metadata.as_ref();
                add(&topic.name, p.partition_index, offset, epoch, metadata, p.error_code);
            }
        }
    }
    first_error(codes.into_iter(), operation)?;
    Ok(found)
}
