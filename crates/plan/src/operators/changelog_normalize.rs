//! StreamChangelogNormalize: turns an upsert stream into one with full before images.

use serde::{Deserialize, Serialize};

/// Keeps the last row per key; emits +I, -U, +U, -D.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangelogNormalize {
    pub key: Vec<usize>,
    /// Milliseconds; None keeps state for ever.
    pub state_ttl: Option<i64>,
}
