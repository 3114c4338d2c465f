//! Each row once per grouping set.

use nutkin_plan::Expr;

use super::Rel;

/// Each input row once per projection.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expand {
    pub input: Box<Rel>,
    pub projections: Vec<Vec<Expr>>,
    /// The output column that numbers the grouping set.
    pub id_column: usize,
}

super::one_input!(Expand);
