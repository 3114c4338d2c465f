//! StreamUnion.

use nutkin_plan::operators::Union as Operator;

use super::Need;
use super::builder::{Builder, Draft};
use super::changes::changes;
use crate::error::Result;
use crate::relational::{Rel, Union};

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &Union, need: Need) -> Result<usize> {
    let inputs = op.inputs.iter().map(|input| builder.lower(input, need)).collect::<Result<Vec<_>>>()?;
    let draft = Draft {
        operator: Operator {}.into(),
        inputs,
        schema: rel.schema.clone(),
        mode: changes(rel).mode(need),
        keys: Vec::new(),
    };
    Ok(builder.push(draft))
}
