//! StreamDeduplicate: the first or the last row of each key by time (spec Q-11).

use serde::{Deserialize, Serialize};

/// Output: the input's columns. The first row by event time is final when the watermark passes it, the last one is replaced
/// by later ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deduplicate {
    pub key: Vec<usize>,
    /// The time attribute that orders.
    pub time: usize,
    pub is_event_time: bool,
    pub keep_last: bool,
    /// False when no consumer needs -U.
    pub generate_update_before: bool,
    /// Milliseconds; None keeps state for ever.
    pub state_ttl: Option<i64>,
}
