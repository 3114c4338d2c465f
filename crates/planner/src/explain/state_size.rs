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
        Operator::Calc(_) | Operator::Exchange(_) | Operator::Union(_) => None,
        Operator::TableSourceScan(_)
        | Operator::Values(_)
        | Operator::WindowTableFunction(_)
        | Operator::WindowAggregate(_)
        | Operator::Limit(_) => Some(StateSize::Low),
        Operator::ChangelogNormalize(_) | Operator::GroupAggregate(_) | Operator::TemporalJoin(_) => {
            Some(StateSize::Medium)
        }
        Operator::Sink(sink) if sink.upsert_materialize => Some(StateSize::High),
        Operator::Sink(_) => Some(StateSize::Low),
    }
}

/// Milliseconds after which unused state goes; None keeps it for ever.
pub(crate) fn state_ttl(operator: &Operator) -> Option<i64> {
    match operator {
        Operator::ChangelogNormalize(op) => op.state_ttl,
        Operator::GroupAggregate(op) => op.state_ttl,
        Operator::TemporalJoin(op) => op.state_ttl,
        _ => None,
    }
}
