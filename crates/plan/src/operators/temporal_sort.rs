//! StreamTemporalSort: ORDER BY a time attribute, ascending (spec Q-14); one task.

use serde::{Deserialize, Serialize};

use super::order::SortKey;

/// Append-only rows in the order of their time, put out as the watermark passes them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemporalSort {
    /// The first key is the time attribute.
    pub order: Vec<SortKey>,
    pub is_event_time: bool,
}
