//! StreamChangelogNormalize: turns an upsert stream into one with full before images.

use serde::{Deserialize, Serialize};

/// Keeps the last row per key; emits +I, -U, +U, -D.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangelogNormalize {
    pub key: Vec<usize>,
    /// Milliseconds; None keeps state for ever.
    pub state_ttl: Option<i64>,
    /// Of a query that ends: the last row of each key is put out once, when the input has ended, and nothing else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_end: bool,
}
