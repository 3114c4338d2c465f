//! StreamRank, StreamDeduplicate, StreamWindowRank and StreamWindowDeduplicate.

use nutkin_plan::Operator;
use nutkin_plan::WindowSpec;
use nutkin_plan::operators::{
    Deduplicate, Rank as Plain, RankRange, RankStrategy, SortKey, WindowColumns, WindowDeduplicate, WindowRank,
};
use nutkin_types::Column;

use super::Need;
use super::builder::{Builder, Draft};
use super::changes::{changes, require_append};
use crate::error::{PlannerError, Result};
use crate::relational::keys::upsert_keys;
use crate::relational::{Rank, Rel, RelOp};

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &Rank, need: Need) -> Result<usize> {
    let operator = match (&op.window, op.deduplicates()) {
        (Some((window, columns)), _) => windowed(op, *window, *columns)?,
        (None, Some((time, keep_last))) if changes(&op.input).is_append() && !op.outputs_rank => Deduplicate {
            key: op.partition.clone(),
            time,
            is_event_time: op.input.column(time).is_some_and(Column::is_rowtime),
            keep_last,
            generate_update_before: need == Need::BeforeAndAfter,
            state_ttl: builder.session.state_ttl,
        }
        .into(),
        (None, _) => plain(builder, op, need),
    };
    let input = builder.lower(&op.input, input_need(&operator))?;
    let input = builder.exchange(input, &op.partition);
    let draft = Draft {
        operator,
        inputs: vec![input],
        schema: rel.schema.clone(),
        mode: changes(rel).mode(need),
        keys: upsert_keys(rel),
    };
    Ok(builder.push(draft))
}

fn windowed(op: &Rank, window: WindowSpec, columns: WindowColumns) -> Result<Operator> {
    require_append("WindowRank", &op.input)?;
    if let Some((time, keep_last)) = op.deduplicates()
        && !op.outputs_rank
    {
        return Ok(WindowDeduplicate { key: op.partition.clone(), time, keep_last, window, columns }.into());
    }
    let RankRange::Constant { start, end } = op.range else {
        return Err(PlannerError::not_built("Window Top-N with a number of rows that is a column"));
    };
    Ok(WindowRank {
        function: op.function,
        partition: op.partition.clone(),
        order: op.order.clone(),
        start,
        end,
        outputs_rank: op.outputs_rank,
        window,
        columns,
    }
    .into())
}

fn plain(builder: &Builder<'_>, op: &Rank, need: Need) -> Operator {
    Plain {
        function: op.function,
        partition: op.partition.clone(),
        order: op.order.clone(),
        range: op.range,
        outputs_rank: op.outputs_rank,
        strategy: strategy(&op.input, &op.partition, &op.order),
        generate_update_before: need == Need::BeforeAndAfter,
        state_ttl: builder.session.state_ttl,
    }
    .into()
}

/// What the ranked rows allow: inserts only; rows that only move up by their key, such as growing counts sorted downwards;
/// or anything.
pub(super) fn strategy(input: &Rel, partition: &[usize], order: &[SortKey]) -> RankStrategy {
    let changes = changes(input);
    if changes.is_append() {
        return RankStrategy::AppendFast;
    }
    let key = upsert_keys(input).into_iter().find(|key| partition.iter().all(|column| key.contains(column)));
    match key {
        Some(key) if !changes.delete && order.iter().all(|key| moves_up(input, key)) => {
            RankStrategy::UpdateFast { key }
        }
        _ => RankStrategy::Retract,
    }
}

/// True when updates of a row can only bring it forward in this order.
fn moves_up(input: &Rel, key: &SortKey) -> bool {
    match &input.op {
        RelOp::Calc(calc) if calc.condition.is_none() => match calc.projection.get(key.column).map(|e| &e.kind) {
            Some(nutkin_plan::ExprKind::Input(column)) => moves_up(&calc.input, &SortKey { column: *column, ..*key }),
            _ => false,
        },
        RelOp::Aggregate(op) if key.column < op.grouping.len() => true,
        RelOp::Aggregate(op) if changes(&op.input).is_append() => {
            let call = op.calls.get(key.column - op.grouping.len());
            match call.map(|call| call.function.as_str()) {
                Some("COUNT" | "MAX") => key.descending,
                Some("MIN") => !key.descending,
                _ => false,
            }
        }
        _ => false,
    }
}

pub(super) fn input_need(operator: &Operator) -> Need {
    let strategy = match operator {
        Operator::Rank(op) => &op.strategy,
        Operator::SortLimit(op) => &op.strategy,
        _ => return Need::After,
    };
    if *strategy == RankStrategy::Retract { Need::BeforeAndAfter } else { Need::After }
}
