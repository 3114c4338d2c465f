//! StreamIncrementalGroupAggregate: the step between the buckets of DISTINCT values and the groups.

use serde::{Deserialize, Serialize};

use super::partial::MergedCall;

/// Knows the DISTINCT values of each bucket and sends on what is new. The input is a StreamLocalGroupAggregate's by keys and
/// buckets. Output, as a StreamLocalGroupAggregate's by the keys alone: `final_grouping`, the partial state of each call
/// without its DISTINCT, and the number of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IncrementalGroupAggregate {
    /// Keys and buckets.
    pub partial_grouping: Vec<usize>,
    /// The keys.
    pub final_grouping: Vec<usize>,
    pub calls: Vec<MergedCall>,
    /// How many columns the partial state of each call has without its DISTINCT.
    pub state_widths: Vec<usize>,
    pub rows_column: usize,
    /// The rows that were folded could be taken back.
    pub retracts: bool,
    /// Milliseconds; None keeps state for ever.
    pub state_ttl: Option<i64>,
}
