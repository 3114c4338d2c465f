//! StreamWindowAggregate.

use nutkin_plan::ChangelogMode;
use nutkin_plan::operators::WindowAggregate as Operator;

use super::Need;
use super::aggregate::check_retractable;
use super::builder::{Builder, Draft};
use crate::error::Result;
use crate::relational::keys::upsert_keys;
use crate::relational::{Rel, WindowAggregate};

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &WindowAggregate) -> Result<usize> {
    check_retractable(&op.input, &op.calls)?;
    let input = builder.lower(&op.input, Need::BeforeAndAfter)?;
    let input = builder.exchange(input, &op.grouping);
    let draft = Draft {
        operator: Operator {
            grouping: op.grouping.clone(),
            calls: op.calls.clone(),
            input: op.window.clone(),
            properties: op.properties.clone(),
        }
        .into(),
        inputs: vec![input],
        schema: rel.schema.clone(),
        mode: ChangelogMode::Append,
        keys: upsert_keys(rel),
    };
    Ok(builder.push(draft))
}
