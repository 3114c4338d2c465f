//! StreamLocalGroupAggregate: the first phase of a GROUP BY, before rows are sent to their keys.

use serde::{Deserialize, Serialize};

use crate::expr::AggregateCall;

/// Output: grouping columns, the partial state of each call, and the number of rows (BIGINT; less than zero where more rows
/// were taken back than came). One row per key of each batch or one per row, all inserts; nothing is
/// kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LocalGroupAggregate {
    pub grouping: Vec<usize>,
    pub calls: Vec<AggregateCall>,
    /// How many columns the partial state of each call has.
    pub state_widths: Vec<usize>,
}
