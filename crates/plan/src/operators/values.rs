//! StreamValues: rows written in the statement.

use nutkin_types::Value;
use serde::{Deserialize, Serialize};

/// Constant rows. One row without columns stands for a SELECT without FROM.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Values {
    pub rows: Vec<Vec<Value>>,
}
