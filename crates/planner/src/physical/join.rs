//! StreamJoin, StreamIntervalJoin and StreamWindowJoin.

use nutkin_plan::operators::{IntervalJoin, Join as Regular, JoinCondition, WindowJoin};
use nutkin_plan::{ChangelogMode, Operator};

use super::Need;
use super::builder::{Builder, Draft};
use super::changes::{changes, require_append};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::keys::upsert_keys;
use crate::relational::{Join, JoinBound, Rel};

pub(super) fn lower(builder: &mut Builder<'_>, rel: &Rel, op: &Join, need: Need) -> Result<usize> {
    let any_join = builder.session.flink_extensions || builder.session.is_batch();
    if op.is_written && op.left_keys.is_empty() && op.bound == JoinBound::None && !any_join {
        return Err(PlannerError::new(ErrorKind::Refused, "A join needs an equality between its sides").with_remedy(
            "Join ON a column of one table that equals a column of the other: without one every row meets every row. The \
             statement property 'sql.flink-extensions' = 'true' allows it all the same.",
        ));
    }
    let (operator, needs): (Operator, _) = match &op.bound {
        JoinBound::None => (
            regular(builder, op).into(),
            [side_need(&op.left, &op.left_keys, need), side_need(&op.right, &op.right_keys, need)],
        ),
        JoinBound::Interval { left_time, right_time, lower, upper } => {
            append_sides("IntervalJoin", op)?;
            let time = op.left.column(*left_time);
            let operator = IntervalJoin {
                kind: op.kind,
                on: on(op),
                is_event_time: time.is_some_and(nutkin_types::Column::is_rowtime),
                left_time: *left_time,
                right_time: *right_time,
                lower: *lower,
                upper: *upper,
            };
            (operator.into(), [Need::After; 2])
        }
        JoinBound::Window { window, left, right } => {
            append_sides("WindowJoin", op)?;
            let operator =
                WindowJoin { kind: op.kind, on: on(op), window: *window, left_window: *left, right_window: *right };
            (operator.into(), [Need::After; 2])
        }
    };
    let left = builder.lower(&op.left, needs[0])?;
    let left = builder.exchange(left, &op.left_keys);
    let right = builder.lower(&op.right, needs[1])?;
    let right = builder.exchange(right, &op.right_keys);
    let draft = Draft {
        operator,
        inputs: vec![left, right],
        schema: rel.schema.clone(),
        mode: match op.bound {
            JoinBound::None => changes(rel).mode(need),
            _ => ChangelogMode::Append,
        },
        keys: upsert_keys(rel),
    };
    Ok(builder.push(draft))
}

fn on(op: &Join) -> JoinCondition {
    JoinCondition {
        left_keys: op.left_keys.clone(),
        right_keys: op.right_keys.clone(),
        filter_nulls: op.filter_nulls.clone(),
        condition: op.condition.clone(),
    }
}

fn regular(builder: &Builder<'_>, op: &Join) -> Regular {
    let session = builder.session.state_ttl;
    let ttl = |hint: Option<i64>| hint.map_or(session, |ttl| Some(ttl).filter(|&ttl| ttl > 0));
    let smallest = |rel: &Rel| upsert_keys(rel).into_iter().min_by_key(Vec::len);
    Regular {
        kind: op.kind,
        on: on(op),
        left_unique: smallest(&op.left),
        right_unique: smallest(&op.right),
        left_ttl: ttl(op.left_ttl),
        right_ttl: ttl(op.right_ttl),
    }
}

/// +U alone will do on a side where a key of the rows has all join keys: the row that is replaced meets the same rows.
fn side_need(side: &Rel, keys: &[usize], need: Need) -> Need {
    let fixed = upsert_keys(side).iter().any(|key| keys.iter().all(|column| key.contains(column)));
    if fixed { need } else { Need::BeforeAndAfter }
}

fn append_sides(operator: &str, op: &Join) -> Result<()> {
    require_append(operator, &op.left)?;
    require_append(operator, &op.right)
}
