//! StreamSort, StreamTemporalSort and StreamSortLimit.

use nutkin_plan::Operator;
use nutkin_plan::operators::{Sort as Full, SortLimit, TemporalSort};
use nutkin_types::Column;

use super::Need;
use super::builder::{Builder, Draft};
use super::changes::{changes, require_append};
use super::rank::{input_need, strategy};
use crate::error::Result;
use crate::relational::keys::upsert_keys;
use crate::relational::{Rel, Sort};

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &Sort, need: Need) -> Result<usize> {
    let order = op.order.clone();
    let (operator, below): (Operator, Need) = match op.limit {
        Some((offset, fetch)) => {
            let operator: Operator = SortLimit {
                order,
                offset,
                fetch,
                strategy: strategy(&op.input, &[], &op.order),
                generate_update_before: need == Need::BeforeAndAfter,
                state_ttl: builder.session.state_ttl,
            }
            .into();
            let below = input_need(&operator);
            (operator, below)
        }
        None if op.is_temporal() && !builder.session.is_batch() => {
            require_append("TemporalSort", &op.input)?;
            let time = op.order.first().and_then(|key| op.input.column(key.column));
            (TemporalSort { order, is_event_time: time.is_some_and(Column::is_rowtime) }.into(), Need::After)
        }
        None => (Full { order }.into(), Need::BeforeAndAfter),
    };
    let input = builder.lower(&op.input, below)?;
    let input = builder.exchange(input, &[]);
    let draft = Draft {
        operator,
        inputs: vec![input],
        schema: rel.schema.clone(),
        mode: changes(rel).mode(need),
        keys: upsert_keys(rel),
    };
    Ok(builder.push(draft))
}
