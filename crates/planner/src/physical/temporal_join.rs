//! StreamTemporalJoin.

use nutkin_plan::ChangelogMode;
use nutkin_plan::operators::TemporalJoin as Operator;

use super::Need;
use super::builder::{Builder, Draft};
use super::changes::changes;
use crate::error::{PlannerError, Result};
use crate::relational::{Rel, TemporalJoin};

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &TemporalJoin) -> Result<usize> {
    if !changes(&op.left).is_append() {
        return Err(PlannerError::not_built("A temporal join whose left side is updated")
            .with_remedy("Join the append-only stream first, and aggregate after the join."));
    }
    let left = builder.lower(&op.left, Need::After)?;
    let left = builder.exchange(left, &op.left_keys);
    // The operator keeps versions by key, so +U alone will do.
    let right = builder.lower(&op.right, Need::After)?;
    let right = builder.exchange(right, &op.right_keys);
    let width = op.left.schema.len();
    let keys = builder.node(left).upsert_keys.iter().filter(|key| key.iter().all(|&c| c < width)).cloned().collect();
    let draft = Draft {
        operator: Operator {
            kind: op.kind,
            left_keys: op.left_keys.clone(),
            right_keys: op.right_keys.clone(),
            left_time: op.left_time,
            right_time: op.right_time,
            condition: op.condition.clone(),
            state_ttl: builder.session.state_ttl,
        }
        .into(),
        inputs: vec![left, right],
        schema: rel.schema.clone(),
        mode: ChangelogMode::Append,
        keys,
    };
    Ok(builder.push(draft))
}
