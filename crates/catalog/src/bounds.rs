//! Where a snapshot query ends: the offsets of the moment it was submitted (spec Q-18).
//!
//! The planner says that it ends at the end of each topic. When the job starts, perhaps after a wait for CFUs, or again after
//! a failure, that would be another place; so the places are looked up here and go into the plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use nutkin_kafka::{IsolationLevel, OffsetSpec};
use nutkin_plan::table::{self, BoundedMode, KafkaTable};
use nutkin_plan::{Connector, Plan};

use crate::catalog::Inner;
use crate::error::CatalogError;

/// Replaces `latest-offset` by the offsets that it means now.
pub(crate) async fn fix(catalog: &Inner, plan: &mut Plan) -> Result<(), CatalogError> {
    for table in &mut plan.tables {
        if let Connector::Kafka(kafka) = &mut table.connector
            && kafka.bounded == BoundedMode::LatestOffset
        {
            kafka.bounded = BoundedMode::SpecificOffsets(ends(catalog, kafka).await?);
        }
    }
    Ok(())
}

async fn ends(catalog: &Inner, kafka: &KafkaTable) -> Result<BTreeMap<i32, i64>, CatalogError> {
    let client = catalog.directory.kafka(&kafka.cluster_id).await?;
    let topic: Arc<str> = kafka.topic.as_str().into();
    let asked: Vec<_> =
        client.partitions(&topic).await?.into_iter().map(|partition| (topic.clone(), partition)).collect();
    let isolation = match kafka.isolation {
        table::IsolationLevel::ReadCommitted => IsolationLevel::ReadCommitted,
        table::IsolationLevel::ReadUncommitted => IsolationLevel::ReadUncommitted,
    };
    let listed = client.list_offsets(&asked, OffsetSpec::Latest, isolation).await?;
    Ok(listed.into_iter().map(|end| (end.partition, end.offset.unwrap_or(0))).collect())
}
