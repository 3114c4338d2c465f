//! IN (sub-query) where its value is asked for, not only whether a row passes.

use nutkin_plan::operators::JoinKind;
use nutkin_plan::{Expr, ExprKind};
use nutkin_types::{Column, LogicalType, Schema, Value};

use super::super::decorrelate::{self, Pulled};
use super::{Subquery, call, equality, left_join, marker, one_call};
use crate::analyze::expression::null_of;
use crate::analyze::places::is_outer;
use crate::error::{PlannerError, Result};
use crate::relational::{Aggregate, Join, Rel, identity};

/// IN as a value: TRUE when an equal row was found, unknown when only a NULL stands in the way.
pub(super) fn membership(rel: Rel, subquery: &Subquery, operands: &[Expr]) -> Result<(Rel, Expr)> {
    let Pulled { rel: inner, conditions, .. } = decorrelate::pull(subquery.rel.clone())?;
    if !conditions.is_empty() && subquery.data_type.nullable {
        return Err(PlannerError::not_built(
            "A correlated IN (sub-query) over values that may be NULL, outside of a conjunction of WHERE",
        ));
    }
    let (rel, counts) =
        if subquery.data_type.nullable { counted(rel, inner.clone(), operands.len())? } else { (rel, Vec::new()) };
    let width = rel.schema.len();
    let mut columns: Vec<usize> =
        (0..operands.len()).chain(conditions.iter().flat_map(Expr::inputs).filter(|&c| !is_outer(c))).collect();
    columns.sort_unstable();
    columns.dedup();
    let marked = marker(inner, &columns);
    let mut on: Vec<Expr> = conditions.into_iter().map(|c| decorrelate::joined(c, width)).collect();
    for (operand, column) in operands.iter().zip(identity(&marked.schema)) {
        on.push(equality(operand.clone(), decorrelate::joined(column, width), false)?);
    }
    let joined = left_join(rel, marked, on);
    let found = identity(&joined.schema).pop().unwrap_or_else(|| null_of(&LogicalType::Boolean.nullable()));
    let boolean = |value: bool| Expr::literal(Value::Boolean(value), LogicalType::Boolean.not_null());
    let mut branches = vec![(call("IS NOT NULL", vec![found])?, boolean(true))];
    if let [rows, known] = counts.as_slice() {
        let zero = Expr::literal(Value::Integer(0), LogicalType::BigInt.not_null());
        branches.insert(0, (call("=", vec![rows.clone(), zero])?, boolean(false)));
        let unknown = null_of(&LogicalType::Boolean.nullable());
        for operand in operands.iter().filter(|operand| operand.data_type.nullable) {
            branches.push((call("IS NULL", vec![operand.clone()])?, unknown.clone()));
        }
        branches.push((call("<", vec![known.clone(), rows.clone()])?, unknown));
    }
    let kind = ExprKind::Case { branches, otherwise: Box::new(boolean(false)) };
    Ok((joined, Expr { kind, data_type: subquery.data_type.clone() }))
}

/// `rel` with the number of rows and of rows without NULL.
fn counted(rel: Rel, inner: Rel, operands: usize) -> Result<(Rel, Vec<Expr>)> {
    let width = rel.schema.len();
    let count = LogicalType::BigInt.not_null();
    let schema = Schema::new([Column::new("c", count.clone()), Column::new("ck", count.clone())]);
    let calls = vec![one_call("COUNT", Vec::new(), count.clone()), one_call("COUNT", (0..operands).collect(), count)];
    let aggregate =
        Rel::new(Aggregate { input: Box::new(inner), grouping: Vec::new(), calls, state_ttl: None }, schema);
    let joined = Rel::join(Join::new(rel, aggregate, JoinKind::Inner, None));
    let counts = identity(&joined.schema).into_iter().skip(width).collect();
    Ok((joined, counts))
}
