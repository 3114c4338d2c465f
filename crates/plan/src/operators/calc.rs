//! StreamCalc: filter and projection.

use serde::{Deserialize, Serialize};

use crate::expr::Expr;

/// Keeps the rows where `condition` is TRUE and computes `projection` on them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calc {
    pub projection: Vec<Expr>,
    pub condition: Option<Expr>,
}
