//! StreamOverAggregate.

use nutkin_plan::operators::OverAggregate;

use super::Need;
use super::builder::{Builder, Draft};
use super::changes::{changes, is_time_ordered, require_append};
use crate::error::Result;
use crate::relational::keys::upsert_keys;
use crate::relational::{Over, Rel};

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &Over, need: Need) -> Result<usize> {
    if op.at_end || is_time_ordered(&op.input, &op.order) {
        require_append("OverAggregate", &op.input)?;
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
