//! What can have no rows is not read: FALSE in WHERE, LIMIT 0, VALUES without rows, and everything that needs a row of those.

use nutkin_plan::operators::JoinKind;
use nutkin_plan::{Expr, ExprKind};
use nutkin_types::{Schema, Value};

use super::bottom_up;
use crate::analyze::expression::null_of;
use crate::relational::{Calc, Join, Rel, RelOp, Union, Values, identity};

pub(super) fn drop_empty(rel: Rel) -> Rel {
    bottom_up(rel, &|rel| {
        let Rel { op, schema } = rel;
        match op {
            RelOp::Join(join) => of_join(join, schema),
            RelOp::Union(union) => of_union(union, schema),
            op => {
                let rel = Rel { op, schema };
                if has_no_rows(&rel) { empty(rel.schema) } else { rel }
            }
        }
    })
}

fn empty(schema: Schema) -> Rel {
    Rel::new(Values { rows: Vec::new() }, schema)
}

fn is_empty(rel: &Rel) -> bool {
    matches!(&rel.op, RelOp::Values(values) if values.rows.is_empty())
}

fn has_no_rows(rel: &Rel) -> bool {
    match &rel.op {
        RelOp::Scan(_) | RelOp::Values(_) | RelOp::Join(_) | RelOp::Union(_) => false,
        RelOp::Calc(calc) => is_empty(&calc.input) || calc.condition.as_ref().is_some_and(|c| never(c, &calc.input)),
        RelOp::Limit(limit) if limit.fetch == 0 => true,
        RelOp::Sort(sort) if sort.limit.is_some_and(|(_, fetch)| fetch == 0) => true,
        // No rows have a number of rows.
        RelOp::Aggregate(aggregate) => !aggregate.grouping.is_empty() && is_empty(&aggregate.input),
        RelOp::TemporalJoin(join) => {
            let inner = join.kind == nutkin_plan::operators::TemporalJoinKind::Inner;
            is_empty(&join.left) || (inner && is_empty(&join.right))
        }
        _ => rel.inputs().into_iter().any(is_empty),
    }
}

/// True when `condition` asks for a value of an aggregation over no rows, where every value but a number of rows is NULL.
fn never(condition: &Expr, input: &Rel) -> bool {
    let RelOp::Aggregate(aggregate) = &input.op else { return false };
    let ExprKind::Call { function, args } = &condition.kind else { return false };
    let [Expr { kind: ExprKind::Input(column), .. }] = args.as_slice() else { return false };
    let call = aggregate.calls.get(*column);
    function == "IS NOT NULL"
        && aggregate.grouping.is_empty()
        && is_empty(&aggregate.input)
        && call.is_some_and(|call| matches!(call.function.as_str(), "MIN" | "MAX" | "SUM" | "AVG"))
}

fn of_join(join: Join, schema: Schema) -> Rel {
    let never = matches!(
        join.condition.as_ref().map(|condition| &condition.kind),
        Some(ExprKind::Literal(Value::Boolean(false) | Value::Null))
    );
    let (left, right) = (is_empty(&join.left), is_empty(&join.right) || never);
    let nothing = match join.kind {
        JoinKind::Inner | JoinKind::Semi => left || right,
        JoinKind::Left | JoinKind::Anti => left,
        JoinKind::Right => is_empty(&join.right),
        JoinKind::Full => left && is_empty(&join.right),
    };
    match join.kind {
        _ if nothing => empty(schema),
        JoinKind::Left if right => alone(*join.left, schema, 0),
        JoinKind::Right if left || never => alone(*join.right, schema, join.left.schema.len()),
        JoinKind::Full if is_empty(&join.right) => alone(*join.left, schema, 0),
        JoinKind::Full if left => alone(*join.right, schema, join.left.schema.len()),
        JoinKind::Anti if right => Rel { op: join.left.op, schema },
        _ => Rel::new(join, schema),
    }
}

/// The rows of one side, whose columns begin at `first` of the join's; the other columns are NULL.
fn alone(side: Rel, schema: Schema, first: usize) -> Rel {
    let own = identity(&side.schema);
    let value = |(place, column): (usize, &nutkin_types::Column)| -> Expr {
        let inner = place.checked_sub(first).and_then(|place| own.get(place));
        inner.map_or_else(|| null_of(&column.data_type), |expr| expr.clone())
    };
    let projection = schema.columns.iter().enumerate().map(value).collect();
    Rel::new(Calc { input: Box::new(side), projection, condition: None }, schema)
}

fn of_union(union: Union, schema: Schema) -> Rel {
    let before = union.inputs.len();
    let mut inputs: Vec<Rel> = union.inputs.into_iter().filter(|input| !is_empty(input)).collect();
    match inputs.len() {
        0 => empty(schema),
        1 if before > 1 => alone(inputs.remove(0), schema, 0),
        _ => Rel::new(Union { inputs }, schema),
    }
}
