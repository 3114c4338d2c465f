//! Scalar sub-queries: a column of at most one row per outer row.

use nutkin_plan::{Expr, ExprKind};
use nutkin_types::{Column, LogicalType, Schema, Value};

use super::{Subquery, gives_one_row, left_join, one_call};
use crate::analyze::expression::null_of;
use crate::analyze::places::is_outer;
use crate::analyze::query::decorrelate::{self, Pulled};
use crate::error::Result;
use crate::relational::{Aggregate, Rel, identity};

/// A scalar sub-query: a row or NULL. More rows are an error when the statement runs.
pub(super) fn value(rel: Rel, subquery: &Subquery) -> Result<(Rel, Expr)> {
    let width = rel.schema.len();
    let Pulled { rel: inner, conditions, default, single } = decorrelate::pull(subquery.rel.clone())?;
    let single = single || (conditions.is_empty() && gives_one_row(&inner));
    let (inner, conditions) = if single { (inner, conditions) } else { grouped(inner, conditions, "SINGLE_VALUE")? };
    let marker = inner.schema.len();
    let mut inner = inner;
    if default.is_some() {
        // Tells no row from a row of NULLs.
        let mut projection = identity(&inner.schema);
        projection.push(Expr::literal(Value::Boolean(true), LogicalType::Boolean.not_null()));
        let names = inner.schema.columns.iter().map(|c| c.name.clone()).chain(["i".to_owned()]).collect();
        inner = inner.project(projection, names);
    }
    let conditions = conditions.into_iter().map(|c| decorrelate::joined(c, width)).collect();
    let joined = left_join(rel, inner, conditions);
    let columns = identity(&joined.schema);
    let found = columns.get(width).cloned().unwrap_or_else(|| null_of(&subquery.data_type));
    let Some(default) = default else { return Ok((joined, found)) };
    let there = columns.get(width + marker).cloned().unwrap_or_else(|| null_of(&LogicalType::Boolean.nullable()));
    let test = Expr::call("IS NULL", vec![there], LogicalType::Boolean.not_null());
    let data_type = found.data_type.clone();
    let kind = ExprKind::Case { branches: vec![(test, default)], otherwise: Box::new(found) };
    Ok((joined, Expr { kind, data_type }))
}

/// The first column aggregated per group of what the conditions compare.
fn grouped(inner: Rel, conditions: Vec<Expr>, function: &str) -> Result<(Rel, Vec<Expr>)> {
    let mut columns: Vec<usize> = conditions.iter().flat_map(Expr::inputs).filter(|&c| !is_outer(c)).collect();
    columns.sort_unstable();
    columns.dedup();
    let all = identity(&inner.schema);
    let value_type =
        inner.schema.columns.first().map_or_else(|| LogicalType::Null.nullable(), |c| c.data_type.with_nullable(true));
    let mut projection: Vec<Expr> = columns.iter().filter_map(|&column| all.get(column).cloned()).collect();
    let groups = projection.len();
    projection.extend(all.first().cloned());
    let names: Vec<String> = (0..projection.len()).map(|i| format!("$f{i}")).collect();
    let input = inner.project(projection, names);
    let keys = input.schema.columns.iter().take(groups).map(|c| Column::new(c.name.clone(), c.data_type.clone()));
    let schema = Schema::new(keys.chain([Column::new("EXPR$0", value_type.clone())]));
    let calls = vec![one_call(function, vec![groups], value_type)];
    let aggregate = Rel::new(Aggregate::new(input, (0..groups).collect(), calls), schema);
    // The value first, then the groups.
    let all = identity(&aggregate.schema);
    let order: Vec<usize> = std::iter::once(groups).chain(0..groups).collect();
    let projection = order.iter().map(|&i| all[i].clone()).collect();
    let names = order.iter().map(|&i| aggregate.schema.columns[i].name.clone()).collect();
    let place = |column: usize| columns.iter().position(|&c| c == column).map_or(column, |i| i + 1);
    let mut conditions = conditions;
    conditions.iter_mut().for_each(|c| c.map_inputs(&|column| if is_outer(column) { column } else { place(column) }));
    Ok((aggregate.project(projection, names), conditions))
}
