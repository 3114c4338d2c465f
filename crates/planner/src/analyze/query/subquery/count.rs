//! `(SELECT COUNT(*) ...) > 0` asks whether there is a row: EXISTS, which needs no aggregation.

use nutkin_plan::{Expr, ExprKind};
use nutkin_types::{LogicalType, Value};

use super::{Kind, Subquery};
use crate::analyze::places::SUBQUERY;
use crate::relational::{Rel, RelOp};

/// The sub-query as EXISTS, when the condition compares its number of rows so that one row is enough.
pub(super) fn of_any(conjunct: &Expr, subqueries: &[Subquery]) -> Option<Subquery> {
    let ExprKind::Call { function, args } = &conjunct.kind else { return None };
    let [left, right] = args.as_slice() else { return None };
    // count > least or count >= least
    let (count, least, strict) = match function.as_str() {
        ">" => (left, right, true),
        ">=" => (left, right, false),
        "<" => (right, left, true),
        "<=" => (right, left, false),
        _ => return None,
    };
    let least = number(uncast(least))?;
    let one_is_enough = if strict { (0.0..1.0).contains(&least) } else { least > 0.0 && least <= 1.0 };
    if !one_is_enough {
        return None;
    }
    let ExprKind::Input(column) = uncast(count).kind else { return None };
    let subquery = subqueries.get(column.checked_sub(SUBQUERY)?)?;
    let Kind::Scalar = subquery.kind else { return None };
    let rel = counted(&subquery.rel)?.clone();
    Some(Subquery { rel, kind: Kind::Exists, data_type: LogicalType::Boolean.not_null() })
}

fn uncast(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Cast { arg, .. } => uncast(arg),
        _ => expr,
    }
}

fn number(expr: &Expr) -> Option<f64> {
    match (&expr.kind, &expr.data_type.logical) {
        (ExprKind::Literal(Value::Integer(value)), logical) if logical.is_numeric() => Some(*value as f64),
        (ExprKind::Literal(Value::Double(value)), _) => Some(*value),
        (ExprKind::Literal(Value::Decimal(unscaled)), LogicalType::Decimal { scale, .. }) => {
            Some(*unscaled as f64 / 10f64.powi(i32::from(*scale)))
        }
        _ => None,
    }
}

/// The rows that are counted, when the relation is nothing but their number.
fn counted(rel: &Rel) -> Option<&Rel> {
    match &rel.op {
        RelOp::Calc(calc) => {
            let [Expr { kind: ExprKind::Input(0), .. }] = calc.projection.as_slice() else { return None };
            counted(&calc.input).filter(|_| calc.condition.is_none())
        }
        RelOp::Aggregate(aggregate) => {
            let [call] = aggregate.calls.as_slice() else { return None };
            let all = call.function == "COUNT" && call.args.is_empty() && call.filter.is_none() && !call.distinct;
            (aggregate.grouping.is_empty() && all).then_some(&aggregate.input)
        }
        _ => None,
    }
}
