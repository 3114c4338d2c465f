//! StreamUnion: UNION ALL.

use serde::{Deserialize, Serialize};

/// All rows of all inputs; the inputs have the same column types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Union {}
