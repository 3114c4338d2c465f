//! When a checkpoint is a job's last one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use nutkin_plan::Plan;
use nutkin_state::{CheckpointStore, MemoryStorage};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::job::context::{JobContext, NoSchemas};
use crate::memory::MemoryCluster;
use crate::runtime::coordinator::{Coordinator, CoordinatorOptions, Ending};
use crate::runtime::subtask::{Report, SnapshotReport};
use crate::telemetry::Telemetry;
use crate::{MemoryTables, RuntimeClock};

fn snapshot(epoch: u64, ended: bool) -> Report {
    Report::Snapshot(SnapshotReport { epoch, ended, states: Vec::new(), transactions: Vec::new(), bytes: 0 })
}

/// A subtask passes the barrier, goes on to its end, and only then has its snapshot written: the rows behind the barrier are
/// in no checkpoint yet, so the job has not finished with this one.
#[tokio::test(start_paused = true)]
async fn rows_between_a_barrier_and_the_end_belong_to_another_checkpoint() {
    let store = CheckpointStore::new(Arc::new(MemoryStorage::default()));
    let lineage = store.claim("uid").await.unwrap().lineage;
    let (trigger, mut triggered) = mpsc::unbounded_channel();
    let (reporter, reports) = mpsc::unbounded_channel();
    let plan = Arc::new(Plan::new("UTC"));
    let options = CoordinatorOptions {
        context: JobContext {
            clusters: Arc::new(MemoryCluster::default()),
            schemas: Arc::new(NoSchemas),
            checkpoints: store,
            clock: Arc::new(RuntimeClock::starting_at(0)),
            memory: MemoryTables::default(),
        },
        events: mpsc::unbounded_channel().0,
        telemetry: Arc::new(Telemetry::new(&plan)),
        plan,
        interval: Duration::from_secs(1),
        transaction_timeout: Duration::from_secs(60),
        latest: None,
        markers: BTreeMap::new(),
        triggers: vec![trigger],
        reports,
        tasks: JoinSet::new(),
        subtasks: 1,
    };
    let subtask = async {
        let first = triggered.recv().await.unwrap();
        reporter.send(Report::Ended).unwrap();
        reporter.send(snapshot(first, false)).unwrap();
        let second = triggered.recv().await.unwrap();
        reporter.send(snapshot(second, true)).unwrap();
        second
    };
    let mut commands = mpsc::unbounded_channel().1;
    let (outcome, last) = tokio::join!(Coordinator::new(options, lineage).run(&mut commands), subtask);
    assert_eq!(outcome.result.unwrap(), Ending::Finished);
    assert_eq!(outcome.completed, 2);
    assert_eq!(outcome.latest.map(|manifest| manifest.epoch), Some(last));
}
