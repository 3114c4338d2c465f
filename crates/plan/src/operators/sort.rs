//! StreamSort: ORDER BY of a query that ends; one task.

use serde::{Deserialize, Serialize};

use super::order::SortKey;

/// All rows at the end of the input, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sort {
    pub order: Vec<SortKey>,
}
