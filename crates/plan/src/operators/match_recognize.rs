//! StreamMatch: MATCH_RECOGNIZE (spec Q-12).

use serde::{Deserialize, Serialize};

use super::order::SortKey;
use crate::expr::Expr;

/// Output: partition columns, then measures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Match {
    pub partition: Vec<usize>,
    /// The first key is the time attribute.
    pub order: Vec<SortKey>,
    pub is_event_time: bool,
    pub pattern: Pattern,
    /// Conditions of pattern variables; a variable without one takes any row.
    pub defines: Vec<Definition>,
    pub measures: Vec<Measure>,
    pub after_match: AfterMatch,
    /// Milliseconds that a match may take.
    pub within: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Pattern {
    Variable(String),
    Sequence(Vec<Pattern>),
    Quantified {
        pattern: Box<Pattern>,
        min: u32,
        /// None has no limit.
        max: Option<u32>,
        reluctant: bool,
    },
}

/// `expr` is over the row followed by the values of `references`. For those the row is one of its variable already:
/// `LAST(variable.column, 1)` is the value of the row of the variable before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    pub variable: String,
    pub expr: Expr,
    pub references: Vec<Reference>,
}

/// `expr` is over the partition's columns of the row followed by the values of `references`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    pub name: String,
    pub expr: Expr,
    pub references: Vec<Reference>,
}

/// A value of the rows matched so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reference {
    /// `LAST(v.column, offset)` or `FIRST(v.column, offset)`; of all rows of the match when `variable` is None.
    Row { variable: Option<String>, expr: Expr, from_last: bool, offset: u32 },
    /// An aggregate over the rows of a variable, or of the match.
    Aggregate { variable: Option<String>, function: String, args: Vec<Expr>, data_type: nutkin_types::DataType },
    /// `MATCH_ROWTIME()`, `MATCH_PROCTIME()`
    Time { is_event_time: bool },
}

/// Where the search goes on after a match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AfterMatch {
    PastLastRow,
    NextRow,
    ToFirst(String),
    ToLast(String),
}
