//! INSERT (D-21) and statement sets (D-22).

use super::{Expr, Hint, Ident, ObjectName, Query};
use crate::span::Span;

/// `[EXECUTE] INSERT INTO | OVERWRITE name [PARTITION (…)] [(columns)] query`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Insert {
    /// OVERWRITE instead of INTO.
    pub overwrite: bool,
    /// The sink.
    pub table: ObjectName,
    /// Hints after the sink's name.
    pub hints: Vec<Hint>,
    /// PARTITION (k = v, …).
    pub partitions: Vec<(Ident, Expr)>,
    /// The columns that are written; empty means all.
    pub columns: Vec<ObjectName>,
    /// The rows.
    pub query: Box<Query>,
    /// The whole statement.
    pub span: Span,
}

/// `[EXECUTE] STATEMENT SET BEGIN insert; … END`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StatementSet {
    /// At least one.
    pub inserts: Vec<Insert>,
    /// The whole statement.
    pub span: Span,
}
