//! StreamGroupAggregate, or StreamLocalGroupAggregate and StreamGlobalGroupAggregate.

use nutkin_functions::aggregate;
use nutkin_plan::operators::{GlobalGroupAggregate, GroupAggregate, LocalGroupAggregate};
use nutkin_plan::{AggregateCall, ChangelogMode, Operator};
use nutkin_types::Schema;

use super::Need;
use super::builder::{Builder, Draft};
use super::changes::changes;
use super::two_phase::{Phases, all_merge};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::keys::upsert_keys;
use crate::relational::{Aggregate, Rel};
use crate::session::AggregatePhases;

mod incremental;

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &Aggregate, need: Need) -> Result<usize> {
    check_retractable(&op.input, &op.calls)?;
    if let Some(buckets) = incremental::buckets(builder, op) {
        return incremental::lower(builder, rel, op, &buckets, need);
    }
    let input = builder.lower(&op.input, Need::BeforeAndAfter)?;
    let generate_update_before = need == Need::BeforeAndAfter && !op.at_end;
    let state_ttl = ttl(builder, op);
    let retracts = !builder.node(input).changelog_mode.is_append();
    let (operator, input) = if is_two_phase(builder, op, retracts) {
        let (input, phases) = local(builder, op, input)?;
        let operator = GlobalGroupAggregate {
            grouping: (0..op.grouping.len()).collect(),
            calls: phases.calls,
            rows_column: phases.rows_column,
            retracts,
            generate_update_before,
            state_ttl,
        };
        let input = builder.exchange(input, &operator.grouping);
        (operator.into(), input)
    } else {
        let operator = GroupAggregate {
            grouping: op.grouping.clone(),
            calls: op.calls.clone(),
            generate_update_before,
            at_end: op.at_end,
            state_ttl,
        };
        (operator.into(), builder.exchange(input, &op.grouping))
    };
    Ok(finish(builder, rel, (operator, input), (op.at_end, generate_update_before)))
}

/// The operator that puts out the results.
fn finish(
    builder: &mut Builder<'_>,
    rel: &Rel,
    (operator, input): (Operator, usize),
    (at_end, generate_update_before): (bool, bool),
) -> usize {
    let draft = Draft {
        operator,
        inputs: vec![input],
        schema: rel.schema.clone(),
        mode: match (at_end, generate_update_before) {
            (true, _) => ChangelogMode::Append,
            (false, true) => ChangelogMode::Retract,
            (false, false) => ChangelogMode::Upsert,
        },
        keys: upsert_keys(rel),
    };
    builder.push(draft)
}

fn ttl(builder: &Builder<'_>, op: &Aggregate) -> Option<i64> {
    op.state_ttl.map_or(builder.session.state_ttl, |ttl| Some(ttl).filter(|&ttl| ttl > 0))
}

/// As Flink: with mini-batches only. Without them every row is a result of its own.
fn is_two_phase(builder: &Builder<'_>, op: &Aggregate, retracts: bool) -> bool {
    let settings = &builder.session.optimizer;
    settings.mini_batch.is_some()
        && settings.phases != AggregatePhases::One
        && !op.at_end
        && all_merge(&op.calls, retracts)
}

/// The first phase, and what the second needs to know of it.
fn local(builder: &mut Builder<'_>, op: &Aggregate, input: usize) -> Result<(usize, Phases)> {
    let below = builder.node(input);
    let phases = Phases::new(&op.grouping, &op.calls, &below.schema, !below.changelog_mode.is_append())?;
    let draft = Draft {
        operator: LocalGroupAggregate {
            grouping: op.grouping.clone(),
            calls: op.calls.clone(),
            state_widths: phases.state_widths.clone(),
        }
        .into(),
        inputs: vec![input],
        schema: Schema::new(phases.columns.iter().cloned()),
        mode: ChangelogMode::Append,
        keys: Vec::new(),
    };
    Ok((builder.push(draft), phases))
}

/// An input that takes rows back needs functions that can.
pub(super) fn check_retractable(input: &Rel, calls: &[AggregateCall]) -> Result<()> {
    if changes(input).is_append() {
        return Ok(());
    }
    let fixed = calls.iter().find(|call| aggregate::lookup(&call.function).is_some_and(|f| !f.retractable));
    match fixed {
        None => Ok(()),
        Some(call) => Err(PlannerError::new(
            ErrorKind::Query,
            format!("Aggregate function {} cannot take rows back, but its input is updated", call.function),
        )
        .with_remedy("Aggregate an append-only input, or use another function.")),
    }
}
