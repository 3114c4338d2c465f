//! StreamLimit.

use nutkin_plan::ChangelogMode;
use nutkin_plan::operators::Limit as Operator;

use super::Need;
use super::builder::{Builder, Draft};
use super::changes::changes;
use crate::error::{PlannerError, Result};
use crate::relational::{Limit, Rel};

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &Limit, need: Need) -> Result<usize> {
    if !changes(&op.input).is_append() {
        return Err(PlannerError::not_built("LIMIT over a query whose result is updated"));
    }
    let input = builder.lower(&op.input, need)?;
    let input = builder.exchange(input, &[]);
    let draft = Draft {
        operator: Operator { offset: op.offset, fetch: op.fetch }.into(),
        inputs: vec![input],
        schema: rel.schema.clone(),
        mode: ChangelogMode::Append,
        keys: builder.node(input).upsert_keys.clone(),
    };
    Ok(builder.push(draft))
}
