//! StreamIntervalJoin: a join of two streams whose times lie close together (spec Q-07).

use serde::{Deserialize, Serialize};

use super::join::{JoinCondition, JoinKind};

/// Rows meet where `right_time + lower <= left_time <= right_time + upper`. Output: left columns, then right columns.
/// Rows are kept until no later row of the other side can meet them; both inputs are append-only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IntervalJoin {
    /// Not [`JoinKind::Semi`] or [`JoinKind::Anti`].
    pub kind: JoinKind,
    pub on: JoinCondition,
    /// Event time, or processing time.
    pub is_event_time: bool,
    /// Time columns of the inputs.
    pub left_time: usize,
    pub right_time: usize,
    /// Milliseconds, both ends included.
    pub lower: i64,
    pub upper: i64,
}
