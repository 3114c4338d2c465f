//! LIKE, SIMILAR TO, TRIM and POSITION.

use nutkin_functions::evaluate_constant;
use nutkin_plan::{Expr, ExprKind};
use nutkin_sql::ast::{self, LikeKind, TrimSide};

use super::{Context, evaluator_options, expression, keyword, negate};
use crate::error::{ErrorKind, PlannerError, Result};

pub(super) fn like(
    context: &Context<'_>,
    operand: &ast::Expr,
    kind: LikeKind,
    pattern: &ast::Expr,
    escape: Option<&ast::Expr>,
    negated: bool,
) -> Result<Expr> {
    let mut args = vec![expression(context, operand)?, expression(context, pattern)?];
    if let Some(escape) = escape {
        args.push(expression(context, escape)?);
    }
    let name = match kind {
        LikeKind::Like => "LIKE",
        LikeKind::SimilarTo => "SIMILAR TO",
    };
    if let [_, pattern, escape] = args.as_slice() {
        check_escapes(context, name, pattern, escape)?;
    }
    let result = context.call(name, args)?;
    negate(context, result, negated)
}

/// A pattern that is written in the statement is judged before it runs.
fn check_escapes(context: &Context<'_>, name: &str, pattern: &Expr, escape: &Expr) -> Result<()> {
    let is_literal = |expr: &Expr| matches!(expr.kind, ExprKind::Literal(_));
    if !is_literal(pattern) || !is_literal(escape) {
        return Ok(());
    }
    let probe = context.call(name, vec![keyword(" "), pattern.clone(), escape.clone()])?;
    match evaluate_constant(&probe, &evaluator_options(&context.analyzer.session.time_zone)) {
        Ok(_) => Ok(()),
        Err(error) => Err(PlannerError::new(ErrorKind::Type, error.to_string())),
    }
}

pub(super) fn trim(
    context: &Context<'_>,
    side: TrimSide,
    characters: Option<&ast::Expr>,
    operand: &ast::Expr,
) -> Result<Expr> {
    let text = expression(context, operand)?;
    if characters.is_none() && side == TrimSide::Both {
        return context.call("TRIM", vec![text]);
    }
    let side = match side {
        TrimSide::Both => "BOTH",
        TrimSide::Leading => "LEADING",
        TrimSide::Trailing => "TRAILING",
    };
    let characters = match characters {
        Some(characters) => expression(context, characters)?,
        None => keyword(" "),
    };
    context.call("TRIM", vec![keyword(side), characters, text])
}

pub(super) fn position(
    context: &Context<'_>,
    needle: &ast::Expr,
    haystack: &ast::Expr,
    from: Option<&ast::Expr>,
) -> Result<Expr> {
    let mut args = vec![expression(context, needle)?, expression(context, haystack)?];
    if let Some(from) = from {
        args.push(expression(context, from)?);
    }
    context.call("POSITION", args)
}
