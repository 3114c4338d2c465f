//! The streaming runtime: tasks, operators, exchanges, watermarks, checkpoints, commit, recovery.
//!
//! A [`JobSpec`] (a plan and settings) and a [`JobContext`] (clusters, schemas, checkpoint store, clock) become a running
//! [`Job`]. Its plan is cut at exchanges into tasks; each task runs as some subtasks, every one a chain of synchronous
//! operators fed with columnar batches. A coordinator sends barriers through them, publishes a checkpoint when all have
//! passed, and then commits the transactions that the sinks prepared ([`commit`]).
//!
//! Subtasks are tokio tasks, not threads: work between two awaits is one batch, an idle statement costs nothing, and a test
//! runs a whole job in one thread on virtual time. The price is that a batch delays other work on its worker by about a
//! millisecond.

pub mod clock;
pub mod cluster;
pub mod commit;
pub mod error;
pub mod job;
pub mod memory;

mod checkpoint;
mod format;
mod kafka_cluster;
mod operators;
mod runtime;
mod sink;
mod source;
mod state;
mod telemetry;

pub use clock::{Clock, RuntimeClock, SystemClock};
pub use cluster::{Cluster, Clusters};
pub use error::{Failure, FailureClass, FailureKind, RecordPosition};
pub use job::context::{JobContext, NoSchemas, SchemaSource};
pub use job::event::JobEvent;
pub use job::handle::{Job, JobEvents, JobHandle};
pub use job::metrics::JobMetrics;
pub use job::obstacle::Obstacle;
pub use job::results::{ResultError, ResultPage};
pub use job::spec::{DEFAULT_MEMORY_PER_CFU, JobSettings, JobSpec, TopicOffsets};
pub use kafka_cluster::KafkaCluster;
pub use memory::{
    Constraints, Depth, LengthRule, MemoryCluster, MemoryInput, MemoryOutput, MemoryRow, MemoryTables,
    MemoryWatermarks, NullRule,
};
pub use operators::check;

#[cfg(test)]
mod tests;
