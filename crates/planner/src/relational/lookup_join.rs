//! A join that asks a table at processing time.

use std::sync::Arc;

use nutkin_plan::operators::{JoinKind, ScanColumn};
use nutkin_plan::{Expr, Table};

use super::Rel;

/// Output: input columns, then `columns` of the table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LookupJoin {
    pub input: Box<Rel>,
    pub table: Arc<Table>,
    pub columns: Vec<ScanColumn>,
    pub kind: JoinKind,
    /// Pairs of a position in `columns` and the expression over the input that it equals.
    pub keys: Vec<(usize, Expr)>,
    /// Over input columns followed by `columns`.
    pub condition: Option<Expr>,
}

super::one_input!(LookupJoin);
