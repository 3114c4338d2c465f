//! StreamWindowDeduplicate: the first or last row of each key and window (spec Q-04).

use serde::{Deserialize, Serialize};

use super::window_join::WindowColumns;
use crate::window::WindowSpec;

/// Output: the input's columns, put out when the watermark passes the window's end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WindowDeduplicate {
    /// Input columns besides the window bounds.
    pub key: Vec<usize>,
    /// The rowtime column that orders.
    pub time: usize,
    pub keep_last: bool,
    pub window: WindowSpec,
    pub columns: WindowColumns,
}
