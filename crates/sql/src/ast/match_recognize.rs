//! MATCH_RECOGNIZE. The whole standard form is parsed; what Flink does not run is refused by the planner.

use super::{Expr, Ident, OrderItem};
use crate::span::Span;

/// The clauses between the parentheses.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MatchRecognize {
    /// PARTITION BY.
    pub partition_by: Vec<Expr>,
    /// ORDER BY.
    pub order_by: Vec<OrderItem>,
    /// MEASURES.
    pub measures: Vec<Measure>,
    /// ONE ROW or ALL ROWS PER MATCH.
    pub rows_per_match: Option<RowsPerMatch>,
    /// AFTER MATCH SKIP.
    pub after_match: Option<AfterMatch>,
    /// PATTERN.
    pub pattern: Pattern,
    /// `^` before the pattern.
    pub anchored_start: bool,
    /// `$` after the pattern.
    pub anchored_end: bool,
    /// WITHIN.
    pub within: Option<Expr>,
    /// SUBSET.
    pub subsets: Vec<Subset>,
    /// DEFINE.
    pub defines: Vec<Define>,
    /// Where it stands.
    pub span: Span,
}

/// `expr AS name`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Measure {
    /// The value.
    pub expr: Expr,
    /// Its name.
    pub alias: Ident,
}

/// Rows per match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowsPerMatch {
    /// `ONE ROW PER MATCH`
    One,
    /// `ALL ROWS PER MATCH`
    All,
}

/// Where the search goes on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AfterMatch {
    /// `SKIP TO NEXT ROW`
    NextRow,
    /// `SKIP PAST LAST ROW`
    PastLastRow,
    /// `SKIP TO FIRST variable`
    First(Ident),
    /// `SKIP TO [LAST] variable`
    Last(Ident),
}

/// `name = (a, b)`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subset {
    /// The union's name.
    pub name: Ident,
    /// Its variables.
    pub variables: Vec<Ident>,
}

/// `variable AS condition`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Define {
    /// The variable.
    pub variable: Ident,
    /// Its condition.
    pub condition: Expr,
}

/// A row pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// A variable.
    Variable(Ident),
    /// `a b c`: at least two.
    Sequence(Vec<Pattern>),
    /// `a | b`: at least two.
    Alternation(Vec<Pattern>),
    /// `PERMUTE(a, b)`
    Permute(Vec<Pattern>),
    /// `{- a -}`
    Exclude(Box<Pattern>),
    /// `a*`, `a{2,3}?`
    Quantified {
        /// What is repeated.
        pattern: Box<Pattern>,
        /// At least.
        min: u32,
        /// At most; no limit when absent.
        max: Option<u32>,
        /// As few as possible instead of as many.
        reluctant: bool,
    },
}
