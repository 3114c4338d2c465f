//! StreamRank: Top-N by partition (spec Q-11).

use serde::{Deserialize, Serialize};

use super::order::SortKey;

/// Rows whose rank within their partition is in `start..=end`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rank {
    pub function: RankFunction,
    /// Input columns; empty for one partition.
    pub partition: Vec<usize>,
    pub order: Vec<SortKey>,
    pub range: RankRange,
    /// The rank is a column after the input's.
    pub outputs_rank: bool,
    pub strategy: RankStrategy,
    /// False when no consumer needs -U.
    pub generate_update_before: bool,
    /// Milliseconds; None keeps state for ever.
    pub state_ttl: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RankFunction {
    RowNumber,
    Rank,
    DenseRank,
}

impl RankFunction {
    /// The function's name in SQL.
    pub fn name(self) -> &'static str {
        match self {
            RankFunction::RowNumber => "ROW_NUMBER",
            RankFunction::Rank => "RANK",
            RankFunction::DenseRank => "DENSE_RANK",
        }
    }
}

/// Ranks that count, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RankRange {
    Constant {
        start: u64,
        end: u64,
    },
    /// Up to the value of an input column.
    Variable {
        end_column: usize,
    },
}

/// What the operator may rely on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RankStrategy {
    /// The input is append-only: rows beyond the range can be forgotten.
    AppendFast,
    /// Rows are identified by these columns and only ever move up.
    UpdateFast { key: Vec<usize> },
    /// Any change may come: all rows are kept.
    Retract,
}
