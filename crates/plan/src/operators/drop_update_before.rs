//! StreamDropUpdateBefore: leaves out the old rows that a source sends and nobody needs.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DropUpdateBefore {}
