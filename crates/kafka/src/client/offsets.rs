//! Offsets of partitions by meaning: first, end, by timestamp.

use std::{collections::BTreeMap, sync::Arc};

use futures::future::try_join_all;
use kafka_protocol::messages::{
    BrokerId, ListOffsetsRequest,
    list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic},
};

use super::{Client, SHARED, topic_name};
use crate::{
    Error, IsolationLevel, Result,
    error::{ErrorCode, check},
};

/// Which offset is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OffsetSpec {
    /// The first in the log.
    Earliest,
    /// The end: after the last record, or the last stable offset under `read_committed`.
    Latest,
    /// The first record whose timestamp is at or after this many milliseconds since the epoch.
    Timestamp(i64),
    /// The record with the largest timestamp.
    MaxTimestamp,
}

impl OffsetSpec {
    fn wire(self) -> i64 {
        match self {
            Self::Latest => -1,
            Self::Earliest => -2,
            Self::MaxTimestamp => -3,
            Self::Timestamp(at) => at,
        }
    }

    fn least_version(self) -> i16 {
        if self == Self::MaxTimestamp { 7 } else { 2 }
    }
}

/// An offset that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedOffset {
    /// Topic.
    pub topic: Arc<str>,
    /// Partition.
    pub partition: i32,
    /// The offset; `None` when no record has that timestamp.
    pub offset: Option<i64>,
    /// The timestamp of the record there; `None` for earliest and latest.
    pub timestamp: Option<i64>,
    /// Leader epoch of that record.
    pub leader_epoch: Option<i32>,
}

type Wanted = (Arc<str>, i32);

impl Client {
    /// Looks up one offset per partition, asking each leader once. In the order of `partitions`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`] for a partition that does not exist (after retries, as it
    /// may have just been created).
    pub async fn list_offsets(
        &self,
        partitions: &[(Arc<str>, i32)],
        spec: OffsetSpec,
        isolation: IsolationLevel,
    ) -> Result<Vec<ListedOffset>> {
        let mut found: BTreeMap<Wanted, ListedOffset> = BTreeMap::new();
        let mut retry = self.retry("list offsets");
        loop {
            let missing: Vec<Wanted> = partitions.iter().filter(|p| !found.contains_key(*p)).cloned().collect();
            match self.list_offsets_once(&missing, spec, isolation, &mut found).await {
                Ok(()) => break,
                Err(error) => {
                    missing.iter().for_each(|(topic, _)| self.cache().forget_topic(topic));
                    retry.after(error).await?;
                }
            }
        }
        Ok(partitions.iter().filter_map(|p| found.get(p).cloned()).collect())
    }

    async fn list_offsets_once(
        &self,
        wanted: &[Wanted],
        spec: OffsetSpec,
        isolation: IsolationLevel,
        found: &mut BTreeMap<Wanted, ListedOffset>,
    ) -> Result<()> {
        let mut by_leader: BTreeMap<i32, BTreeMap<&Arc<str>, Vec<i32>>> = BTreeMap::new();
        for (topic, partition) in wanted {
            let leader = self.leader(topic, *partition).await?.node;
            by_leader.entry(leader).or_default().entry(topic).or_default().push(*partition);
        }
        let asked = by_leader.into_iter().map(|(node, topics)| self.ask_leader(node, topics, spec, isolation));
        let mut failed = None;
        for outcome in try_join_all(asked).await?.into_iter().flatten() {
            match outcome {
                Ok(offset) => {
                    found.insert((offset.topic.clone(), offset.partition), offset);
                }
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) => Err(error),
            None if wanted.iter().any(|w| !found.contains_key(w)) => {
                Err(Error::broker("list offsets: incomplete answer", ErrorCode(13)))
            }
            None => Ok(()),
        }
    }

    async fn ask_leader(
        &self,
        node: i32,
        topics: BTreeMap<&Arc<str>, Vec<i32>>,
        spec: OffsetSpec,
        isolation: IsolationLevel,
    ) -> Result<Vec<Result<ListedOffset>>> {
        let asked = topics.iter().map(|(topic, partitions)| {
            let partitions = partitions.iter().map(|p| {
                ListOffsetsPartition::default()
                    .with_partition_index(*p)
                    .with_current_leader_epoch(-1)
                    .with_timestamp(spec.wire())
            });
            ListOffsetsTopic::default().with_name(topic_name(topic)).with_partitions(partitions.collect())
        });
        let request = ListOffsetsRequest::default()
            .with_replica_id(BrokerId(-1))
            .with_isolation_level(isolation as i8)
            .with_timeout_ms(self.config().request_timeout.as_millis() as i32)
            .with_topics(asked.collect());
        let connection = self.node(node, SHARED).await?;
        let answer = connection.call_within(&request, spec.least_version(), i16::MAX).await?;
        let mut found = Vec::new();
        for topic in &answer.topics {
            let Some((name, _)) = topics.get_key_value(&Arc::from(topic.name.as_str())) else {
                continue;
            };
            for p in &topic.partitions {
                let listed =
                    check(p.error_code, || format!("list offsets of {name}-{}", p.partition_index)).map(|()| {
                        ListedOffset {
                            topic: (*name).clone(),
                            partition: p.partition_index,
                            offset: Some(p.offset).filter(|o| *o >= 0),
                            timestamp: Some(p.timestamp).filter(|t| *t >= 0),
                            leader_epoch: Some(p.leader_epoch).filter(|e| *e >= 0),
                        }
                    });
                found.push(listed);
            }
        }
        Ok(found)
    }
}
