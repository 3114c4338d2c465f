//! IN and EXISTS as conditions: rows pass, or do not.

use nutkin_plan::Expr;
use nutkin_plan::operators::JoinKind;
use nutkin_types::LogicalType;

use super::{Kind, Subquery, call, marker};
use crate::analyze::query::decorrelate::{self, Pulled};
use crate::analyze::query::temporal_and as and;
use crate::error::Result;
use crate::relational::{Join, Rel, identity};

pub(super) fn semi_join(rel: Rel, subquery: &Subquery, negated: bool) -> Result<Rel> {
    let width = rel.schema.len();
    let kind = if negated { JoinKind::Anti } else { JoinKind::Semi };
    let Pulled { rel: inner, conditions, .. } = decorrelate::pull(subquery.rel.clone())?;
    let mut conditions: Vec<Expr> = conditions.into_iter().map(|c| decorrelate::joined(c, width)).collect();
    if let Kind::In(operands) = &subquery.kind {
        for (operand, column) in operands.iter().zip(identity(&inner.schema)) {
            conditions.push(equality(operand.clone(), decorrelate::joined(column, width), negated)?);
        }
    } else if conditions.is_empty() {
        let inner = any_row(inner);
        return Ok(Rel::join(Join::new(rel, inner, kind, None)));
    }
    Ok(Rel::join(Join::new(rel, inner, kind, and(conditions))))
}

/// `a = b`; of NOT IN also where that is unknown, for then the row may not pass.
pub(super) fn equality(a: Expr, b: Expr, negated: bool) -> Result<Expr> {
    let nulls: Vec<Expr> = [&a, &b].into_iter().filter(|expr| negated && expr.data_type.nullable).cloned().collect();
    let equal = call("=", vec![a, b])?;
    if nulls.is_empty() {
        return Ok(equal);
    }
    let tests = nulls.into_iter().map(|expr| call("IS NULL", vec![expr])).collect::<Result<Vec<_>>>()?;
    call("OR", std::iter::once(equal).chain(tests).collect())
}

/// One row where `rel` has any, else none: TRUE aggregated, as Flink does it.
fn any_row(rel: Rel) -> Rel {
    let marked = marker(rel, &[]);
    let condition = Expr::call("IS NOT NULL", identity(&marked.schema), LogicalType::Boolean.not_null());
    marked.filter(condition)
}
