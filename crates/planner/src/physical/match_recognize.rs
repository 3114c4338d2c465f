//! StreamMatch.

use nutkin_plan::ChangelogMode;
use nutkin_plan::operators::Match as Operator;
use nutkin_types::Column;

use super::Need;
use super::builder::{Builder, Draft};
use super::changes::require_append;
use crate::error::Result;
use crate::relational::{Match, Rel};

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &Match) -> Result<usize> {
    require_append("Match", &op.input)?;
    let input = builder.lower(&op.input, Need::After)?;
    let input = builder.exchange(input, &op.partition);
    let time = op.order.first().and_then(|key| op.input.column(key.column));
    let draft = Draft {
        operator: Operator {
            partition: op.partition.clone(),
            order: op.order.clone(),
            is_event_time: time.is_some_and(Column::is_rowtime),
            pattern: op.pattern.clone(),
            defines: op.defines.clone(),
            measures: op.measures.clone(),
            after_match: op.after_match.clone(),
            within: op.within,
        }
        .into(),
        inputs: vec![input],
        schema: rel.schema.clone(),
        mode: ChangelogMode::Append,
        keys: Vec::new(),
    };
    Ok(builder.push(draft))
}
