//! GROUP BY TUMBLE(...), HOP(...), SESSION(...), as Apache Flink has it (decision 15).

use nutkin_plan::operators::WindowProperty;
use nutkin_plan::{AggregateCall, WindowSpec};

use super::Rel;

/// Output: grouping columns, calls, window properties.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GroupWindow {
    pub input: Box<Rel>,
    pub grouping: Vec<usize>,
    pub calls: Vec<AggregateCall>,
    pub window: WindowSpec,
    pub time_column: usize,
    pub properties: Vec<WindowProperty>,
}

super::one_input!(GroupWindow);
