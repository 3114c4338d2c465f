//! StreamGroupAggregate.

use nutkin_functions::aggregate;
use nutkin_plan::operators::GroupAggregate;
use nutkin_plan::{AggregateCall, ChangelogMode};

use super::Need;
use super::builder::{Builder, Draft};
use super::changes::changes;
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::keys::upsert_keys;
use crate::relational::{Aggregate, Rel};

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &Aggregate, need: Need) -> Result<usize> {
    check_retractable(&op.input, &op.calls)?;
    let input = builder.lower(&op.input, Need::BeforeAndAfter)?;
    let input = builder.exchange(input, &op.grouping);
    let generate_update_before = need == Need::BeforeAndAfter && !op.at_end;
    let draft = Draft {
        operator: GroupAggregate {
            grouping: op.grouping.clone(),
            calls: op.calls.clone(),
            generate_update_before,
            at_end: op.at_end,
            state_ttl: op.state_ttl.map_or(builder.session.state_ttl, |ttl| Some(ttl).filter(|&ttl| ttl > 0)),
        }
        .into(),
        inputs: vec![input],
        schema: rel.schema.clone(),
        mode: match (op.at_end, generate_update_before) {
            (true, _) => ChangelogMode::Append,
            (false, true) => ChangelogMode::Retract,
            (false, false) => ChangelogMode::Upsert,
        },
        keys: upsert_keys(rel),
    };
    Ok(builder.push(draft))
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
