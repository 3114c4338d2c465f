//! StreamWindowAggregate: GROUP BY window_start, window_end [, keys] over a window TVF.

use serde::{Deserialize, Serialize};

use crate::expr::AggregateCall;
use crate::window::WindowSpec;

/// Output: grouping columns, one column per call, then the window properties. One row per key and window when the
/// watermark passes the window's end; late rows are dropped and counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WindowAggregate {
    pub grouping: Vec<usize>,
    pub calls: Vec<AggregateCall>,
    pub input: WindowInput,
    pub properties: Vec<WindowProperty>,
}

/// Where a row's window comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum WindowInput {
    /// The TVF is merged into the aggregation: windows are assigned here.
    Assign { window: WindowSpec, time_column: usize },
    /// The rows carry their window already (window_start and window_end of an earlier window operator).
    /// `is_instant`: the event time that they were made of is TIMESTAMP_LTZ, so that they end in the session time zone.
    Attached { window: WindowSpec, start_column: usize, end_column: usize, is_instant: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WindowProperty {
    /// TIMESTAMP(3) in the session time zone.
    Start,
    End,
    /// Rowtime attribute: end minus one millisecond.
    Time,
}
