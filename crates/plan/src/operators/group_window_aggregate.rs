//! StreamGroupWindowAggregate: GROUP BY TUMBLE(...), HOP(...) or SESSION(...) as Apache Flink has it (decision 15).

use serde::{Deserialize, Serialize};

use super::window_aggregate::WindowProperty;
use crate::expr::AggregateCall;
use crate::window::WindowSpec;

/// Output: grouping columns, one column per call, then the window properties.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupWindowAggregate {
    pub grouping: Vec<usize>,
    pub calls: Vec<AggregateCall>,
    pub window: WindowSpec,
    /// The time column of the input.
    pub time_column: usize,
    pub is_event_time: bool,
    pub properties: Vec<WindowProperty>,
}
