//! `x = ANY (...)`, `x > ALL (...)`: over a list each value on its own, over a query its extremes.

use nutkin_plan::{Expr, ExprKind};
use nutkin_sql::ast::{self, BinaryOp, QuantifiedOperand, Quantifier};
use nutkin_types::{LogicalType, Value};

use super::operator::apply;
use super::{Context, expression, negate, null_of, operator};
use crate::analyze::query::subquery;
use crate::error::{PlannerError, Result};

pub(super) fn quantified(
    context: &Context<'_>,
    left: &ast::Expr,
    op: BinaryOp,
    quantifier: Quantifier,
    right: &QuantifiedOperand,
) -> Result<Expr> {
    match (right, op, quantifier) {
        (QuantifiedOperand::List(list), ..) => over_list(context, left, op, quantifier, list),
        (QuantifiedOperand::Query(query), BinaryOp::Eq, Quantifier::Any) => subquery::in_query(context, left, query),
        (QuantifiedOperand::Query(query), BinaryOp::NotEq, Quantifier::All) => {
            negate(context, subquery::in_query(context, left, query)?, true)
        }
        (QuantifiedOperand::Query(query), ..) => over_query(context, left, op, quantifier, query),
    }
}

fn over_list(
    context: &Context<'_>,
    left: &ast::Expr,
    op: BinaryOp,
    quantifier: Quantifier,
    list: &[ast::Expr],
) -> Result<Expr> {
    let value = expression(context, left)?;
    let name = name(op)?;
    let tests = list
        .iter()
        .map(|item| apply(name, vec![value.clone(), expression(context, item)?], false))
        .collect::<Result<Vec<Expr>>>()?;
    let joiner = if quantifier == Quantifier::Any { "OR" } else { "AND" };
    match <[Expr; 1]>::try_from(tests) {
        Ok([only]) => Ok(only),
        Err(tests) => apply(joiner, tests, false),
    }
}

fn name(op: BinaryOp) -> Result<&'static str> {
    operator::name(op).ok_or_else(|| PlannerError::not_built(format!("The operator {op:?} with ANY or ALL")))
}

/// TRUE as soon as the comparison holds for the smallest or the largest value (for ALL: FALSE as soon as it does not); for
/// no rows FALSE (TRUE); unknown when only a NULL stands in the way.
fn over_query(
    context: &Context<'_>,
    left: &ast::Expr,
    op: BinaryOp,
    quantifier: Quantifier,
    query: &ast::Query,
) -> Result<Expr> {
    let value = expression(context, left)?;
    let any = quantifier == Quantifier::Any;
    let extreme = match (op, any) {
        (BinaryOp::Gt | BinaryOp::GtEq, true) | (BinaryOp::Lt | BinaryOp::LtEq, false) => "MIN",
        (BinaryOp::Lt | BinaryOp::LtEq, true) | (BinaryOp::Gt | BinaryOp::GtEq, false) => "MAX",
        _ => return Err(PlannerError::not_built(format!("{op:?} {quantifier:?} (sub-query)"))),
    };
    let best = subquery::aggregated(context, query, extreme)?;
    let known = subquery::aggregated(context, query, "COUNT")?;
    let rows = subquery::row_count(context, query)?;
    let boolean = |value: bool| Expr::literal(Value::Boolean(value), LogicalType::Boolean.not_null());
    let unknown = || null_of(&LogicalType::Boolean.nullable());
    let zero = Expr::literal(Value::Integer(0), LogicalType::BigInt.not_null());
    let compared = apply(name(op)?, vec![value, best], false)?;
    let decided = if any { compared.clone() } else { apply("NOT", vec![compared.clone()], true)? };
    let branches = vec![
        (apply("=", vec![rows.clone(), zero], false)?, boolean(!any)),
        (apply("IS TRUE", vec![decided], false)?, boolean(any)),
        (apply("IS NULL", vec![compared], false)?, unknown()),
        (apply("<", vec![known, rows], false)?, unknown()),
    ];
    let kind = ExprKind::Case { branches, otherwise: Box::new(boolean(!any)) };
    Ok(Expr { kind, data_type: LogicalType::Boolean.nullable() })
}
