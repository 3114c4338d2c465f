//! Takes the columns of an outer query out of a sub-query: conditions that read them move up to where both are there.

use nutkin_plan::operators::JoinKind;
use nutkin_plan::{Expr, ExprKind};
use nutkin_types::{Column, LogicalType, Schema, Value};

use super::{split_and, temporal_and as and};
use crate::analyze::places::{OUTER, SUBQUERY, is_outer, reads_outer};
use crate::error::{PlannerError, Result};
use crate::relational::{Aggregate, Calc, Join, JoinBound, Over, Rel, RelOp, identity};

/// A relation that reads no outer columns any more.
pub(super) struct Pulled {
    /// The relation's columns, then those that the conditions read.
    pub rel: Rel,
    /// Over its columns and outer ones.
    pub conditions: Vec<Expr>,
    /// The first column's value where no row is found, when that is not NULL: COUNT of nothing is 0.
    pub default: Option<Expr>,
    /// There is at most one row for each outer row.
    pub single: bool,
}

impl Pulled {
    fn plain(rel: Rel) -> Pulled {
        Pulled { rel, conditions: Vec::new(), default: None, single: false }
    }
}

/// A condition over outer columns and `rel`'s, for a join of the outer relation (of `width` columns) with `rel`.
pub(super) fn joined(mut condition: Expr, width: usize) -> Expr {
    condition.map_inputs(&|column| match column {
        _ if column >= SUBQUERY => column,
        _ if column >= 2 * OUTER => column - OUTER,
        _ if is_outer(column) => column - OUTER,
        _ => column + width,
    });
    condition
}

/// Gives outer columns of the next query around other places.
pub(super) fn map_outer(rel: &mut Rel, place: &impl Fn(usize) -> Result<usize>) -> Result<()> {
    for expr in exprs_mut(rel) {
        let mut failed = None;
        let mapped = |column: usize| match column {
            _ if !is_outer(column) || column >= 2 * OUTER => Ok(column),
            _ => place(column - OUTER).map(|place| place + OUTER),
        };
        let moved: Vec<(usize, usize)> = expr
            .inputs()
            .into_iter()
            .filter_map(|column| mapped(column).map(|now| (column, now)).map_err(|error| failed = Some(error)).ok())
            .collect();
        if let Some(error) = failed {
            return Err(error);
        }
        expr.map_inputs(&|column| moved.iter().find(|(before, _)| *before == column).map_or(column, |(_, now)| *now));
    }
    rel.inputs_mut().into_iter().try_for_each(|input| map_outer(input, place))
}

fn exprs_mut(rel: &mut Rel) -> Vec<&mut Expr> {
    match &mut rel.op {
        RelOp::Calc(op) => op.projection.iter_mut().chain(op.condition.as_mut()).collect(),
        RelOp::Join(op) => op.condition.iter_mut().collect(),
        RelOp::TemporalJoin(op) => op.condition.iter_mut().collect(),
        RelOp::Correlate(op) => op.call.args.iter_mut().chain(op.condition.as_mut()).collect(),
        RelOp::Expand(op) => op.projections.iter_mut().flatten().collect(),
        _ => Vec::new(),
    }
}

/// True when `rel` reads outer columns anywhere.
pub(super) fn is_correlated(rel: &Rel) -> bool {
    let mut copy = rel.clone();
    fn walk(rel: &mut Rel) -> bool {
        exprs_mut(rel).into_iter().any(|expr| reads_outer(expr)) || rel.inputs_mut().into_iter().any(walk)
    }
    walk(&mut copy)
}

pub(super) fn pull(rel: Rel) -> Result<Pulled> {
    if !is_correlated(&rel) {
        return Ok(Pulled::plain(rel));
    }
    let Rel { op, schema } = rel;
    match op {
        RelOp::Calc(op) => calc(op, schema),
        RelOp::Aggregate(op) => aggregate(op, schema),
        RelOp::Join(op) => join(op, schema),
        RelOp::Over(op) => over(op, schema),
        RelOp::Sort(op) if op.limit.is_none() => pull(*op.input),
        _ => Err(PlannerError::not_built("A correlated sub-query of this form")
            .with_remedy("Write it as a join: JOIN ... ON the condition that compares both queries.")),
    }
}

fn calc(op: Calc, schema: Schema) -> Result<Pulled> {
    if op.projection.iter().any(reads_outer) {
        return Err(PlannerError::not_built(
            "A sub-query that computes with columns of the outer query in its select list",
        )
        .with_remedy("Move the computation to the outer query."));
    }
    let Pulled { rel: input, mut conditions, default, single } = pull(*op.input)?;
    let mut kept = Vec::new();
    for conjunct in op.condition.into_iter().flat_map(split_and) {
        if reads_outer(&conjunct) { conditions.push(conjunct) } else { kept.push(conjunct) }
    }
    let default = default.and_then(|default| of_default(op.projection.first()?, default));
    let mut projection = op.projection;
    let mut columns = schema.columns.to_vec();
    let below = identity(&input.schema);
    for condition in &mut conditions {
        for column in condition.inputs().into_iter().filter(|&column| !is_outer(column)) {
            let is_same = |expr: &Expr| matches!(expr.kind, ExprKind::Input(input) if input == column);
            if !projection.iter().any(is_same)
                && let Some(expr) = below.get(column)
            {
                projection.push(expr.clone());
                columns.push(input.schema.columns[column].clone());
            }
        }
        let place = |column: usize| {
            let is_same = |expr: &Expr| matches!(expr.kind, ExprKind::Input(input) if input == column);
            projection.iter().position(is_same).unwrap_or(column)
        };
        condition.map_inputs(&|column| if is_outer(column) { column } else { place(column) });
    }
    let calc = Calc { input: Box::new(input), projection, condition: and(kept) };
    Ok(Pulled { rel: Rel::new(calc, Schema::new(columns)), conditions, default, single })
}

/// What the first column is where the aggregation below has no row.
fn of_default(first: &Expr, default: Expr) -> Option<Expr> {
    match &first.kind {
        ExprKind::Input(0) => Some(default),
        ExprKind::Input(_) | ExprKind::Literal(_) => None,
        _ if first.inputs() == [0] => {
            let mut value = first.clone();
            crate::analyze::query::scan::substitute(&mut value, &[default]);
            Some(value)
        }
        _ => None,
    }
}

/// The inner side of `outer = inner`.
fn compared(condition: &Expr) -> Option<Expr> {
    let ExprKind::Call { function, args } = &condition.kind else { return None };
    let [a, b] = args.as_slice() else { return None };
    if function != "=" {
        return None;
    }
    let is_inner = |expr: &Expr| !expr.inputs().is_empty() && !reads_outer(expr);
    let is_outside = |expr: &Expr| expr.inputs().iter().all(|&column| is_outer(column));
    match (is_inner(a) && is_outside(b), is_inner(b) && is_outside(a)) {
        (true, _) => Some(a.clone()),
        (_, true) => Some(b.clone()),
        _ => None,
    }
}

/// What the condition compares becomes a further key: one group for each outer value.
fn aggregate(op: Aggregate, schema: Schema) -> Result<Pulled> {
    let Pulled { rel: input, conditions, .. } = pull(*op.input)?;
    let inner: Option<Vec<Expr>> = conditions.iter().map(compared).collect();
    let inner = inner.ok_or_else(|| {
        PlannerError::not_built("A correlated sub-query that aggregates under a condition other than equality")
            .with_remedy("Write it as a join with the outer table, grouped by the outer table's key.")
    })?;
    let width = input.schema.len();
    let mut projection = identity(&input.schema);
    let mut names: Vec<String> = input.schema.columns.iter().map(|column| column.name.clone()).collect();
    names.extend((0..inner.len()).map(|i| format!("$c{i}")));
    projection.extend(inner.iter().cloned());
    let input = input.project(projection, names);
    let (old, calls) = (op.grouping.len(), op.calls.len());
    let grouping: Vec<usize> = op.grouping.iter().copied().chain(width..width + inner.len()).collect();
    let plain = |column: &Column| Column::new(column.name.clone(), column.data_type.clone());
    let keys = grouping.iter().map(|&column| plain(&input.schema.columns[column]));
    let grouped = Schema::new(keys.chain(schema.columns.iter().skip(old).cloned()));
    let counts = op.calls.first().is_some_and(|call| call.function == "COUNT");
    let is_global = op.grouping.is_empty();
    let aggregate = Rel::new(Aggregate { input: Box::new(input), grouping, ..op }, grouped);
    // Former columns first, then the new keys.
    let order: Vec<usize> =
        (0..old).chain(old + inner.len()..old + inner.len() + calls).chain(old..old + inner.len()).collect();
    let all = identity(&aggregate.schema);
    let projection = order.iter().map(|&i| all[i].clone()).collect();
    let names = order.iter().map(|&i| aggregate.schema.columns[i].name.clone()).collect();
    let conditions = conditions.into_iter().zip(inner).enumerate().map(|(i, (condition, inner))| {
        let key = Expr::input(schema.len() + i, inner.data_type.clone());
        replaced(condition, &inner, &key)
    });
    let zero = Expr::literal(Value::Integer(0), LogicalType::BigInt.not_null());
    let conditions = conditions.collect();
    Ok(Pulled {
        rel: aggregate.project(projection, names),
        conditions,
        default: (is_global && counts).then_some(zero),
        single: is_global,
    })
}

fn replaced(mut expr: Expr, part: &Expr, by: &Expr) -> Expr {
    if expr == *part {
        return by.clone();
    }
    for child in expr.children_mut() {
        *child = replaced(child.clone(), part, by);
    }
    expr
}

/// Rows of each outer value are a partition of their own.
fn over(op: Over, schema: Schema) -> Result<Pulled> {
    let Pulled { rel: input, mut conditions, .. } = pull(*op.input)?;
    let keys: Option<Vec<usize>> = conditions
        .iter()
        .map(|condition| match compared(condition)?.kind {
            ExprKind::Input(column) => Some(column),
            _ => None,
        })
        .collect();
    let keys = keys.ok_or_else(|| {
        PlannerError::not_built(
            "A correlated sub-query with an OVER window under a condition other than equality of columns",
        )
    })?;
    let before = schema.len() - op.calls.len();
    let now = input.schema.len();
    let columns: Vec<Column> = input.schema.columns.iter().chain(schema.columns.iter().skip(before)).cloned().collect();
    let partition = op.partition.iter().copied().chain(keys).collect();
    let over = Rel::new(Over { input: Box::new(input), partition, ..op }, Schema::new(columns));
    // Former columns, then those that were added below.
    let order: Vec<usize> = (0..before).chain(now..over.schema.len()).chain(before..now).collect();
    let all = identity(&over.schema);
    let projection = order.iter().map(|&i| all[i].clone()).collect();
    let names = order.iter().map(|&i| over.schema.columns[i].name.clone()).collect();
    let place = |column: usize| order.iter().position(|&other| other == column).unwrap_or(column);
    conditions.iter_mut().for_each(|c| c.map_inputs(&|column| if is_outer(column) { column } else { place(column) }));
    Ok(Pulled { rel: over.project(projection, names), conditions, default: None, single: false })
}

fn join(op: Join, schema: Schema) -> Result<Pulled> {
    let (left_width, keeps_right) = (op.left.schema.len(), op.kind.keeps_right());
    let right_correlated = is_correlated(&op.right);
    let own_correlated = op.condition.as_ref().is_some_and(reads_outer);
    let allowed = op.kind == JoinKind::Inner
        || (matches!(op.kind, JoinKind::Left | JoinKind::Semi | JoinKind::Anti)
            && !right_correlated
            && !own_correlated);
    if !allowed || op.bound != JoinBound::None {
        return Err(PlannerError::not_built("A correlated sub-query below an outer join"));
    }
    let (left, right) = (pull(*op.left)?, pull(*op.right)?);
    let now = left.rel.schema.len();
    let right_width = right.rel.schema.len();
    let moved = |column: usize| if column < left_width { column } else { column - left_width + now };
    let mut conditions = left.conditions;
    conditions.extend(right.conditions.into_iter().map(|mut condition| {
        condition.map_inputs(&|column| if is_outer(column) { column } else { column + now });
        condition
    }));
    let mut kept = Vec::new();
    for mut conjunct in op.condition.into_iter().flat_map(split_and) {
        conjunct.map_inputs(&|column| if is_outer(column) { column } else { moved(column) });
        if reads_outer(&conjunct) { conditions.push(conjunct) } else { kept.push(conjunct) }
    }
    let joined = Rel::join(Join { left: Box::new(left.rel), right: Box::new(right.rel), condition: and(kept), ..op });
    let former_right = schema.len() - left_width;
    let mut order: Vec<usize> = (0..left_width).collect();
    if keeps_right {
        order.extend(now..now + former_right);
    }
    order.extend(left_width..now);
    if keeps_right {
        order.extend(now + former_right..now + right_width);
    }
    let all = identity(&joined.schema);
    let projection = order.iter().map(|&i| all[i].clone()).collect();
    let names = order.iter().map(|&i| joined.schema.columns[i].name.clone()).collect();
    let place = |column: usize| order.iter().position(|&other| other == column).unwrap_or(column);
    conditions.iter_mut().for_each(|c| c.map_inputs(&|column| if is_outer(column) { column } else { place(column) }));
    Ok(Pulled { rel: joined.project(projection, names), conditions, default: None, single: false })
}
