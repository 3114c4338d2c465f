//! StreamOverAggregate: aggregates over the rows around each row (spec Q-05).

use nutkin_types::Value;
use serde::{Deserialize, Serialize};

use super::order::SortKey;
use crate::expr::AggregateCall;

/// Output: input columns, then one column per call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OverAggregate {
    /// Input columns; empty for one partition.
    pub partition: Vec<usize>,
    pub order: Vec<SortKey>,
    pub frame: Frame,
    pub calls: Vec<AggregateCall>,
    /// Of a query that ends: all rows are computed once, when the input has ended, so that every order and frame will do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_end: bool,
    /// False when no consumer needs -U; without meaning where the first order column is a time attribute.
    pub generate_update_before: bool,
    /// Milliseconds; None keeps rows for ever.
    pub state_ttl: Option<i64>,
}

/// The rows that count for a row, both ends included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    pub unit: FrameUnit,
    pub start: FrameBound,
    pub end: FrameBound,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FrameUnit {
    /// Counts rows.
    Rows,
    /// Compares values of the order column; rows with equal values are in or out together.
    Range,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FrameBound {
    UnboundedPreceding,
    /// A number of rows, or for ranges a distance of the type of the order column, or milliseconds.
    Preceding(Value),
    CurrentRow,
    Following(Value),
    UnboundedFollowing,
}
