//! [`Telemetry`]: counters of a job that subtasks write and anybody reads.
//!
//! Counters are atomics, written once per batch. They outlive restarts of the job within the process.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use nutkin_plan::{Operator, Plan};
use parking_lot::Mutex;

use crate::job::metrics::{
    CheckpointMetrics, InputMetrics, JobMetrics, NO_WATERMARK, OperatorMetrics, OutputMetrics, PartitionMetrics,
    TaskMetrics,
};

/// Everything that is counted about one job.
#[derive(Debug)]
pub(crate) struct Telemetry {
    /// By position in the plan.
    pub nodes: Vec<NodeCounters>,
    tasks: Mutex<Vec<TaskLayout>>,
    times: Mutex<BTreeMap<(usize, u32), SubtaskTimes>>,
    pub late_records: AtomicU64,
    pub max_lateness: AtomicI64,
    pub restarts: AtomicU64,
    checkpoint: Mutex<Option<CheckpointMetrics>>,
}

/// One task of the running graph.
#[derive(Debug, Clone)]
pub(crate) struct TaskLayout {
    pub parallelism: u32,
    pub nodes: Vec<usize>,
}

/// Where a subtask's time goes, in microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SubtaskTimes {
    pub busy: u64,
    pub backpressured: u64,
    pub running: u64,
}

#[derive(Debug)]
pub(crate) struct NodeCounters {
    id: String,
    name: &'static str,
    table: Option<(String, bool)>,
    pub records_in: AtomicU64,
    pub records_out: AtomicU64,
    pub bytes: AtomicU64,
    pub ignored: AtomicU64,
    state_bytes: Mutex<BTreeMap<u32, u64>>,
    watermarks: Mutex<BTreeMap<u32, i64>>,
    partitions: Mutex<BTreeMap<i32, PartitionProgress>>,
}

/// What a source knows about one partition.
#[derive(Debug, Clone)]
pub(crate) struct PartitionProgress {
    pub metrics: PartitionMetrics,
    /// Records not read yet.
    pub pending: Option<i64>,
}

impl Telemetry {
    pub fn new(plan: &Plan) -> Telemetry {
        let nodes = plan.nodes.iter().map(|node| {
            let table = match &node.operator {
                Operator::TableSourceScan(scan) => plan.tables.get(scan.table).map(|t| (t.path.to_string(), true)),
                Operator::Sink(_) => {
                    let table = node.operator.table().and_then(|table| plan.tables.get(table));
                    Some((table.map_or_else(String::new, |t| t.path.to_string()), false))
                }
                _ => None,
            };
            NodeCounters {
                id: node.id.to_string(),
                name: node.operator.name(),
                table,
                records_in: AtomicU64::new(0),
                records_out: AtomicU64::new(0),
                bytes: AtomicU64::new(0),
                ignored: AtomicU64::new(0),
                state_bytes: Mutex::default(),
                watermarks: Mutex::default(),
                partitions: Mutex::default(),
            }
        });
        Telemetry {
            nodes: nodes.collect(),
            tasks: Mutex::default(),
            times: Mutex::default(),
            late_records: AtomicU64::new(0),
            max_lateness: AtomicI64::new(0),
            restarts: AtomicU64::new(0),
            checkpoint: Mutex::default(),
        }
    }

    /// Says which tasks run now; what only concerned their predecessors is forgotten.
    pub fn layout(&self, tasks: Vec<TaskLayout>) {
        *self.tasks.lock() = tasks;
        self.times.lock().clear();
        for node in &self.nodes {
            node.state_bytes.lock().clear();
            node.watermarks.lock().clear();
            node.partitions.lock().clear();
        }
    }

    pub fn late(&self, records: u64, lateness: i64) {
        self.late_records.fetch_add(records, Relaxed);
        self.max_lateness.fetch_max(lateness, Relaxed);
    }

    pub fn times(&self, task: usize, subtask: u32, times: SubtaskTimes) {
        self.times.lock().insert((task, subtask), times);
    }

    pub fn checkpoint(&self, done: CheckpointMetrics) {
        *self.checkpoint.lock() = Some(done);
    }

    /// Bytes of state of all operators.
    pub fn state_bytes(&self) -> u64 {
        self.nodes.iter().map(NodeCounters::state_bytes).sum()
    }

    pub fn snapshot(&self) -> JobMetrics {
        let with_table = |source: bool| {
            self.nodes.iter().filter_map(move |n| n.table.as_ref().filter(|t| t.1 == source).map(|t| (n, t.0.clone())))
        };
        JobMetrics {
            inputs: with_table(true).map(|(node, table)| node.input(table)).collect(),
            outputs: with_table(false).map(|(node, table)| node.output(table)).collect(),
            tasks: self.task_metrics(),
            late_records: self.late_records.load(Relaxed),
            max_lateness: self.max_lateness.load(Relaxed),
            state_bytes: self.state_bytes(),
            restarts: self.restarts.load(Relaxed),
            checkpoint: self.checkpoint.lock().clone(),
        }
    }

    fn task_metrics(&self) -> Vec<TaskMetrics> {
        let times = self.times.lock();
        let layouts = self.tasks.lock();
        let task = |(task, layout): (usize, &TaskLayout)| {
            let mut sum = SubtaskTimes::default();
            for (_, times) in times.range((task, 0)..=(task, u32::MAX)) {
                sum.busy += times.busy;
                sum.backpressured += times.backpressured;
                sum.running += times.running;
            }
            let nodes: Vec<&NodeCounters> = layout.nodes.iter().filter_map(|&n| self.nodes.get(n)).collect();
            TaskMetrics {
                task,
                parallelism: layout.parallelism,
                operators: nodes.iter().map(|node| node.operator()).collect(),
                busy_millis: sum.busy / 1000,
                backpressured_millis: sum.backpressured / 1000,
                running_millis: sum.running / 1000,
                watermark: nodes.iter().map(|node| node.watermark()).min().unwrap_or(NO_WATERMARK),
            }
        };
        layouts.iter().enumerate().map(task).collect()
    }
}

impl NodeCounters {
    pub fn set_state_bytes(&self, subtask: u32, bytes: u64) {
        self.state_bytes.lock().insert(subtask, bytes);
    }

    /// The watermark that this subtask of the operator has seen (or, for a source, emitted).
    pub fn set_watermark(&self, subtask: u32, watermark: i64) {
        self.watermarks.lock().insert(subtask, watermark);
    }

    pub fn set_partition(&self, progress: PartitionProgress) {
        self.partitions.lock().insert(progress.metrics.partition, progress);
    }

    fn watermark(&self) -> i64 {
        self.watermarks.lock().values().copied().min().unwrap_or(NO_WATERMARK)
    }

    fn state_bytes(&self) -> u64 {
        self.state_bytes.lock().values().sum()
    }

    fn operator(&self) -> OperatorMetrics {
        OperatorMetrics {
            id: self.id.clone(),
            name: self.name.to_owned(),
            records_in: self.records_in.load(Relaxed),
            records_out: self.records_out.load(Relaxed),
            state_bytes: self.state_bytes(),
        }
    }

    fn input(&self, table: String) -> InputMetrics {
        let partitions = self.partitions.lock();
        let pending = partitions.values().map(|p| p.pending).sum::<Option<i64>>();
        InputMetrics {
            table,
            records: self.records_out.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            ignored_records: self.ignored.load(Relaxed),
            pending_records: pending.filter(|_| !partitions.is_empty()),
            watermark: self.watermark(),
            partitions: partitions.values().map(|p| p.metrics.clone()).collect(),
        }
    }

    fn output(&self, table: String) -> OutputMetrics {
        OutputMetrics {
            table,
            records: self.records_in.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            watermark: self.watermark(),
        }
    }
}
