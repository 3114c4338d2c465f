//! StreamGlobalWindowAggregate: the second phase of a window aggregation.

use serde::{Deserialize, Serialize};

use super::partial::MergedCall;
use super::window_aggregate::WindowProperty;
use crate::window::WindowSpec;

/// Output and time of output are those of a StreamWindowAggregate. The input is a StreamLocalWindowAggregate's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GlobalWindowAggregate {
    pub grouping: Vec<usize>,
    pub calls: Vec<MergedCall>,
    pub window: WindowSpec,
    /// The ends are those of windows that the rows carried, not of slices.
    pub is_attached: bool,
    /// The event time is TIMESTAMP_LTZ: windows are cut in the session time zone.
    pub is_instant: bool,
    pub rows_column: usize,
    /// The column with the end of the slice.
    pub end_column: usize,
    /// The rows that were folded could be taken back.
    pub retracts: bool,
    pub properties: Vec<WindowProperty>,
}
