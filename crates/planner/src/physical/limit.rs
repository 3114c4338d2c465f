//! StreamLimit.

use nutkin_plan::operators::Limit as Operator;

use super::Need;
use super::builder::{Builder, Draft};
use super::changes::changes;
use crate::error::Result;
use crate::relational::{Limit, Rel};

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &Limit, need: Need) -> Result<usize> {
    // Rows that are updated must be taken back in full, or nobody knows which of them passed.
    let need = if changes(&op.input).is_append() { need } else { Need::BeforeAndAfter };
    let input = builder.lower(&op.input, need)?;
    let input = builder.exchange(input, &[]);
    let draft = Draft {
        operator: Operator { offset: op.offset, fetch: op.fetch }.into(),
        inputs: vec![input],
        schema: rel.schema.clone(),
        mode: changes(rel).mode(need),
        keys: builder.node(input).upsert_keys.clone(),
    };
    Ok(builder.push(draft))
}
