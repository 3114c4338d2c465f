//! StreamGlobalGroupAggregate: the second phase of a GROUP BY.

use serde::{Deserialize, Serialize};

use super::partial::MergedCall;

/// Output: grouping columns, then one column per call, as a StreamGroupAggregate's. The input is a StreamLocalGroupAggregate's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GlobalGroupAggregate {
    pub grouping: Vec<usize>,
    pub calls: Vec<MergedCall>,
    pub rows_column: usize,
    /// The rows that were folded could be taken back.
    pub retracts: bool,
    /// False when no consumer needs -U.
    pub generate_update_before: bool,
    /// Milliseconds; None keeps state for ever.
    pub state_ttl: Option<i64>,
}
