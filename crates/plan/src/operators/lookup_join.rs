//! StreamLookupJoin: asks a table for the rows of a key at processing time.

use serde::{Deserialize, Serialize};

use super::join::JoinKind;
use super::scan::ScanColumn;
use crate::expr::Expr;

/// Output: input columns, then `columns` of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LookupJoin {
    /// [`JoinKind::Inner`] or [`JoinKind::Left`].
    pub kind: JoinKind,
    /// Position in [`crate::Plan::tables`].
    pub table: usize,
    pub columns: Vec<ScanColumn>,
    /// Pairs of a position in `columns` and the expression over the input that it must equal.
    pub keys: Vec<(usize, Expr)>,
    /// Further condition over input columns followed by `columns`.
    pub condition: Option<Expr>,
}
