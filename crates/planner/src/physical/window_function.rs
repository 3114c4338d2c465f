//! StreamWindowTableFunction.

use nutkin_plan::operators::WindowTableFunction;
use nutkin_plan::{ChangelogMode, WindowSpec};

use super::Need;
use super::builder::{Builder, Draft};
use crate::error::Result;
use crate::relational::{Rel, WindowFunction};

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &WindowFunction) -> Result<usize> {
    // An update can move a row into other windows, so the old row must be known.
    let mut input = builder.lower(&op.input, Need::BeforeAndAfter)?;
    if matches!(op.window, WindowSpec::Session { .. }) {
        input = builder.exchange(input, &op.partition);
    }
    let mode = match builder.node(input).changelog_mode {
        ChangelogMode::Append => ChangelogMode::Append,
        _ => ChangelogMode::Retract,
    };
    let draft = Draft {
        operator: WindowTableFunction {
            window: op.window,
            time_column: op.time_column,
            partition: op.partition.clone(),
        }
        .into(),
        inputs: vec![input],
        schema: rel.schema.clone(),
        mode,
        keys: Vec::new(),
    };
    Ok(builder.push(draft))
}
