//! StreamLookupJoin.

use nutkin_plan::operators::LookupJoin as Operator;

use super::Need;
use super::builder::{Builder, Draft};
use super::changes::changes;
use crate::error::Result;
use crate::relational::{LookupJoin, Rel};

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &LookupJoin, need: Need) -> Result<usize> {
    let input = builder.lower(&op.input, need)?;
    let draft = Draft {
        operator: Operator {
            kind: op.kind,
            table: builder.table(&op.table),
            columns: op.columns.clone(),
            keys: op.keys.clone(),
            condition: op.condition.clone(),
        }
        .into(),
        inputs: vec![input],
        schema: rel.schema.clone(),
        mode: changes(rel).mode(need),
        keys: Vec::new(),
    };
    Ok(builder.push(draft))
}
