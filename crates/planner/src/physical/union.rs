//! StreamUnion.

use nutkin_plan::ChangelogMode;
use nutkin_plan::operators::Union as Operator;

use super::Need;
use super::builder::{Builder, Draft};
use crate::error::Result;
use crate::relational::{Rel, Union};

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &Union) -> Result<usize> {
    // Rows of different inputs share no key, so updates must come in full.
    let inputs =
        op.inputs.iter().map(|input| builder.lower(input, Need::BeforeAndAfter)).collect::<Result<Vec<_>>>()?;
    let append = inputs.iter().all(|&input| builder.node(input).changelog_mode.is_append());
    let draft = Draft {
        operator: Operator {}.into(),
        inputs,
        schema: rel.schema.clone(),
        mode: if append { ChangelogMode::Append } else { ChangelogMode::Retract },
        keys: Vec::new(),
    };
    Ok(builder.push(draft))
}
