//! Two projections in a row become one; projections that do nothing go away.

use nutkin_plan::{Expr, ExprKind};

use super::bottom_up;
use super::determinism::{is_cheap, is_movable};
use crate::analyze::query::scan::substitute;
use crate::analyze::query::temporal_and as and;
use crate::relational::{Calc, Rel, RelOp};

pub(super) fn merge_calcs(rel: Rel) -> Rel {
    bottom_up(rel, &|rel| without_identity(merge(rel)))
}

fn merge(rel: Rel) -> Rel {
    let Rel { op: RelOp::Calc(outer), schema } = rel else { return rel };
    let Calc { input, projection, condition } = outer;
    let input = *input;
    let Rel { op: RelOp::Calc(inner), schema: inner_schema } = input else {
        return Rel::new(Calc { input: Box::new(input), projection, condition }, schema);
    };
    if !can_merge(&inner, &projection, condition.as_ref()) {
        let input = Box::new(Rel::new(inner, inner_schema));
        return Rel::new(Calc { input, projection, condition }, schema);
    }
    let through = |mut expr: Expr| {
        substitute(&mut expr, &inner.projection);
        expr
    };
    let projection = projection.into_iter().map(through).collect();
    let condition = and(inner.condition.into_iter().chain(condition.map(through)).collect());
    Rel::new(Calc { input: inner.input, projection, condition }, schema)
}

/// Merging must compute nothing twice that costs anything, and nothing another number of times that can be seen.
fn can_merge(inner: &Calc, projection: &[Expr], condition: Option<&Expr>) -> bool {
    let mut uses = vec![0usize; inner.projection.len()];
    for expr in projection.iter().chain(condition) {
        expr.walk(&mut |part| {
            if let ExprKind::Input(index) = part.kind
                && let Some(count) = uses.get_mut(index)
            {
                *count += 1;
            }
        });
    }
    inner.projection.iter().zip(uses).all(|(expr, uses)| is_cheap(expr) || (uses <= 1 && is_movable(expr)))
}

/// A projection that only passes its input on. Above a scan it stays: Flink's plans have one there, and the names of a
/// scan's columns mean something.
fn without_identity(rel: Rel) -> Rel {
    match rel {
        Rel { op: RelOp::Calc(calc), schema }
            if calc.is_identity() && !matches!(calc.input.op, RelOp::Scan(_)) && same_types(&calc, &schema) =>
        {
            Rel { op: calc.input.op, schema }
        }
        other => other,
    }
}

fn same_types(calc: &Calc, schema: &nutkin_types::Schema) -> bool {
    let pairs = calc.input.schema.columns.iter().zip(schema.columns.iter());
    pairs.into_iter().all(|(inner, outer)| inner.data_type == outer.data_type)
}
