//! Sources: where rows enter. The asynchronous edge of a task.

use async_trait::async_trait;
use nutkin_types::Batch;

use crate::error::Result;

pub(crate) mod alignment;
pub(crate) mod debezium;
pub(crate) mod generator;
pub(crate) mod header_ids;
pub(crate) mod kafka;
pub(crate) mod memory;
pub(crate) mod record;
pub(crate) mod startup;
pub(crate) mod values;
pub(crate) mod watermark;

/// What a source has to say.
#[derive(Debug)]
pub(crate) enum SourceEvent {
    Batch(Batch),
    Watermark(i64),
    /// No partition has had events for a while.
    Idle,
    Active,
    /// Nothing more will come.
    End,
}

/// A source of one subtask.
#[async_trait]
pub(crate) trait Source: Send {
    /// The next event. May be dropped while it waits and called again: nothing is lost.
    async fn next(&mut self) -> Result<SourceEvent>;

    /// Positions, for the checkpoint. A later start gives what all subtasks wrote to every subtask.
    fn snapshot(&mut self) -> Result<serde_json::Value>;
}
