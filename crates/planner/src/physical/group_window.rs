//! StreamGroupWindowAggregate.

use nutkin_plan::ChangelogMode;
use nutkin_plan::operators::GroupWindowAggregate;
use nutkin_types::{Column, TimeAttribute};

use super::Need;
use super::aggregate::check_retractable;
use super::builder::{Builder, Draft};
use crate::error::Result;
use crate::relational::keys::upsert_keys;
use crate::relational::{GroupWindow, Rel};

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &GroupWindow) -> Result<usize> {
    check_retractable(&op.input, &op.calls)?;
    let input = builder.lower(&op.input, Need::BeforeAndAfter)?;
    let input = builder.exchange(input, &op.grouping);
    let draft = Draft {
        operator: GroupWindowAggregate {
            grouping: op.grouping.clone(),
            calls: op.calls.clone(),
            window: op.window,
            time_column: op.time_column,
            is_event_time: !op.input.column(op.time_column).is_some_and(is_proctime),
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

/// Any other timestamp is as good as event time where all rows are there.
fn is_proctime(column: &Column) -> bool {
    column.time_attribute == Some(TimeAttribute::Proctime)
}
