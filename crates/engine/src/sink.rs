//! Sinks: where rows leave. The asynchronous edge of a task.

use std::sync::Arc;

use nutkin_types::Batch;

use crate::commit::PreparedTransaction;
use crate::error::Result;
use crate::job::results::ResultBuffer;

pub(crate) mod kafka;
pub(crate) mod kept;
pub(crate) mod memory;
pub(crate) mod record;

/// A sink of one subtask.
pub(crate) enum SinkTask {
    Kafka(Box<kafka::KafkaSink>),
    /// Foreground results; waits while the reader is behind.
    Collect(Arc<ResultBuffer>),
    Blackhole,
    Memory(Box<memory::MemorySink>),
}

impl SinkTask {
    pub async fn write(&mut self, batch: Batch) -> Result<()> {
        match self {
            SinkTask::Kafka(sink) => sink.write(&batch).await,
            SinkTask::Collect(results) => {
                results.push(batch).await;
                Ok(())
            }
            SinkTask::Blackhole => Ok(()),
            SinkTask::Memory(sink) => sink.write(batch),
        }
    }

    /// Everything written since the last call belongs to checkpoint `epoch`: makes it durable and ready to be committed.
    pub async fn prepare(&mut self, epoch: u64) -> Result<Option<PreparedTransaction>> {
        match self {
            SinkTask::Kafka(sink) => sink.prepare(epoch).await,
            SinkTask::Memory(sink) => {
                sink.prepare(epoch);
                Ok(None)
            }
            SinkTask::Collect(_) | SinkTask::Blackhole => Ok(None),
        }
    }
}
