//! StreamCalc.

use nutkin_plan::Operator as PlanOperator;
use nutkin_plan::operators::Calc as Operator;

use super::builder::{Builder, Draft};
use super::changes::changes;
use super::{Need, scan};
use crate::error::Result;
use crate::relational::keys::{projected, upsert_keys};
use crate::relational::{Calc, Rel, RelOp};

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &Calc, need: Need) -> Result<usize> {
    let need = if filters_other_than_key(op) { Need::BeforeAndAfter } else { need };
    let input = match &op.input.op {
        // The projection that every scan has above is this one, unless changes must be completed in between.
        RelOp::Scan(source) if !scan::needs_normalize(builder, source, need) => {
            scan::source(builder, &op.input, source, need)
        }
        _ => builder.lower(&op.input, need)?,
    };
    if op.is_identity() && !matches!(op.input.op, RelOp::Scan(_)) && rel.schema == op.input.schema {
        return Ok(input);
    }
    // Above a completed source the projection of the scan is there already; where event time is read there is one more.
    if op.is_identity()
        && matches!(&op.input.op, RelOp::Scan(source) if source.time.is_none())
        && matches!(builder.node(input).operator, PlanOperator::ChangelogNormalize(_))
    {
        return Ok(input);
    }
    let below = builder.node(input);
    let draft = Draft {
        operator: Operator { projection: op.projection.clone(), condition: op.condition.clone() }.into(),
        inputs: vec![input],
        schema: rel.schema.clone(),
        mode: below.changelog_mode,
        keys: projected(&below.upsert_keys, &op.projection),
    };
    Ok(builder.push(draft))
}

/// A filter on anything but an upsert key can pass the old row of an update and drop the new one: without -U nobody would
/// learn that the row is gone.
fn filters_other_than_key(op: &Calc) -> bool {
    let Some(condition) = &op.condition else { return false };
    if changes(&op.input).is_append() {
        return false;
    }
    let read = condition.inputs();
    !upsert_keys(&op.input).iter().any(|key| read.iter().all(|column| key.contains(column)))
}
