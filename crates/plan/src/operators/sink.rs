//! StreamSink: writes a table, or shows rows to a client.

use serde::{Deserialize, Serialize};

/// Its input has the table's persisted columns in order, already cast to their types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sink {
    pub target: SinkTarget,
    /// The input's upsert key is not the table's primary key: keep rows per primary key so that the last one wins.
    pub upsert_materialize: bool,
    /// Of the rows that are kept: milliseconds; None keeps them for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_ttl: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SinkTarget {
    /// Position in [`crate::Plan::tables`].
    Table(usize),
    /// Foreground: a bounded buffer that a client pages through.
    Collect,
}
