//! Sub-queries as they are written, into the collector of their clause.

use nutkin_plan::{Expr, ExprKind};
use nutkin_sql::ast;
use nutkin_types::{Column, DataType, LogicalType, Schema, Value};

use super::{Kind, Subqueries, Subquery, gives_one_row, one_call};
use crate::analyze::expression::{Context, implicit_cast, types};
use crate::analyze::query::{self, decorrelate};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{Aggregate, Rel, RelOp, identity};

/// `EXISTS (query)`
pub(crate) fn exists(context: &Context<'_>, written: &ast::Query) -> Result<Expr> {
    let rel = without_limit(nested(context, written)?);
    if gives_one_row(&rel) {
        return Ok(Expr::literal(Value::Boolean(true), LogicalType::Boolean.not_null()));
    }
    collector(context)?
        .map(|all| all.add(Subquery { rel, kind: Kind::Exists, data_type: LogicalType::Boolean.not_null() }))
}

/// `operand [NOT] IN (query)`
pub(crate) fn in_query(context: &Context<'_>, operand: &ast::Expr, written: &ast::Query) -> Result<Expr> {
    let mut rel = nested(context, written)?;
    let operands: Vec<Expr> = match &operand.kind {
        ast::ExprKind::Row { fields, .. } => {
            fields.iter().map(|field| crate::analyze::expression::expression(context, field)).collect::<Result<_>>()?
        }
        _ => vec![crate::analyze::expression::expression(context, operand)?],
    };
    if operands.len() != rel.schema.len() {
        let cause = format!(
            "Values passed to IN operator must have compatible types: {} and {} columns",
            operands.len(),
            rel.schema.len()
        );
        return Err(PlannerError::new(ErrorKind::Type, cause));
    }
    let mut nullable = false;
    let mut casts = Vec::with_capacity(operands.len());
    let mut compared = Vec::with_capacity(operands.len());
    for (operand, column) in operands.into_iter().zip(identity(&rel.schema)) {
        let common = types::union_type(&operand.data_type, &column.data_type).ok_or_else(|| {
            let cause = format!(
                "Values passed to IN operator must have compatible types: {} and {}",
                operand.data_type, column.data_type
            );
            PlannerError::new(ErrorKind::Type, cause)
        })?;
        nullable |= operand.data_type.nullable || column.data_type.nullable;
        compared.push(implicit_cast(operand, &common));
        casts.push(implicit_cast(column, &common));
    }
    if casts.iter().any(|expr| !matches!(expr.kind, ExprKind::Input(_))) {
        let names = rel.schema.columns.iter().map(|column| column.name.clone()).collect();
        rel = rel.project(casts, names);
    }
    let data_type = DataType::new(LogicalType::Boolean, nullable);
    collector(context)?.map(|all| all.add(Subquery { rel, kind: Kind::In(compared), data_type }))
}

/// `(query)` as a value.
pub(crate) fn scalar(context: &Context<'_>, written: &ast::Query) -> Result<Expr> {
    let rel = nested(context, written)?;
    let [column] = rel.schema.columns.as_ref() else {
        let cause = format!("Scalar sub-query must have one column, but has {}", rel.schema.len());
        return Err(PlannerError::new(ErrorKind::Query, cause));
    };
    let data_type = column.data_type.with_nullable(true);
    collector(context)?.map(|all| all.add(Subquery { rel, kind: Kind::Scalar, data_type }))
}

/// `MIN(column)` or the like over all rows of the query, as a scalar sub-query.
pub(crate) fn aggregated(context: &Context<'_>, written: &ast::Query, function: &str) -> Result<Expr> {
    let rel = nested(context, written)?;
    let Some(column) = rel.schema.columns.first().cloned() else {
        return Err(PlannerError::new(ErrorKind::Query, "A quantified comparison needs a query with one column"));
    };
    let data_type = match function {
        "COUNT" => LogicalType::BigInt.not_null(),
        _ => column.data_type.with_nullable(true),
    };
    let call = one_call(function, vec![0], data_type.clone());
    let schema = Schema::new([Column::new("EXPR$0", data_type.clone())]);
    let rel = Rel::new(Aggregate::new(rel, Vec::new(), vec![call]), schema);
    collector(context)?
        .map(|all| all.add(Subquery { rel, kind: Kind::Scalar, data_type: data_type.with_nullable(true) }))
}

/// The number of rows of the query, as a scalar sub-query.
pub(crate) fn row_count(context: &Context<'_>, written: &ast::Query) -> Result<Expr> {
    let rel = nested(context, written)?;
    let data_type = LogicalType::BigInt.not_null();
    let schema = Schema::new([Column::new("EXPR$0", data_type.clone())]);
    let calls = vec![one_call("COUNT", Vec::new(), data_type.clone())];
    let rel = Rel::new(Aggregate::new(rel, Vec::new(), calls), schema);
    collector(context)?
        .map(|all| all.add(Subquery { rel, kind: Kind::Scalar, data_type: data_type.with_nullable(true) }))
}

/// A result that knows the collector, for the calls above.
struct Collector<'a>(&'a Subqueries);

impl Collector<'_> {
    fn map(self, add: impl FnOnce(&Subqueries) -> Expr) -> Result<Expr> {
        Ok(add(self.0))
    }
}

fn collector<'a>(context: &Context<'a>) -> Result<Collector<'a>> {
    let missing = || PlannerError::not_built(format!("A sub-query in {}", context.clause));
    context.subqueries.map(Collector).ok_or_else(missing)
}

/// The sub-query's relation, which may read columns of the query around it.
fn nested(context: &Context<'_>, written: &ast::Query) -> Result<Rel> {
    let mut inner = context.analyzer.clone();
    inner.outer.push(context.scope.clone());
    let mut rel = query::nested(&inner, written)?.rel;
    if let Some(grouping) = context.grouping {
        decorrelate::map_outer(&mut rel, &|column| grouping.place(column))?;
    }
    Ok(rel)
}

/// EXISTS asks for any row: how many there are beyond the first does not matter.
fn without_limit(rel: Rel) -> Rel {
    match rel.op {
        RelOp::Limit(limit) if limit.fetch > 0 && limit.offset == 0 => *limit.input,
        RelOp::Sort(sort) if sort.limit.is_none_or(|(offset, fetch)| offset == 0 && fetch > 0) => *sort.input,
        op => Rel { op, schema: rel.schema },
    }
}
