//! StreamWindowRank: Top-N of each window (spec Q-04).

use serde::{Deserialize, Serialize};

use super::order::SortKey;
use super::rank::RankFunction;
use super::window_join::WindowColumns;
use crate::window::WindowSpec;

/// Put out when the watermark passes the window's end. The input is append-only and carries its window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WindowRank {
    pub function: RankFunction,
    /// Input columns besides the window bounds.
    pub partition: Vec<usize>,
    pub order: Vec<SortKey>,
    /// Ranks `start..=end`, from 1.
    pub start: u64,
    pub end: u64,
    /// The rank is a column after the input's.
    pub outputs_rank: bool,
    pub window: WindowSpec,
    pub columns: WindowColumns,
}
