//! StreamLocalWindowAggregate: the first phase of a window aggregation, before rows are sent to their keys.

use serde::{Deserialize, Serialize};

use super::window_aggregate::WindowInput;
use crate::expr::AggregateCall;

/// Output: grouping columns, the partial state of each call, the number of rows (BIGINT; less than zero where more rows were
/// taken back than came), and the end of the slice, for rows that carry their window the window's end (TIMESTAMP(3) in the
/// session time zone). One row per key and slice of each batch or one per row; nothing is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LocalWindowAggregate {
    pub grouping: Vec<usize>,
    pub calls: Vec<AggregateCall>,
    /// How many columns the partial state of each call has.
    pub state_widths: Vec<usize>,
    pub input: WindowInput,
}
