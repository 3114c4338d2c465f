//! How much state an operator keeps, and for how long.

use nutkin_plan::Operator;

/// The three sizes that EXPLAIN shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StateSize {
    Low,
    Medium,
    High,
}

impl StateSize {
    pub fn name(self) -> &'static str {
        match self {
            StateSize::Low => "low",
            StateSize::Medium => "medium",
            StateSize::High => "high",
        }
    }
}

/// The size class of an operator; None when it keeps nothing at all.
pub(crate) fn state_size(operator: &Operator) -> Option<StateSize> {
    match operator {
        Operator::Calc(_)
        | Operator::Exchange(_)
        | Operator::Union(_)
        | Operator::DropUpdateBefore(_)
        | Operator::Expand(_)
        | Operator::Correlate(_)
        | Operator::LookupJoin(_) => None,
        Operator::TableSourceScan(_)
        | Operator::Values(_)
        | Operator::WindowTableFunction(_)
        | Operator::WindowAggregate(_)
        | Operator::LocalWindowAggregate(_)
        | Operator::LocalGroupAggregate(_)
        | Operator::GlobalWindowAggregate(_)
        | Operator::IntervalJoin(_)
        | Operator::WindowJoin(_)
        | Operator::WindowRank(_)
        | Operator::WindowDeduplicate(_)
        | Operator::GroupWindowAggregate(_)
        | Operator::TemporalSort(_)
        | Operator::Match(_)
        | Operator::Limit(_) => Some(StateSize::Low),
        Operator::Join(_)
        | Operator::OverAggregate(_)
        | Operator::Rank(_)
        | Operator::Deduplicate(_)
        | Operator::SortLimit(_) => Some(StateSize::Medium),
        // All rows, to the end of the input.
        Operator::Sort(_) => Some(StateSize::High),
        Operator::ChangelogNormalize(_)
        | Operator::GroupAggregate(_)
        | Operator::GlobalGroupAggregate(_)
        | Operator::IncrementalGroupAggregate(_)
        | Operator::TemporalJoin(_) => Some(StateSize::Medium),
        Operator::Sink(sink) if sink.upsert_materialize => Some(StateSize::High),
        Operator::Sink(_) => Some(StateSize::Low),
    }
}

/// Milliseconds after which unused state goes; None keeps it for ever.
pub(crate) fn state_ttl(operator: &Operator) -> Option<i64> {
    match operator {
        Operator::ChangelogNormalize(op) => op.state_ttl,
        Operator::GroupAggregate(op) => op.state_ttl,
        Operator::GlobalGroupAggregate(op) => op.state_ttl,
        Operator::IncrementalGroupAggregate(op) => op.state_ttl,
        Operator::TemporalJoin(op) => op.state_ttl,
        Operator::Join(op) => Some(op.left_ttl?.max(op.right_ttl?)),
        Operator::OverAggregate(op) => op.state_ttl,
        Operator::Rank(op) => op.state_ttl,
        Operator::Deduplicate(op) => op.state_ttl,
        Operator::SortLimit(op) => op.state_ttl,
        Operator::Sink(op) => op.state_ttl,
        _ => None,
    }
}
