//! IN (sub-query) where its value is asked for, not only whether a row passes.

use nutkin_plan::operators::JoinKind;
use nutkin_plan::{Expr, ExprKind};
use nutkin_types::{Column, LogicalType, Schema, Value};

use super::super::decorrelate::{self, Pulled};
use super::existence::only_equalities;
use super::semi_join::equality;
use super::{Subquery, call, left_join, marker, one_call};
use crate::analyze::expression::null_of;
use crate::analyze::places::is_outer;
use crate::error::Result;
use crate::relational::{Aggregate, Join, Rel, identity};

/// IN as a value: TRUE when an equal row was found, unknown when only a NULL stands in the way.
pub(super) fn membership(rel: Rel, subquery: &Subquery, operands: &[Expr]) -> Result<(Rel, Expr)> {
    let Pulled { rel: inner, conditions, .. } = decorrelate::pull(subquery.rel.clone())?;
    let is_correlated = !conditions.is_empty();
    let (rel, counts) = match (subquery.data_type.nullable, is_correlated) {
        (false, _) => (rel, Vec::new()),
        (true, false) => counted(rel, inner.clone(), operands.len())?,
        (true, true) => counted_by_group(rel, inner.clone(), operands.len(), &conditions)?,
    };
    let width = rel.schema.len();
    let mut columns: Vec<usize> =
        (0..operands.len()).chain(conditions.iter().flat_map(Expr::inputs).filter(|&c| !is_outer(c))).collect();
    columns.sort_unstable();
    columns.dedup();
    let marked = marker(inner, &columns);
    let mut on: Vec<Expr> =
        conditions.into_iter().map(|c| decorrelate::joined(at_places(c, &columns), width)).collect();
    for (operand, column) in operands.iter().zip(identity(&marked.schema)) {
        on.push(equality(operand.clone(), decorrelate::joined(column, width), false)?);
    }
    let joined = left_join(rel, marked, on);
    let found = identity(&joined.schema).pop().unwrap_or_else(|| null_of(&LogicalType::Boolean.nullable()));
    let boolean = |value: bool| Expr::literal(Value::Boolean(value), LogicalType::Boolean.not_null());
    let mut branches = vec![(call("IS NOT NULL", vec![found])?, boolean(true))];
    if let [rows, known] = counts.as_slice() {
        let none = match is_correlated {
            // A value without a group has no rows.
            true => call("IS NULL", vec![rows.clone()])?,
            false => {
                let zero = Expr::literal(Value::Integer(0), LogicalType::BigInt.not_null());
                call("=", vec![rows.clone(), zero])?
            }
        };
        branches.insert(0, (none, boolean(false)));
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
    let aggregate = Rel::new(Aggregate::new(inner, Vec::new(), calls), schema);
    let joined = Rel::join(Join::new(rel, aggregate, JoinKind::Inner, None));
    let counts = identity(&joined.schema).into_iter().skip(width).collect();
    Ok((joined, counts))
}

/// The condition over relations that have only `columns` of the inner one.
fn at_places(mut condition: Expr, columns: &[usize]) -> Expr {
    let place = |column: usize| columns.iter().position(|&other| other == column).unwrap_or(column);
    condition.map_inputs(&|column| if is_outer(column) { column } else { place(column) });
    condition
}

/// As [`counted`], of the rows that meet the conditions; NULL where there are none.
fn counted_by_group(rel: Rel, inner: Rel, operands: usize, conditions: &[Expr]) -> Result<(Rel, Vec<Expr>)> {
    only_equalities(conditions)?;
    let mut columns: Vec<usize> = conditions.iter().flat_map(Expr::inputs).filter(|&c| !is_outer(c)).collect();
    columns.sort_unstable();
    columns.dedup();
    let (groups, width) = (columns.len(), rel.schema.len());
    let all = identity(&inner.schema);
    let projection: Vec<Expr> = columns.iter().copied().chain(0..operands).map(|column| all[column].clone()).collect();
    let names = (0..projection.len()).map(|i| format!("$f{i}")).collect();
    let input = inner.project(projection, names);
    let count = LogicalType::BigInt.not_null();
    let keys = input.schema.columns.iter().take(groups).map(|c| Column::new(c.name.clone(), c.data_type.clone()));
    let schema = Schema::new(keys.chain([Column::new("c", count.clone()), Column::new("ck", count.clone())]));
    let known = (groups..groups + operands).collect();
    let calls = vec![one_call("COUNT", Vec::new(), count.clone()), one_call("COUNT", known, count)];
    let aggregate = Rel::new(Aggregate::new(input, (0..groups).collect(), calls), schema);
    let on = conditions.iter().map(|c| decorrelate::joined(at_places(c.clone(), &columns), width)).collect();
    let joined = left_join(rel, aggregate, on);
    let counts = identity(&joined.schema).into_iter().skip(width + groups).collect();
    Ok((joined, counts))
}
