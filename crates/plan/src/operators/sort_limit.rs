//! StreamSortLimit: ORDER BY with LIMIT: the first rows so far; one task.

use serde::{Deserialize, Serialize};

use super::order::SortKey;
use super::rank::RankStrategy;

/// Keeps rows `offset..offset + fetch` of the order right at all times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SortLimit {
    pub order: Vec<SortKey>,
    pub offset: u64,
    pub fetch: u64,
    pub strategy: RankStrategy,
    /// False when no consumer needs -U.
    pub generate_update_before: bool,
    /// Milliseconds; None keeps state for ever.
    pub state_ttl: Option<i64>,
}
