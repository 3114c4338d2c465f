//! StreamGroupAggregate: GROUP BY without windows.

use serde::{Deserialize, Serialize};

use crate::expr::AggregateCall;

/// Output: grouping columns, then one column per call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupAggregate {
    /// Input columns; empty for a global aggregation, which has one row at most.
    pub grouping: Vec<usize>,
    pub calls: Vec<AggregateCall>,
    /// False when no consumer needs -U.
    pub generate_update_before: bool,
    /// Of a query that ends: results are put out once, when the input has ended, so that there are only inserts. A global
    /// aggregation then has a row also where no row came.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_end: bool,
    /// Milliseconds; None keeps state for ever.
    pub state_ttl: Option<i64>,
}
