//! StreamWindowTableFunction: a window TVF that is not part of an aggregation.

use serde::{Deserialize, Serialize};

use crate::window::WindowSpec;

/// Each input row once per window it is in, with `window_start`, `window_end` and `window_time` appended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WindowTableFunction {
    pub window: WindowSpec,
    /// The rowtime column of the input.
    pub time_column: usize,
    /// Only of SESSION: the rows of a window agree in these columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partition: Vec<usize>,
}
