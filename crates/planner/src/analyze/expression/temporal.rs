//! EXTRACT, FLOOR/CEIL … TO, TIMESTAMPADD and TIMESTAMPDIFF: the unit becomes a literal argument.

use nutkin_plan::Expr;
use nutkin_sql::ast::{self, TimeUnit};

use super::{Context, expression, keyword};
use crate::error::Result;

pub(super) fn extract(context: &Context<'_>, unit: TimeUnit, operand: &ast::Expr) -> Result<Expr> {
    context.call("EXTRACT", vec![keyword(unit.keyword()), expression(context, operand)?])
}

pub(super) fn floor_ceil(context: &Context<'_>, ceil: bool, operand: &ast::Expr, unit: TimeUnit) -> Result<Expr> {
    let args = vec![expression(context, operand)?, keyword(unit.keyword())];
    context.call(if ceil { "CEIL" } else { "FLOOR" }, args)
}

pub(super) fn add(context: &Context<'_>, unit: TimeUnit, count: &ast::Expr, timestamp: &ast::Expr) -> Result<Expr> {
    let args = vec![keyword(unit.keyword()), expression(context, count)?, expression(context, timestamp)?];
    context.call("TIMESTAMPADD", args)
}

pub(super) fn diff(context: &Context<'_>, unit: TimeUnit, start: &ast::Expr, end: &ast::Expr) -> Result<Expr> {
    let args = vec![keyword(unit.keyword()), expression(context, start)?, expression(context, end)?];
    context.call("TIMESTAMPDIFF", args)
}
