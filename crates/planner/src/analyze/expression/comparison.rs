//! IS, IS DISTINCT FROM, BETWEEN and IN.

use std::mem::discriminant;

use nutkin_functions::resolve;
use nutkin_plan::{CastFailure, Expr};
use nutkin_sql::ast::{self, IsTest};
use nutkin_types::cast::common_type;
use nutkin_types::{DataType, LogicalType, Value};

use super::operator::apply;
use super::{Context, expression, negate};
use crate::error::{ErrorKind, PlannerError, Result};

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
    let items = list.iter().map(|item| expression(context, item)).collect::<Result<Vec<_>>>()?;
    let mut common = DataType::new(LogicalType::Null, true);
    for item in &items {
        common = common_type(&common, &item.data_type).ok_or_else(|| {
            PlannerError::new(ErrorKind::Type, "Values in expression list must have compatible types")
        })?;
    }
    for item in items {
        let item = as_left(&args[0], item)?;
        args.push(item);
    }
    // One value is an equality, which joins and keys understand.
    let result = match args.as_slice() {
        [_, single] if !is_null(single) => apply("=", args, false)?,
        _ => context.call("IN", args)?,
    };
    negate(context, result, negated)
}

/// A value of a list in the type of the left side, which Flink casts it to when their types differ in more than length or
/// precision: `1 IN (1.5)` is TRUE, as `1.5` becomes 1. A ROW becomes an object.
fn as_left(left: &Expr, item: Expr) -> Result<Expr> {
    let (wanted, found) = (&left.data_type.logical, &item.data_type.logical);
    let is_other_number = wanted.is_numeric() && found.is_numeric() && discriminant(wanted) != discriminant(found);
    let is_text = wanted.is_character_string() != found.is_character_string();
    let is_simple = |logical: &LogicalType| {
        logical.is_character_string()
            || logical.is_numeric()
            || logical.is_datetime()
            || matches!(logical, LogicalType::Boolean)
    };
    let is_object = matches!((wanted, found), (LogicalType::Structured { .. }, LogicalType::Row { .. }));
    let is_converted = (is_other_number || is_text) && is_simple(wanted) && is_simple(found);
    if is_null(&item) || is_null(left) || !(is_object || is_converted) {
        return Ok(item);
    }
    let nullable = item.data_type.nullable;
    resolve::cast(item, &left.data_type.with_nullable(nullable), CastFailure::Error)
        .map_err(|error| PlannerError::new(ErrorKind::Type, error.to_string()))
}

fn is_null(expr: &Expr) -> bool {
    expr.data_type.logical == LogicalType::Null || matches!(expr.kind, nutkin_plan::ExprKind::Literal(Value::Null))
}
