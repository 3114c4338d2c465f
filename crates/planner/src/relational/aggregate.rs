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
    pub step: AggregateStep,
}

/// What an aggregation is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum AggregateStep {
    #[default]
    Whole,
    /// By the keys and buckets of DISTINCT values.
    Buckets,
    /// By the keys alone, of what the buckets give.
    Merging,
}

impl Aggregate {
    /// Of a query without a hint; what it ends by is decided later.
    pub fn new(input: Rel, grouping: Vec<usize>, calls: Vec<AggregateCall>) -> Aggregate {
        Aggregate {
            input: Box::new(input),
            grouping,
            calls,
            state_ttl: None,
            at_end: false,
            step: AggregateStep::Whole,
        }
    }

    pub(super) fn inputs(&self) -> Vec<&Rel> {
        vec![&self.input]
    }

    pub(super) fn inputs_mut(&mut self) -> Vec<&mut Rel> {
        vec![&mut self.input]
    }
}
