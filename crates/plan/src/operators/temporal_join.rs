//! StreamTemporalJoin: joins with the version of a table that was valid at the left row's event time (spec Q-08).

use serde::{Deserialize, Serialize};

use crate::expr::Expr;

/// Output: left columns, then right columns. Left is append-only; right is an upsert or retract stream with a key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemporalJoin {
    pub kind: TemporalJoinKind,
    pub left_keys: Vec<usize>,
    pub right_keys: Vec<usize>,
    /// Rowtime column of the left input.
    pub left_time: usize,
    /// Rowtime column of the right input.
    pub right_time: usize,
    /// Further condition over left columns followed by right columns.
    pub condition: Option<Expr>,
    /// Milliseconds; None keeps the last version of every key for ever.
    pub state_ttl: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TemporalJoinKind {
    Inner,
    Left,
}
