//! StreamJoin: a join of two tables that may both change; keeps both sides.

use serde::{Deserialize, Serialize};

use crate::expr::Expr;

/// Which rows a join puts out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
    /// Left rows that have a match, once; output: left columns.
    Semi,
    /// Left rows that have none; output: left columns.
    Anti,
}

impl JoinKind {
    /// As EXPLAIN details write it.
    pub fn name(self) -> &'static str {
        match self {
            JoinKind::Inner => "inner",
            JoinKind::Left => "left",
            JoinKind::Right => "right",
            JoinKind::Full => "full",
            JoinKind::Semi => "semi",
            JoinKind::Anti => "anti",
        }
    }

    /// True when the output has the right columns too.
    pub fn keeps_right(self) -> bool {
        !matches!(self, JoinKind::Semi | JoinKind::Anti)
    }

    /// True when left columns may be NULL because a right row has no match.
    pub fn fills_left(self) -> bool {
        matches!(self, JoinKind::Right | JoinKind::Full)
    }

    /// True when right columns may be NULL because a left row has no match.
    pub fn fills_right(self) -> bool {
        matches!(self, JoinKind::Left | JoinKind::Full)
    }
}

/// What two rows must have in common: `left_keys[i]` equals `right_keys[i]`, and `condition` is TRUE.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JoinCondition {
    pub left_keys: Vec<usize>,
    pub right_keys: Vec<usize>,
    /// Per key: true for `=` (NULL meets nothing), false for IS NOT DISTINCT FROM (NULL meets NULL).
    pub filter_nulls: Vec<bool>,
    /// Over left columns followed by right columns, for every kind.
    pub condition: Option<Expr>,
}

/// Output: left columns, then right columns, unless [`JoinKind`] says otherwise. Without keys both inputs come to one task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Join {
    pub kind: JoinKind,
    pub on: JoinCondition,
    /// A column set that identifies a row of the left input; None when none is known.
    pub left_unique: Option<Vec<usize>>,
    pub right_unique: Option<Vec<usize>>,
    /// Milliseconds; None keeps the side's rows for ever.
    pub left_ttl: Option<i64>,
    pub right_ttl: Option<i64>,
}
