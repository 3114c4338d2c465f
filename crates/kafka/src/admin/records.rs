//! Deleting records from the start of partitions.

use std::{collections::BTreeMap, sync::Arc};

use kafka_protocol::messages::{
    DeleteRecordsRequest,
    delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic},
};

use super::Admin;
use crate::{
    Result,
    client::{SHARED, topic_name},
    error::check,
};

impl Admin {
    /// Deletes the records before each offset (-1: all); gives the first offsets left.
    ///
    /// # Errors
    /// [`crate::ErrorKind::OffsetOutOfRange`] for an offset beyond the end;
    /// [`crate::ErrorKind::NotFound`].
    pub async fn delete_records(&self, before: &[(Arc<str>, i32, i64)]) -> Result<Vec<(Arc<str>, i32, i64)>> {
        let mut left = before.to_vec();
        let mut done = Vec::new();
        let mut retry = self.client.retry("delete records");
        while let Some((topic, _, _)) = left.first() {
            let topic = topic.clone();
            match self.delete_at_leader(&left).await {
                Ok(deleted) => {
                    left.retain(|(t, p, _)| !deleted.iter().any(|(dt, dp, _)| dt == t && dp == p));
                    done.extend(deleted);
                }
                Err(error) => {
                    self.client.cache().forget_topic(&topic);
                    retry.after(error).await?;
                }
            }
        }
        Ok(done)
    }

    // What the leader of the first partition can do of the list.
    async fn delete_at_leader(&self, left: &[(Arc<str>, i32, i64)]) -> Result<Vec<(Arc<str>, i32, i64)>> {
        let mut node = None;
        let mut topics: BTreeMap<Arc<str>, Vec<DeleteRecordsPartition>> = BTreeMap::new();
        for (topic, partition, offset) in left {
            let leader = self.client.leader(topic, *partition).await?.node;
            if *node.get_or_insert(leader) == leader {
                topics
                    .entry(topic.clone())
                    .or_default()
                    .push(DeleteRecordsPartition::default().with_partition_index(*partition).with_offset(*offset));
            }
        }
        let Some(node) = node else { return Ok(Vec::new()) };
        let wanted = topics.into_iter().map(|(topic, partitions)| {
            DeleteRecordsTopic::default().with_name(topic_name(&topic)).with_partitions(partitions)
        });
        let request = DeleteRecordsRequest::default().with_topics(wanted.collect()).with_timeout_ms(self.timeout_ms());
        let answer = self.client.node(node, SHARED).await?.call(&request).await?;
        let mut deleted = Vec::new();
        for topic in &answer.topics {
            let name: Arc<str> = topic.name.as_str().into();
            for p in &topic.partitions {
                check(p.error_code, || format!("delete records of {name}-{}", p.partition_index))?;
                deleted.push((name.clone(), p.partition_index, p.low_watermark));
            }
        }
        Ok(deleted)
    }
}
