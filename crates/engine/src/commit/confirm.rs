//! Carrying out what [`super::decide`] says, and aborting what no checkpoint promises.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use bytes::Bytes;
use nutkin_kafka::{ProducerIdentity, RawBatch};
use nutkin_state::Lineage;

use super::{Known, PreparedTransaction, Step, decide, transaction_prefix};
use crate::clock::Clock;
use crate::cluster::{Cluster, Clusters};
use crate::error::{Failure, FailureKind, Result};
use crate::sink::kept;

/// Reads files of checkpoints.
pub(crate) trait ReadFile {
    fn read(
        &self,
        file: &nutkin_state::FileRef,
    ) -> impl Future<Output = std::result::Result<Bytes, nutkin_state::StateError>> + Send;
}

impl ReadFile for nutkin_state::CheckpointStore {
    fn read(
        &self,
        file: &nutkin_state::FileRef,
    ) -> impl Future<Output = std::result::Result<Bytes, nutkin_state::StateError>> + Send {
        self.read_file(file)
    }
}

/// Pause between attempts that brought no answer.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Sees to it that `prepared` is committed. Waits for as long as the cluster cannot be reached.
pub(crate) async fn confirm(
    prepared: &PreparedTransaction,
    clusters: &dyn Clusters,
    files: &impl ReadFile,
    clock: &dyn Clock,
    timeout: Duration,
) -> Result<()> {
    let cluster = clusters.cluster(&prepared.cluster_id).await?;
    let id = &prepared.transactional_id;
    let mut identity = prepared.identity();
    let mut known = Known::default();
    loop {
        match decide(prepared.epoch, prepared.previous_marker, &known) {
            Step::Done => return Ok(()),
            Step::Commit => {
                known.end = Some(patiently(clock, || cluster.commit(id, identity)).await?);
            }
            Step::Fence => {
                patiently(clock, || cluster.fence(id)).await?;
                known.fenced = true;
            }
            Step::ReadMarker => {
                known.marker = Some(patiently(clock, || cluster.marker(&prepared.group, &prepared.topic)).await?);
            }
            Step::Reproduce => {
                identity = reproduce(prepared, &*cluster, files, timeout).await?;
                known = Known { reproduced: true, ..Known::default() };
            }
            Step::MarkerLost => {
                return Err(Failure::new(
                    FailureKind::OutcomeUnknown,
                    format!(
                        "the cluster has forgotten the offset marker of group {} (epoch {} was committed before), so it \
                         cannot be told whether epoch {} was committed. Compare topic {} with its source, then start a \
                         new statement",
                        prepared.group,
                        prepared.previous_marker.unwrap_or(0),
                        prepared.epoch,
                        prepared.topic
                    ),
                ));
            }
        }
    }
}

/// Writes the kept batches and the marker in a new transaction of the same id.
async fn reproduce(
    prepared: &PreparedTransaction,
    cluster: &dyn Cluster,
    files: &impl ReadFile,
    timeout: Duration,
) -> Result<ProducerIdentity> {
    let mut writer = cluster.begin(&prepared.transactional_id, timeout).await?;
    for file in &prepared.batches {
        let content = files.read(file).await?;
        let batches: Vec<(i32, RawBatch)> = kept::decode(&file.path, &content)?;
        writer.produce(&prepared.topic, batches).await?;
    }
    writer.mark(&prepared.group, &prepared.topic, prepared.epoch).await?;
    writer.flush().await?;
    Ok(writer.identity())
}

/// Aborts every transaction of the statement in these clusters that `finished` does not name. What is open was opened by this
/// job or an earlier one, unless another has claimed the statement since: that is looked at between finding a transaction
/// and aborting it, because a successor's are not ours to abort.
pub(crate) async fn abort_others(
    uid: &str,
    clusters: &BTreeMap<String, std::sync::Arc<dyn Cluster>>,
    finished: &[PreparedTransaction],
    lineage: &Lineage,
) -> Result<()> {
    let finished: HashSet<(&str, &str)> =
        finished.iter().map(|t| (t.cluster_id.as_str(), t.transactional_id.as_str())).collect();
    for (cluster_id, cluster) in clusters {
        for id in cluster.open_transactions(&transaction_prefix(uid)).await? {
            if !finished.contains(&(cluster_id.as_str(), id.as_str())) {
                lineage.ensure_current().await?;
                cluster.fence(&id).await?;
            }
        }
    }
    Ok(())
}

/// Tries until there is an answer or an error that trying again does not cure.
async fn patiently<T, F: Future<Output = Result<T>>>(clock: &dyn Clock, mut attempt: impl FnMut() -> F) -> Result<T> {
    let mut pause = PAUSE;
    loop {
        match attempt().await {
            Err(failure) if failure.kind == FailureKind::Unreachable => {
                tracing::warn!(%failure, "the outcome of a transaction is not known yet");
                clock.sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            outcome => return outcome,
        }
    }
}
