//! StreamExpand.

use nutkin_plan::operators::Expand as Operator;

use super::Need;
use super::builder::{Builder, Draft};
use super::changes::changes;
use crate::error::Result;
use crate::relational::{Expand, Rel};

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &Expand, need: Need) -> Result<usize> {
    let input = builder.lower(&op.input, need)?;
    let draft = Draft {
        operator: Operator { projections: op.projections.clone(), id_column: op.id_column }.into(),
        inputs: vec![input],
        schema: rel.schema.clone(),
        mode: changes(rel).mode(need),
        keys: Vec::new(),
    };
    Ok(builder.push(draft))
}
