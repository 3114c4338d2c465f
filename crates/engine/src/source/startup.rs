//! Where reading of a topic begins and ends.

use std::collections::BTreeMap;

use nutkin_kafka::{IsolationLevel, OffsetSpec};
use nutkin_plan::table::{BoundedMode, StartupMode};

use crate::cluster::Cluster;
use crate::error::Result;

/// First offset to read of each partition.
pub(crate) async fn start_offsets(
    cluster: &dyn Cluster,
    topic: &str,
    partitions: &[i32],
    mode: &StartupMode,
    isolation: IsolationLevel,
) -> Result<BTreeMap<i32, i64>> {
    let listed = |spec| cluster.offsets(topic, partitions, spec, isolation);
    let found = match mode {
        StartupMode::EarliestOffset => listed(OffsetSpec::Earliest).await?,
        StartupMode::LatestOffset => listed(OffsetSpec::Latest).await?,
        StartupMode::Timestamp(at) => {
            or_end(listed(OffsetSpec::Timestamp(*at)).await?, listed(OffsetSpec::Latest)).await?
        }
        StartupMode::SpecificOffsets(offsets) => {
            let earliest = listed(OffsetSpec::Earliest).await?;
            let chosen = partitions.iter().zip(earliest).map(|(p, first)| offsets.get(p).copied().or(first));
            chosen.collect()
        }
    };
    Ok(partitions.iter().zip(found).map(|(&partition, offset)| (partition, offset.unwrap_or(0))).collect())
}

/// First offset that is not read any more; empty for an unbounded table.
pub(crate) async fn stop_offsets(
    cluster: &dyn Cluster,
    topic: &str,
    partitions: &[i32],
    mode: &BoundedMode,
    isolation: IsolationLevel,
) -> Result<BTreeMap<i32, i64>> {
    let listed = |spec| cluster.offsets(topic, partitions, spec, isolation);
    let found = match mode {
        BoundedMode::Unbounded => return Ok(BTreeMap::new()),
        BoundedMode::LatestOffset => listed(OffsetSpec::Latest).await?,
        BoundedMode::Timestamp(at) => {
            or_end(listed(OffsetSpec::Timestamp(*at)).await?, listed(OffsetSpec::Latest)).await?
        }
        BoundedMode::SpecificOffsets(offsets) => {
            let latest = listed(OffsetSpec::Latest).await?;
            let chosen = partitions.iter().zip(latest).map(|(p, end)| offsets.get(p).copied().or(end));
            chosen.collect()
        }
    };
    Ok(partitions.iter().zip(found).map(|(&partition, offset)| (partition, offset.unwrap_or(0))).collect())
}

/// A timestamp after the last record means the end of the partition.
async fn or_end(
    found: Vec<Option<i64>>,
    end: impl Future<Output = Result<Vec<Option<i64>>>>,
) -> Result<Vec<Option<i64>>> {
    if found.iter().all(Option::is_some) {
        return Ok(found);
    }
    Ok(found.into_iter().zip(end.await?).map(|(found, end)| found.or(end)).collect())
}
