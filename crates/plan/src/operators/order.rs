//! Sort orders, shared by the operators that order rows.

use serde::{Deserialize, Serialize};

/// One key of a sort order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SortKey {
    pub column: usize,
    pub descending: bool,
    /// By default NULL is the smallest value: first when ascending, last when descending.
    pub nulls_first: bool,
}
