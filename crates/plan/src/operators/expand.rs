//! StreamExpand: each row once per grouping set.

use serde::{Deserialize, Serialize};

use crate::expr::Expr;

/// Each input row once per projection; all projections have the same types.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expand {
    pub projections: Vec<Vec<Expr>>,
    /// The output column that numbers the grouping set (BIGINT).
    pub id_column: usize,
}
