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
        *expr = Expr::literal(as_literal(value, expr), expr.data_type.clone());
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

/// A computed value as Flink's literal of its type: zero has no sign, FLOAT has seven digits, and a text is not longer than its
/// type says. A number that is only cast keeps its digits.
fn as_literal(value: Value, of: &Expr) -> Value {
    let is_cast_number = matches!(&of.kind, ExprKind::Cast { arg, .. }
        if matches!(arg.kind, ExprKind::Literal(_)) && arg.data_type.logical.is_numeric());
    match (value, &of.data_type.logical) {
        (Value::Double(0.0), _) => Value::Double(0.0),
        (Value::Double(number), LogicalType::Float) if number.is_finite() && !is_cast_number => {
            Value::Double(seven_digits(number).into())
        }
        (Value::String(text), LogicalType::Char { length } | LogicalType::VarChar { length }) => {
            Value::String(at_most(text, *length as usize))
        }
        (value, _) => value,
    }
}

fn seven_digits(number: f64) -> f32 {
    format!("{number:.6e}").parse().unwrap_or(number as f32)
}

/// A text without what is beyond so many UTF-16 units.
fn at_most(mut text: String, length: usize) -> String {
    if text.len() > length && text.encode_utf16().count() > length {
        let mut units = 0;
        let fits = |character: &char| {
            units += character.len_utf16();
            units <= length
        };
        let end: usize = text.chars().take_while(fits).map(char::len_utf8).sum();
        text.truncate(end);
    }
    text
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
