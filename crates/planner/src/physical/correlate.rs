//! StreamCorrelate.

use nutkin_plan::operators::Correlate as Operator;

use super::Need;
use super::builder::{Builder, Draft};
use super::changes::changes;
use crate::error::Result;
use crate::relational::{Correlate, Rel};

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &Correlate, need: Need) -> Result<usize> {
    let input = builder.lower(&op.input, need)?;
    let draft = Draft {
        operator: Operator { call: op.call.clone(), condition: op.condition.clone(), outer: op.outer }.into(),
        inputs: vec![input],
        schema: rel.schema.clone(),
        mode: changes(rel).mode(need),
        keys: Vec::new(),
    };
    Ok(builder.push(draft))
}
