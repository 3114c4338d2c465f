//! What travels between subtasks.

use nutkin_types::Batch;

/// A batch, or something about time or control that keeps its place among the batches.
#[derive(Debug, Clone)]
pub(crate) enum Element {
    Batch(Batch),
    /// No row with a smaller or equal event time follows, except late ones. Milliseconds since the epoch.
    Watermark(i64),
    /// From here on the sender does not hold watermarks back, until it is active again.
    Idle,
    Active,
    /// Everything before belongs to this checkpoint, everything after to the next.
    Barrier(u64),
    /// No more batches. Barriers still follow.
    End,
}

/// The watermark after the end of all input.
pub(crate) const END_OF_TIME: i64 = i64::MAX;
