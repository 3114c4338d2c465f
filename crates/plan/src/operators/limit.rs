//! StreamLimit: LIMIT without ORDER BY, over an append-only input, at parallelism 1.

use serde::{Deserialize, Serialize};

/// Passes rows `offset..offset + fetch` and drops the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    pub offset: u64,
    pub fetch: u64,
}
