//! IS, IS DISTINCT FROM, BETWEEN and IN.

use nutkin_plan::Expr;
use nutkin_sql::ast::{self, IsTest};
use nutkin_types::{LogicalType, Value};

use super::operator::apply;
use super::{Context, expression, negate};
use crate::error::{PlannerError, Result};

pub(super) fn is(context: &Context<'_>, operand: &ast::Expr, test: IsTest, negated: bool) -> Result<Expr> {
    let name = match test {
        IsTest::Null => "NULL",
        IsTest::True => "TRUE",
        IsTest::False => "FALSE",
        IsTest::Unknown => "UNKNOWN",
        IsTest::JsonValue => "JSON VALUE",
        IsTest::JsonObject => "JSON OBJECT",
        IsTest::JsonArray => "JSON ARRAY",
        IsTest::JsonScalar => "JSON SCALAR",
        IsTest::Set => return Err(PlannerError::not_built("IS A SET")),
        IsTest::Empty => return Err(PlannerError::not_built("IS EMPTY")),
    };
    let arg = expression(context, operand)?;
    let not = if negated { "NOT " } else { "" };
    context.call(&format!("IS {not}{name}"), vec![arg])
}

pub(super) fn is_distinct(context: &Context<'_>, left: &ast::Expr, right: &ast::Expr, negated: bool) -> Result<Expr> {
    let args = vec![expression(context, left)?, expression(context, right)?];
    apply(if negated { "IS NOT DISTINCT FROM" } else { "IS DISTINCT FROM" }, args, false)
}

pub(super) fn between(
    context: &Context<'_>,
    operand: &ast::Expr,
    (low, high): (&ast::Expr, &ast::Expr),
    symmetric: bool,
    negated: bool,
) -> Result<Expr> {
    let arg = expression(context, operand)?;
    let (low, high) = (expression(context, low)?, expression(context, high)?);
    let within = |low: &Expr, high: &Expr| {
        let above = apply(">=", vec![arg.clone(), low.clone()], false)?;
        let below = apply("<=", vec![arg.clone(), high.clone()], false)?;
        context.call("AND", vec![above, below])
    };
    let mut result = within(&low, &high)?;
    if symmetric {
        result = context.call("OR", vec![result, within(&high, &low)?])?;
    }
    negate(context, result, negated)
}

pub(super) fn in_list(context: &Context<'_>, operand: &ast::Expr, list: &[ast::Expr], negated: bool) -> Result<Expr> {
    let arg = expression(context, operand)?;
    let mut args = vec![arg];
    for item in list {
        args.push(expression(context, item)?);
    }
    // One value is an equality, which joins and keys understand.
    let result = match args.as_slice() {
        [_, single] if !is_null(single) => apply("=", args, false)?,
        _ => context.call("IN", args)?,
    };
    negate(context, result, negated)
}

fn is_null(expr: &Expr) -> bool {
    expr.data_type.logical == LogicalType::Null || matches!(expr.kind, nutkin_plan::ExprKind::Literal(Value::Null))
}
