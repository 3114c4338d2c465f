//! Prefix and infix operators, CAST.

use nutkin_functions::{SignatureError, resolve};
use nutkin_plan::{CastFailure, Expr, ExprKind};
use nutkin_sql::ast::{self, BinaryOp, ExprKind as Ast, Literal, UnaryOp};
use nutkin_types::{LogicalType, Value};

use super::{Context, expression, interval, literal, null_of, types, untyped_null};
use crate::error::{ErrorKind, PlannerError, Result};

pub(super) fn unary(context: &Context<'_>, op: UnaryOp, operand: &ast::Expr) -> Result<Expr> {
    if let Some((number, negative)) = signed_number(op, operand) {
        return literal::number_literal(number, negative);
    }
    let arg = expression(context, operand)?;
    match op {
        UnaryOp::Plus if arg.data_type.logical.is_numeric() || arg.data_type.logical.is_interval() => Ok(arg),
        UnaryOp::Plus => Err(cannot_apply("+", &[&arg], true)),
        UnaryOp::Minus => apply("-", vec![arg], true),
        UnaryOp::Not => apply("NOT", vec![arg], true),
    }
}

/// A number below signs, which belong to it: `-(-2147483648)` is a BIGINT, as `2147483648` is.
fn signed_number(op: UnaryOp, operand: &ast::Expr) -> Option<(&ast::NumberLiteral, bool)> {
    let (number, negative) = match &operand.kind {
        Ast::Literal(Literal::Number(number)) => (number, false),
        Ast::Unary { op, operand } => signed_number(*op, operand)?,
        _ => return None,
    };
    match op {
        UnaryOp::Plus => Some((number, negative)),
        UnaryOp::Minus => Some((number, !negative)),
        UnaryOp::Not => None,
    }
}

/// The name under which an infix operator is in the registry; None for those that are not built.
pub(super) fn name(op: BinaryOp) -> Option<&'static str> {
    Some(match op {
        BinaryOp::Or => "OR",
        BinaryOp::And => "AND",
        BinaryOp::Eq => "=",
        BinaryOp::NotEq => "<>",
        BinaryOp::Lt => "<",
        BinaryOp::LtEq => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::GtEq => ">=",
        BinaryOp::Concat => "||",
        BinaryOp::Plus => "+",
        BinaryOp::Minus => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Modulo => "%",
        _ => return None,
    })
}

pub(super) fn binary(context: &Context<'_>, left: &ast::Expr, op: BinaryOp, right: &ast::Expr) -> Result<Expr> {
    if op == BinaryOp::Overlaps {
        return overlaps(context, left, right);
    }
    let Some(name) = name(op) else {
        return Err(PlannerError::not_built(format!("The operator {op:?}")));
    };
    if matches!(op, BinaryOp::And | BinaryOp::Or) {
        return logical(context, name, op, left, right);
    }
    apply(name, vec![expression(context, left)?, expression(context, right)?], false)
}

/// `(start, end) OVERLAPS (start, end)`
fn overlaps(context: &Context<'_>, left: &ast::Expr, right: &ast::Expr) -> Result<Expr> {
    let mut args = Vec::with_capacity(4);
    for period in [left, right] {
        let Ast::Row { fields, .. } = &period.kind else {
            return Err(
                PlannerError::new(ErrorKind::Type, "OVERLAPS stands between two periods (start, end)").at(period.span)
            );
        };
        for bound in fields {
            args.push(expression(context, bound)?);
        }
    }
    context.call("OVERLAPS", args)
}

/// AND and OR with as many arguments as the chain has, left to right. Chains are walked without recursion: they can be
/// thousands long.
fn logical(
    context: &Context<'_>,
    name: &'static str,
    op: BinaryOp,
    left: &ast::Expr,
    right: &ast::Expr,
) -> Result<Expr> {
    let mut parts = vec![right];
    let mut rest = left;
    // Below a grouping the whole left part may be a grouping key, so it is not taken apart there.
    while context.grouping.is_none()
        && let Ast::Binary { left, op: inner, right } = &rest.kind
        && *inner == op
    {
        parts.push(right);
        rest = left;
    }
    parts.push(rest);
    let mut args = Vec::with_capacity(parts.len());
    for part in parts.into_iter().rev() {
        let arg = expression(context, part)?;
        match arg.kind {
            ExprKind::Call { function, args: inner } if function == name => args.extend(inner),
            _ => args.push(arg),
        }
    }
    apply(name, args, false)
}

/// The call of an operator; a type error is worded as Calcite words it.
pub(super) fn apply(name: &str, args: Vec<Expr>, prefix: bool) -> Result<Expr> {
    untyped_null::check(name, &args)?;
    let words: Vec<Expr> = args.clone();
    resolve::call(name, args).map_err(|error| match error {
        SignatureError::UnknownFunction { .. } => PlannerError::not_built(format!("The operator {name}")),
        error => cannot_apply(name, &words.iter().collect::<Vec<_>>(), prefix).with_remedy(error.to_string()),
    })
}

fn cannot_apply(name: &str, args: &[&Expr], prefix: bool) -> PlannerError {
    let of = |arg: &Expr| format!("<{}>", type_name(&arg.data_type.logical));
    let text = match args {
        [only] if prefix => format!("'{name}{}'", of(only)),
        _ => format!("'{}'", args.iter().map(|arg| of(arg)).collect::<Vec<_>>().join(&format!(" {name} "))),
    };
    PlannerError::new(ErrorKind::Type, format!("Cannot apply '{name}' to arguments of type {text}"))
}

/// Calcite says INTEGER where Flink says INT.
pub(super) fn type_name(logical: &LogicalType) -> String {
    match logical {
        LogicalType::Int => "INTEGER".to_owned(),
        other => other.to_string(),
    }
}

/// `CAST(x AS type)`, `TRY_CAST(x AS type)`
pub(super) fn cast(
    context: &Context<'_>,
    operand: &ast::Expr,
    data_type: &ast::DataType,
    try_cast: bool,
) -> Result<Expr> {
    let target = types::data_type(data_type)?;
    let arg = expression(context, operand)?;
    let is_null = matches!(arg.kind, ExprKind::Literal(Value::Null));
    if is_null && arg.data_type.logical == LogicalType::Null {
        return Ok(null_of(&target));
    }
    if !try_cast && let Some(interval) = interval::of_number(operand, data_type) {
        return Ok(interval);
    }
    // A number counts one unit, or the least of them.
    if let ast::DataTypeKind::Interval(qualifier) = &data_type.kind
        && qualifier.end.is_some()
        && arg.data_type.logical.is_numeric()
    {
        let error = SignatureError::Cast { from: arg.data_type.to_string(), to: target.to_string() };
        return Err(PlannerError::new(ErrorKind::Type, error.to_string()));
    }
    let on_failure = if try_cast { CastFailure::Null } else { CastFailure::Error };
    let cast = resolve::cast(arg, &target, on_failure)
        .map_err(|error| PlannerError::new(ErrorKind::Type, error.to_string()))?;
    Ok(if is_null { null_of(&target) } else { cast })
}
