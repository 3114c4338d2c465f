//! [`JobMetrics`]: one look at a running job. Counters cover the current process; they start at zero after a restart of it.

use serde::{Deserialize, Serialize};

/// Watermark before there is one, as exported by the original (spec sql.md 2.6).
pub const NO_WATERMARK: i64 = i64::MIN;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct JobMetrics {
    pub inputs: Vec<InputMetrics>,
    pub outputs: Vec<OutputMetrics>,
    pub tasks: Vec<TaskMetrics>,
    /// Rows that windows and temporal joins dropped because the watermark had passed them.
    pub late_records: u64,
    /// Largest distance in milliseconds between the watermark and a late row.
    pub max_lateness: i64,
    /// Bytes of state held.
    pub state_bytes: u64,
    pub restarts: u64,
    /// Last completed checkpoint.
    pub checkpoint: Option<CheckpointMetrics>,
}

/// A table that is read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InputMetrics {
    pub table: String,
    pub records: u64,
    pub bytes: u64,
    /// Records that error-handling.mode = ignore dropped.
    pub ignored_records: u64,
    /// Records in the topic that are not read yet; None when the table has no end.
    pub pending_records: Option<i64>,
    /// Smallest watermark over the partitions that are not idle; [`NO_WATERMARK`] before there is one.
    pub watermark: i64,
    pub partitions: Vec<PartitionMetrics>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PartitionMetrics {
    pub partition: i32,
    /// Next offset to read.
    pub position: i64,
    pub watermark: i64,
    pub idle: bool,
    /// Not read for now: too far ahead of other partitions in event time (watermark alignment).
    #[serde(default)]
    pub blocked: bool,
    /// Events that the default watermark has seen in this partition.
    pub events_seen: u64,
    /// Events it needs until its safety margin of seven days ends; None for other watermarks.
    pub events_needed: Option<u64>,
}

/// A table (or the foreground result) that is written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OutputMetrics {
    pub table: String,
    pub records: u64,
    pub bytes: u64,
    pub watermark: i64,
}

/// A task: operators that run as one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TaskMetrics {
    /// Position of the task in the job.
    pub task: usize,
    pub parallelism: u32,
    /// Plan nodes in the task.
    pub operators: Vec<OperatorMetrics>,
    /// Milliseconds spent working, summed over subtasks.
    pub busy_millis: u64,
    /// Milliseconds spent waiting for room downstream, summed over subtasks.
    pub backpressured_millis: u64,
    /// Milliseconds since the subtasks started, summed.
    pub running_millis: u64,
    pub watermark: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OperatorMetrics {
    /// The plan's operator id.
    pub id: String,
    pub name: String,
    pub records_in: u64,
    pub records_out: u64,
    pub state_bytes: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CheckpointMetrics {
    pub epoch: u64,
    pub duration_millis: u64,
    pub bytes: u64,
    /// Milliseconds since the epoch.
    pub completed_at: i64,
}
