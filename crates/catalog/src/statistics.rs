//! What is known of the rows of topics, for estimates: from the offsets of their partitions, without reading a record.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use futures::future::join_all;
use nutkin_kafka::{Client, IsolationLevel, OffsetSpec};
use nutkin_plan::Connector;
use nutkin_plan::table::KafkaTable;
use nutkin_planner::TableStatistics;

use crate::catalog::Inner;
use crate::error::CatalogError;
use crate::snapshot::Snapshot;

/// The time over which the rate is taken.
const SPAN_SECONDS: i64 = 3600;

/// Fetches the statistics of all topics in `snapshot`. Where they cannot be had nothing is known: an estimate is no reason to
/// fail.
pub(crate) async fn load(catalog: &Inner, snapshot: &mut Snapshot) {
    let found = join_all(snapshot.tables().map(|table| async move {
        let Connector::Kafka(kafka) = &table.connector else { return None };
        match of_topic(catalog, kafka).await {
            Ok(statistics) => Some((table.path.clone(), statistics)),
            Err(error) => {
                tracing::debug!(table = %table.path, %error, "no statistics of the topic");
                None
            }
        }
    }))
    .await;
    for (path, statistics) in found.into_iter().flatten() {
        snapshot.insert_statistics(path, statistics);
    }
}

async fn of_topic(catalog: &Inner, kafka: &KafkaTable) -> Result<TableStatistics, CatalogError> {
    let client = catalog.directory.kafka(&kafka.cluster_id).await?;
    let topic: Arc<str> = kafka.topic.as_str().into();
    let partitions = client.partitions(&topic).await?;
    let asked: Vec<(Arc<str>, i32)> = partitions.into_iter().map(|partition| (topic.clone(), partition)).collect();
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let from = (i64::try_from(since_epoch).unwrap_or(i64::MAX / 1000) - SPAN_SECONDS) * 1000;
    let starts = offsets(&client, &asked, OffsetSpec::Earliest).await?;
    let recent = offsets(&client, &asked, OffsetSpec::Timestamp(from)).await?;
    let ends = offsets(&client, &asked, OffsetSpec::Latest).await?;
    Ok(statistics(&starts, &recent, &ends))
}

/// Partition and offset; None where there is no such record.
type Offsets = Vec<(i32, Option<i64>)>;

async fn offsets(client: &Client, asked: &[(Arc<str>, i32)], spec: OffsetSpec) -> Result<Offsets, CatalogError> {
    let listed = client.list_offsets(asked, spec, IsolationLevel::ReadUncommitted).await?;
    Ok(listed.into_iter().map(|listed| (listed.partition, listed.offset.filter(|offset| *offset >= 0))).collect())
}

/// From the first offset of each partition, that of the first record of the last hour, and the end.
pub(crate) fn statistics(starts: &Offsets, recent: &Offsets, ends: &Offsets) -> TableStatistics {
    let of = |offsets: &Offsets, wanted: i32| {
        offsets.iter().find(|(partition, _)| *partition == wanted).and_then(|(_, offset)| *offset)
    };
    let (mut rows, mut new) = (0.0, 0.0);
    for (partition, end) in ends {
        let Some(end) = end else { continue };
        let between = |from: i64| (end - from).max(0) as f64;
        rows += of(starts, *partition).map_or(0.0, between);
        new += of(recent, *partition).map_or(0.0, between);
    }
    TableStatistics { rows_per_second: Some(new / SPAN_SECONDS as f64), rows: Some(rows) }
}
