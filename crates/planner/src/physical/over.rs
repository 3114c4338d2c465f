//! StreamOverAggregate.

use nutkin_plan::operators::OverAggregate;

use super::Need;
use super::builder::{Builder, Draft};
use super::changes::{changes, is_time_ordered, require_append};
use crate::analyze::query::check_streaming;
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::keys::upsert_keys;
use crate::relational::{Over, Rel};

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &Over, need: Need) -> Result<usize> {
    if op.at_end || is_time_ordered(&op.input, &op.order) {
        require_append("OverAggregate", &op.input)?;
    }
    if !op.at_end {
        check_streaming(op, &op.input)?;
        require_one_order(op)?;
    }
    let input = builder.lower(&op.input, Need::BeforeAndAfter)?;
    let input = builder.exchange(input, &op.partition);
    let draft = Draft {
        operator: OverAggregate {
            partition: op.partition.clone(),
            order: op.order.clone(),
            frame: op.frame.clone(),
            calls: op.calls.clone(),
            at_end: op.at_end,
            generate_update_before: !op.at_end && need == Need::BeforeAndAfter,
            state_ttl: builder.session.state_ttl,
        }
        .into(),
        inputs: vec![input],
        schema: rel.schema.clone(),
        mode: changes(rel).mode(need),
        keys: upsert_keys(rel),
    };
    Ok(builder.push(draft))
}

/// While rows come, they are kept in one ascending order. Ranks get as far as here when no condition makes a Top-N of them.
fn require_one_order(op: &Over) -> Result<()> {
    let cause = match op.order.as_slice() {
        [key] if !key.descending => return Ok(()),
        [_] => "The window can only be ordered in ASCENDING mode.",
        _ => "The window can only be ordered by a single time column.",
    };
    Err(PlannerError::new(ErrorKind::Query, cause)
        .with_remedy("ORDER BY one time attribute, ascending, or put a condition on the rank: rn <= 10."))
}
