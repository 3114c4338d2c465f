//! StreamValues.

use nutkin_plan::ChangelogMode;
use nutkin_plan::operators::Values as Operator;

use super::builder::{Builder, Draft};
use crate::error::Result;
use crate::relational::{Rel, Values};

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &Values) -> Result<usize> {
    let draft = Draft {
        operator: Operator { rows: op.rows.clone() }.into(),
        inputs: Vec::new(),
        schema: rel.schema.clone(),
        mode: ChangelogMode::Append,
        keys: Vec::new(),
    };
    Ok(builder.push(draft))
}
