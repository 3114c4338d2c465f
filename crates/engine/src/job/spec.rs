//! [`JobSpec`]: what to run. Plain data, so that it can be sent to the process that runs it.

use std::collections::BTreeMap;
use std::time::Duration;

use nutkin_plan::Plan;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobSpec {
    /// Names checkpoints, transactions and offset markers; never used for another statement.
    pub statement_uid: String,
    /// For logs and messages.
    pub statement_name: String,
    pub plan: Plan,
    /// Subtasks of each task that is not bound to one; at least 1.
    pub parallelism: u32,
    pub checkpoint_interval: Duration,
    pub settings: JobSettings,
    /// Where reading begins instead of the tables' startup modes, for partitions without a checkpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub start_offsets: Vec<TopicOffsets>,
}

/// Next offset to read per partition of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopicOffsets {
    pub cluster_id: String,
    pub topic: String,
    pub partitions: BTreeMap<i32, i64>,
}

/// 1 GiB.
pub const DEFAULT_MEMORY_PER_CFU: usize = 1 << 30;

/// What a pool or statement property may change about a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobSettings {
    /// Most rows in a batch. 1 gives Flink's changelog row by row.
    pub batch_rows: usize,
    /// Bytes of state that a statement may hold for each of its CFUs before it fails.
    pub memory_per_cfu: usize,
    /// Bytes under way in one channel between two subtasks.
    pub channel_bytes: usize,
    /// Bytes that a source subtask reads ahead.
    pub fetch_bytes: usize,
    /// Kafka aborts a transaction that is open for longer; must exceed checkpoint interval plus recovery. Capped by the
    /// broker's `transaction.max.timeout.ms`.
    pub transaction_timeout: Duration,
    /// How often sources emit watermarks.
    pub watermark_interval: Duration,
    /// How often sources look for new partitions; zero never.
    pub partition_discovery_interval: Duration,
    /// Rows of a foreground result that wait for their reader.
    pub result_rows: usize,
    /// First and longest pause before a restart.
    pub restart_delay: (Duration, Duration),
    /// Deltas after which state is written in full again.
    pub deltas_per_full_snapshot: u32,
    /// When the statement was created, in milliseconds since the epoch: progressive idleness grows with its age.
    pub created_at: Option<i64>,
}

impl Default for JobSettings {
    fn default() -> JobSettings {
        JobSettings {
            batch_rows: 4096,
            memory_per_cfu: DEFAULT_MEMORY_PER_CFU,
            channel_bytes: 4 << 20,
            fetch_bytes: 16 << 20,
            transaction_timeout: Duration::from_secs(15 * 60),
            watermark_interval: Duration::from_millis(200),
            partition_discovery_interval: Duration::from_secs(60),
            result_rows: 10_000,
            restart_delay: (Duration::from_millis(200), Duration::from_secs(60)),
            deltas_per_full_snapshot: 16,
            created_at: None,
        }
    }
}

impl JobSpec {
    /// A spec with default settings, one subtask and checkpoints every minute.
    pub fn new(statement_uid: impl Into<String>, statement_name: impl Into<String>, plan: Plan) -> JobSpec {
        JobSpec {
            statement_uid: statement_uid.into(),
            statement_name: statement_name.into(),
            plan,
            parallelism: 1,
            checkpoint_interval: Duration::from_secs(60),
            settings: JobSettings::default(),
            start_offsets: Vec::new(),
        }
    }

    /// Compute units of the statement: its highest operator parallelism, at least 1.
    pub fn cfus(&self) -> u32 {
        self.parallelism.max(1)
    }

    /// Bytes of state that the statement may hold.
    pub fn memory_budget(&self) -> usize {
        self.settings.memory_per_cfu.saturating_mul(self.cfus() as usize)
    }
}
