//! `l [LEFT] JOIN t FOR SYSTEM_TIME AS OF l.proctime ON ...`: asks the table for a key when a row comes (decision 15).

use nutkin_plan::operators::{JoinKind, TemporalJoinKind};
use nutkin_plan::{Expr, ExprKind};
use nutkin_types::{Column, Schema};

use super::scan::substitute;
use super::temporal_and as and;
use super::temporal_join::Sides;
use crate::analyze::scope::Relation;
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{LookupJoin, Rel, RelOp, identity};

/// `conjuncts`: over left columns followed by right columns.
pub(super) fn lookup_join(
    left: Relation,
    right: Relation,
    kind: TemporalJoinKind,
    conjuncts: Vec<Expr>,
) -> Result<Relation> {
    let width = left.rel.schema.len();
    let RelOp::Calc(calc) = right.rel.op else { return Err(no_table()) };
    let RelOp::Scan(scan) = calc.input.op else { return Err(no_table()) };
    let outer = kind == TemporalJoinKind::Left;
    let is_bare = |expr: &Expr| matches!(expr.kind, ExprKind::Input(_));
    if outer && !calc.projection.iter().all(is_bare) {
        return Err(PlannerError::not_built("A LEFT JOIN by processing time with a table that has computed columns"));
    }
    // Conditions over what is stored, behind the left columns.
    let mut columns = identity(&left.rel.schema);
    columns.extend(calc.projection.iter().map(|expr| shifted(expr, width)));
    let stored = conjuncts.into_iter().map(|mut conjunct| {
        substitute(&mut conjunct, &columns);
        conjunct
    });
    let mut sides = Sides::split(stored.collect(), width);
    let mut keys = Vec::new();
    for (given, asked) in std::mem::take(&mut sides.pairs) {
        match asked.kind {
            ExprKind::Input(column) => keys.push((column, given)),
            _ => {
                let asked = shifted(&asked, width);
                let data_type = nutkin_types::LogicalType::Boolean.nullable();
                sides.rest.push(Expr::call("=", vec![given, asked], data_type));
            }
        }
    }
    if keys.is_empty() {
        let cause =
            format!("Temporal table join requires an equality condition on fields of table [{}].", scan.table.path);
        return Err(PlannerError::new(ErrorKind::Query, cause));
    }
    let found = calc.input.schema.columns.iter().map(|column| Column {
        data_type: column.data_type.with_nullable(column.data_type.nullable || outer),
        time_attribute: None,
        name: column.name.clone(),
    });
    let schema = Schema::new(left.rel.schema.columns.iter().cloned().chain(found));
    let mut projection = identity(&left.rel.schema);
    projection.extend(calc.projection.iter().map(|expr| {
        let mut expr = shifted(expr, width);
        expr.data_type.nullable |= outer;
        expr
    }));
    let mut scope = left.scope.join(right.scope);
    scope.columns.iter_mut().skip(width).for_each(|column| column.data_type.nullable |= outer);
    let names = scope.columns.iter().map(|column| column.name.clone()).collect();
    let operator = LookupJoin {
        input: Box::new(left.rel),
        table: scan.table,
        columns: scan.columns,
        kind: if outer { JoinKind::Left } else { JoinKind::Inner },
        keys,
        condition: and(sides.rest),
    };
    Ok(Relation { rel: Rel::new(operator, schema).project(projection, names), scope })
}

fn shifted(expr: &Expr, by: usize) -> Expr {
    let mut expr = expr.clone();
    expr.map_inputs(&|column| column + by);
    expr
}

fn no_table() -> PlannerError {
    PlannerError::new(ErrorKind::Query, "FOR SYSTEM_TIME AS OF processing time needs a table, not a query or a view")
}
