//! GROUP BY without windows.

use nutkin_plan::AggregateCall;

use super::Rel;

/// Output: grouping columns, then one column per call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Aggregate {
    pub input: Box<Rel>,
    /// Columns of the input; empty for a global aggregation.
    pub grouping: Vec<usize>,
    pub calls: Vec<AggregateCall>,
    /// Milliseconds, from a STATE_TTL hint; None takes the session's.
    pub state_ttl: Option<i64>,
    /// Of a query that ends: one row per group, at the end.
    pub at_end: bool,
}

impl Aggregate {
    pub(super) fn inputs(&self) -> Vec<&Rel> {
        vec![&self.input]
    }

    pub(super) fn inputs_mut(&mut self) -> Vec<&mut Rel> {
        vec![&mut self.input]
    }
}
