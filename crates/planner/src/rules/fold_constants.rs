//! Expressions without columns become literals; conditions that are always true or never true go away.

use nutkin_functions::EvaluatorOptions;
use nutkin_plan::{Expr, ExprKind};
use nutkin_types::{LogicalType, Value};

use super::bottom_up;
use crate::analyze::expression::{constant, evaluator_options};
use crate::relational::{Rel, RelOp, Values};

pub(super) fn fold_constants(rel: Rel, time_zone: &str) -> Rel {
    let options = evaluator_options(time_zone);
    bottom_up(rel, &|mut rel| {
        match &mut rel.op {
            RelOp::Calc(calc) => {
                calc.projection.iter_mut().for_each(|expr| fold(expr, &options));
                calc.condition = calc.condition.take().map(|mut condition| {
                    fold(&mut condition, &options);
                    condition
                });
                match calc.condition.as_ref().map(|condition| &condition.kind) {
                    Some(ExprKind::Literal(Value::Boolean(true))) => calc.condition = None,
                    Some(ExprKind::Literal(_)) => return Rel::new(Values { rows: Vec::new() }, rel.schema),
                    _ => {}
                }
            }
            RelOp::TemporalJoin(join) => {
                if let Some(condition) = &mut join.condition {
                    fold(condition, &options);
                }
            }
            RelOp::Join(join) => {
                if let Some(condition) = &mut join.condition {
                    fold(condition, &options);
                    if condition.kind == ExprKind::Literal(Value::Boolean(true)) {
                        join.condition = None;
                    }
                }
            }
            RelOp::Correlate(correlate) => {
                correlate.call.args.iter_mut().chain(&mut correlate.condition).for_each(|expr| fold(expr, &options));
            }
            RelOp::Expand(expand) => expand.projections.iter_mut().flatten().for_each(|expr| fold(expr, &options)),
            _ => {}
        }
        rel
    })
}

fn fold(expr: &mut Expr, options: &EvaluatorOptions) {
    if matches!(expr.kind, ExprKind::Literal(_) | ExprKind::Input(_)) {
        return;
    }
    // An expression that fails stays as it is: it fails when a row gets there, as in Flink.
    if let Some(value) = constant(expr, options) {
        *expr = Expr::literal(value, expr.data_type.clone());
        return;
    }
    if let ExprKind::Case { branches, otherwise } = &mut expr.kind {
        // Branches that are not taken must not fail here; they are not evaluated at run time either.
        for (when, then) in branches {
            fold(when, options);
            fold(then, options);
        }
        fold(otherwise, options);
        return;
    }
    for child in expr.children_mut() {
        fold(child, options);
    }
    simplify(expr);
}

/// Operators that give NULL for a NULL. What stands beside a literal one is not computed, so it cannot fail.
const STRICT: &[&str] = &["+", "-", "*", "/", "MOD", "=", "<>", "<", "<=", ">", ">=", "LIKE", "SIMILAR TO"];

/// `x AND TRUE` is `x`, `x OR TRUE` is TRUE, `x + NULL` is NULL, and so on.
fn simplify(expr: &mut Expr) {
    let ExprKind::Call { function, args } = &mut expr.kind else { return };
    if STRICT.contains(&function.as_str()) && args.iter().any(|arg| arg.kind == ExprKind::Literal(Value::Null)) {
        *expr = Expr::literal(Value::Null, expr.data_type.clone());
        return;
    }
    let neutral = match function.as_str() {
        "AND" => true,
        "OR" => false,
        _ => return,
    };
    let is = |arg: &Expr, value: bool| arg.kind == ExprKind::Literal(Value::Boolean(value));
    if args.iter().any(|arg| is(arg, !neutral)) {
        *expr = Expr::literal(Value::Boolean(!neutral), LogicalType::Boolean.not_null());
        return;
    }
    args.retain(|arg| !is(arg, neutral));
    if args.len() == 1
        && let Some(only) = args.pop()
    {
        *expr = only;
    }
}
