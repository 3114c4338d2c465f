//! [`JobEvent`]: what a job reports while it runs, in order.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::Failure;
use crate::job::spec::TopicOffsets;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum JobEvent {
    /// All tasks of this generation run.
    Running {
        generation: u64,
        /// Epoch of the checkpoint it continues from.
        restored_epoch: Option<u64>,
    },
    /// A checkpoint is published and its transactions are committed.
    CheckpointCompleted {
        epoch: u64,
        duration: Duration,
        /// Bytes written for this checkpoint.
        bytes: u64,
    },
    /// A recoverable failure; the job starts again after `delay`.
    Restarting {
        cause: Failure,
        /// Restarts since the last completed checkpoint, this one included.
        attempt: u32,
        delay: Duration,
    },
    /// Something the user should know that does not stop the job.
    Warning { message: String },
    /// The job has ended because of a failure that is not recoverable.
    Failed { cause: Failure },
    /// All inputs ended and everything is committed.
    Finished,
    /// Stopped as asked. After a savepoint everything up to `offsets` is committed.
    Stopped {
        /// Epoch of the savepoint; None after a cancel.
        savepoint: Option<u64>,
        offsets: Vec<TopicOffsets>,
    },
}

impl JobEvent {
    /// True for the last event of a job.
    pub fn is_terminal(&self) -> bool {
        matches!(self, JobEvent::Failed { .. } | JobEvent::Finished | JobEvent::Stopped { .. })
    }
}
