//! Who can see in which order the changes of different keys come.
//!
//! Operators that keep results put out, for all rows of a batch, only what a key has come to. The rows of a table with these
//! keys are the same as if every row had been answered by itself, as Flink does. Where something behind looks at the order of
//! rows - a sink keeps the row that came last, LAST_VALUE takes it - they are not, and would depend on where batches end.

use nutkin_functions::aggregate::{lookup, lookup_over};
use nutkin_plan::operators::{FrameUnit, MergedCall};
use nutkin_plan::{AggregateCall, Operator, Plan};

/// True when a table behind `node` depends on the order in which its rows come, beyond that of the changes of one key.
pub(crate) fn order_is_seen(plan: &Plan, node: usize) -> bool {
    plan.consumers(node).any(|consumer| {
        let behind = || order_is_seen(plan, consumer);
        match &plan.nodes[consumer].operator {
            Operator::Sink(sink) => sink.upsert_materialize,
            Operator::GroupAggregate(aggregate) => any_ordered(&aggregate.calls) || behind(),
            Operator::LocalGroupAggregate(aggregate) => any_ordered(&aggregate.calls) || behind(),
            Operator::OverAggregate(over) => over.frame.unit == FrameUnit::Rows || any_ordered(&over.calls) || behind(),
            // The results of windows come by time and key.
            Operator::WindowAggregate(aggregate) => any_ordered(&aggregate.calls),
            Operator::LocalWindowAggregate(aggregate) => any_ordered(&aggregate.calls),
            Operator::GroupWindowAggregate(aggregate) => any_ordered(&aggregate.calls),
            Operator::GlobalWindowAggregate(aggregate) => any_merged(&aggregate.calls),
            // Of equal rows the first one counts, or the last.
            Operator::Rank(_)
            | Operator::Deduplicate(_)
            | Operator::SortLimit(_)
            | Operator::TemporalSort(_)
            | Operator::Limit(_)
            | Operator::Match(_) => true,
            _ => behind(),
        }
    })
}

fn any_merged(calls: &[MergedCall]) -> bool {
    calls.iter().any(|merged| is_ordered(&merged.call))
}

fn any_ordered(calls: &[AggregateCall]) -> bool {
    calls.iter().any(is_ordered)
}

/// A function that is not known here might be.
fn is_ordered(call: &AggregateCall) -> bool {
    let function = lookup(&call.function).or_else(|| lookup_over(&call.function));
    function.is_none_or(|function| function.depends_on_order())
}
