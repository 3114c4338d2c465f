//! EXISTS as a value.

use nutkin_plan::{Expr, ExprKind};
use nutkin_types::LogicalType;

use super::{Subquery, left_join, marker};
use crate::analyze::expression::null_of;
use crate::analyze::places::is_outer;
use crate::analyze::query::decorrelate::{self, Pulled};
use crate::error::{PlannerError, Result};
use crate::relational::{Rel, identity};

pub(super) fn only_equalities(conditions: &[Expr]) -> Result<()> {
    let is_equality = |c: &Expr| matches!(&c.kind, ExprKind::Call { function, .. } if function == "=" || function == "IS NOT DISTINCT FROM");
    if conditions.iter().all(is_equality) {
        return Ok(());
    }
    Err(PlannerError::not_built(
        "A correlated sub-query with a condition other than equality, outside of a conjunction of WHERE",
    ))
}

/// EXISTS as a value: whether a marked row was found.
pub(super) fn existence(rel: Rel, subquery: &Subquery) -> Result<(Rel, Expr)> {
    let width = rel.schema.len();
    let Pulled { rel: inner, mut conditions, .. } = decorrelate::pull(subquery.rel.clone())?;
    only_equalities(&conditions)?;
    let mut columns: Vec<usize> = conditions.iter().flat_map(Expr::inputs).filter(|&c| !is_outer(c)).collect();
    columns.sort_unstable();
    columns.dedup();
    let inner = marker(inner, &columns);
    let place = |column: usize| columns.iter().position(|&c| c == column).unwrap_or(column);
    conditions.iter_mut().for_each(|c| c.map_inputs(&|column| if is_outer(column) { column } else { place(column) }));
    let found = width + columns.len();
    let joined = left_join(rel, inner, conditions.into_iter().map(|c| decorrelate::joined(c, width)).collect());
    let marker =
        identity(&joined.schema).into_iter().nth(found).unwrap_or_else(|| null_of(&LogicalType::Boolean.nullable()));
    Ok((joined, Expr::call("IS NOT NULL", vec![marker], LogicalType::Boolean.not_null())))
}
