//! StreamGroupAggregate: GROUP BY without windows.

use serde::{Deserialize, Serialize};

use crate::expr::AggregateCall;

/// Output: grouping columns, then one column per call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupAggregate {
    /// Input columns; empty for a global aggregation, which always has one row.
    pub grouping: Vec<usize>,
    pub calls: Vec<AggregateCall>,
    /// False when no consumer needs -U.
    pub generate_update_before: bool,
    /// Milliseconds; None keeps state for ever.
    pub state_ttl: Option<i64>,
}
