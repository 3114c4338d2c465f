//! StreamWindowJoin: a join of rows that are in the same window (spec Q-04).

use serde::{Deserialize, Serialize};

use super::join::{JoinCondition, JoinKind};
use crate::window::WindowSpec;

/// The window columns of one input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowColumns {
    pub start: usize,
    pub end: usize,
}

/// Rows of a window are joined when the watermark passes its end. Both inputs are append-only and carry their window. The
/// keys of `on` are those besides the window bounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WindowJoin {
    pub kind: JoinKind,
    pub on: JoinCondition,
    pub window: WindowSpec,
    pub left_window: WindowColumns,
    pub right_window: WindowColumns,
}
