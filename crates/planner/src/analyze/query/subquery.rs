//! Sub-queries in expressions: IN, EXISTS, scalar ones and quantified comparisons (spec Q-13).
//!
//! While an expression is analysed a sub-query leaves a placeholder ([`SUBQUERY`]). Then the clause's owner joins the
//! sub-query's relation: a condition that is nothing but IN or EXISTS becomes a semi or anti join, any other use becomes a
//! left join with at most one row per outer row, whose columns the expression reads. Outer columns are taken out of the
//! sub-query on the way ([`decorrelate`]).

use std::cell::RefCell;

use nutkin_plan::operators::JoinKind;
use nutkin_plan::{AggregateCall, Expr, ExprKind};
use nutkin_sql::ast;
use nutkin_types::{Column, DataType, LogicalType, Schema, Value};

use super::decorrelate::{self, Pulled};
use super::temporal_and as and;
use crate::analyze::expression::{Context, implicit_cast, null_of, types};
use crate::analyze::places::{SUBQUERY, any_input, is_outer};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{Aggregate, Join, Rel, RelOp, identity};

mod count;
mod membership;

/// The sub-queries of a clause, in the order of their placeholders.
#[derive(Default)]
pub(crate) struct Subqueries {
    found: RefCell<Vec<Subquery>>,
}

#[derive(Clone)]
struct Subquery {
    rel: Rel,
    kind: Kind,
    data_type: DataType,
}

#[derive(Clone)]
enum Kind {
    Exists,
    /// The operands equal the columns of a row.
    In(Vec<Expr>),
    Scalar,
}

impl Subqueries {
    pub fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    fn add(&self, subquery: Subquery) -> Expr {
        let mut found = self.found.borrow_mut();
        let data_type = subquery.data_type.clone();
        found.push(subquery);
        Expr::input(SUBQUERY + found.len() - 1, data_type)
    }

    /// `rel` filtered by `condition`.
    pub fn filter(self, mut rel: Rel, condition: Expr) -> Result<Rel> {
        let subqueries = self.found.into_inner();
        let width = rel.schema.len();
        let mut rest = Vec::new();
        for conjunct in super::split_and(condition) {
            if let Some(subquery) = count::of_any(&conjunct, &subqueries) {
                rel = semi_join(rel, &subquery, false)?;
                continue;
            }
            match alone(&conjunct, &subqueries) {
                Some((subquery, negated)) => rel = passing(rel, &subqueries, subquery, negated)?,
                None => rest.push(conjunct),
            }
        }
        let Some(mut rest) = and(rest) else { return Ok(rel) };
        let (joined, values) =
            attach(rel, &subqueries, |number| any_input(&rest, |column| column == SUBQUERY + number))?;
        crate::analyze::places::fill(&mut rest, SUBQUERY, &values);
        let filtered = joined.filter(rest);
        Ok(narrowed(filtered, width))
    }

    /// `rel` with the columns that `exprs` need; their placeholders are replaced.
    pub fn join<'e>(self, rel: Rel, exprs: impl IntoIterator<Item = &'e mut Expr>) -> Result<Rel> {
        let subqueries = self.found.into_inner();
        if subqueries.is_empty() {
            return Ok(rel);
        }
        let (rel, values) = attach(rel, &subqueries, |_| true)?;
        exprs.into_iter().for_each(|expr| crate::analyze::places::fill(expr, SUBQUERY, &values));
        Ok(rel)
    }
}

/// The first `width` columns.
fn narrowed(rel: Rel, width: usize) -> Rel {
    if rel.schema.len() == width {
        return rel;
    }
    let names = rel.schema.columns.iter().take(width).map(|column| column.name.clone()).collect();
    let projection = identity(&rel.schema).into_iter().take(width).collect();
    rel.project(projection, names)
}

/// The sub-query that is the whole condition, and whether it is negated.
fn alone<'s>(conjunct: &Expr, subqueries: &'s [Subquery]) -> Option<(&'s Subquery, bool)> {
    match &conjunct.kind {
        ExprKind::Input(column) => {
            let subquery = subqueries.get(column.checked_sub(SUBQUERY)?)?;
            let joins = match &subquery.kind {
                Kind::Exists => true,
                Kind::In(_) => true,
                Kind::Scalar => false,
            };
            joins.then_some((subquery, false))
        }
        ExprKind::Call { function, args } if function == "NOT" => {
            alone(args.first()?, subqueries).map(|(subquery, negated)| (subquery, !negated))
        }
        _ => None,
    }
}

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
    let rel = Rel::new(
        Aggregate { input: Box::new(rel), grouping: Vec::new(), calls: vec![call], state_ttl: None, at_end: false },
        schema,
    );
    collector(context)?
        .map(|all| all.add(Subquery { rel, kind: Kind::Scalar, data_type: data_type.with_nullable(true) }))
}

/// The number of rows of the query, as a scalar sub-query.
pub(crate) fn row_count(context: &Context<'_>, written: &ast::Query) -> Result<Expr> {
    let rel = nested(context, written)?;
    let data_type = LogicalType::BigInt.not_null();
    let schema = Schema::new([Column::new("EXPR$0", data_type.clone())]);
    let calls = vec![one_call("COUNT", Vec::new(), data_type.clone())];
    let rel = Rel::new(
        Aggregate { input: Box::new(rel), grouping: Vec::new(), calls, state_ttl: None, at_end: false },
        schema,
    );
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
    let mut rel = super::nested(&inner, written)?.rel;
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

/// A global aggregation always has exactly one row.
fn gives_one_row(rel: &Rel) -> bool {
    match &rel.op {
        RelOp::Aggregate(aggregate) => aggregate.grouping.is_empty(),
        RelOp::Calc(calc) => calc.condition.is_none() && gives_one_row(&calc.input),
        _ => false,
    }
}

/// The rows that the condition lets through. Operands that are sub-queries themselves are joined first.
fn passing(rel: Rel, subqueries: &[Subquery], subquery: &Subquery, negated: bool) -> Result<Rel> {
    let Kind::In(operands) = &subquery.kind else { return semi_join(rel, subquery, negated) };
    let reads = |number: usize| operands.iter().any(|operand| any_input(operand, |c| c == SUBQUERY + number));
    if !(0..subqueries.len()).any(reads) {
        return semi_join(rel, subquery, negated);
    }
    let width = rel.schema.len();
    let (joined, values) = attach(rel, subqueries, reads)?;
    let mut operands = operands.clone();
    operands.iter_mut().for_each(|operand| crate::analyze::places::fill(operand, SUBQUERY, &values));
    let subquery = Subquery { kind: Kind::In(operands), ..subquery.clone() };
    Ok(narrowed(semi_join(joined, &subquery, negated)?, width))
}

fn semi_join(rel: Rel, subquery: &Subquery, negated: bool) -> Result<Rel> {
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
fn equality(a: Expr, b: Expr, negated: bool) -> Result<Expr> {
    let nulls: Vec<Expr> = [&a, &b].into_iter().filter(|expr| negated && expr.data_type.nullable).cloned().collect();
    let equal = call("=", vec![a, b])?;
    if nulls.is_empty() {
        return Ok(equal);
    }
    let tests = nulls.into_iter().map(|expr| call("IS NULL", vec![expr])).collect::<Result<Vec<_>>>()?;
    call("OR", std::iter::once(equal).chain(tests).collect())
}

fn call(name: &str, args: Vec<Expr>) -> Result<Expr> {
    nutkin_functions::resolve::call(name, args).map_err(|error| PlannerError::new(ErrorKind::Type, error.to_string()))
}

fn one_call(function: &str, args: Vec<usize>, data_type: DataType) -> AggregateCall {
    AggregateCall {
        name: "EXPR$0".to_owned(),
        function: function.to_owned(),
        args,
        literals: Vec::new(),
        distinct: false,
        filter: None,
        data_type,
    }
}

/// One row where `rel` has any, else none: TRUE aggregated, as Flink does it.
fn any_row(rel: Rel) -> Rel {
    let marked = marker(rel, &[]);
    let condition = Expr::call("IS NOT NULL", identity(&marked.schema), LogicalType::Boolean.not_null());
    marked.filter(condition)
}

/// Per group of `columns` one row: the columns, and TRUE. Without columns one row, NULL when there is none.
fn marker(rel: Rel, columns: &[usize]) -> Rel {
    let all = identity(&rel.schema);
    let mut projection: Vec<Expr> = columns.iter().filter_map(|&column| all.get(column).cloned()).collect();
    let mut names: Vec<String> = columns.iter().map(|&column| rel.schema.columns[column].name.clone()).collect();
    projection.push(Expr::literal(Value::Boolean(true), LogicalType::Boolean.not_null()));
    names.push("i".to_owned());
    let input = rel.project(projection, names);
    let data_type = LogicalType::Boolean.nullable();
    let groups = columns.len();
    let keys = input.schema.columns.iter().take(groups).map(|c| Column::new(c.name.clone(), c.data_type.clone()));
    let schema = Schema::new(keys.chain([Column::new("i", data_type.clone())]));
    let calls = vec![one_call("MIN", vec![groups], data_type)];
    Rel::new(
        Aggregate { input: Box::new(input), grouping: (0..groups).collect(), calls, state_ttl: None, at_end: false },
        schema,
    )
}

/// `rel` with the columns that the wanted sub-queries give, and the value of each sub-query.
fn attach(mut rel: Rel, subqueries: &[Subquery], wanted: impl Fn(usize) -> bool) -> Result<(Rel, Vec<Expr>)> {
    let mut values = Vec::with_capacity(subqueries.len());
    for (number, subquery) in subqueries.iter().enumerate() {
        if !wanted(number) && !read_by_operands(subqueries, number, &wanted) {
            values.push(null_of(&subquery.data_type));
            continue;
        }
        let (joined, value) = match &subquery.kind {
            Kind::Scalar => value(rel, subquery)?,
            Kind::Exists => existence(rel, subquery)?,
            Kind::In(operands) => {
                let mut operands = operands.clone();
                operands.iter_mut().for_each(|operand| crate::analyze::places::fill(operand, SUBQUERY, &values));
                membership::membership(rel, subquery, &operands)?
            }
        };
        rel = joined;
        values.push(value);
    }
    Ok((rel, values))
}

/// True when an operand of another sub-query that is wanted reads the value of this one.
fn read_by_operands(subqueries: &[Subquery], number: usize, wanted: &impl Fn(usize) -> bool) -> bool {
    subqueries.iter().enumerate().skip(number + 1).any(|(reader, other)| match &other.kind {
        Kind::In(operands) => {
            let reads = operands.iter().any(|operand| any_input(operand, |column| column == SUBQUERY + number));
            reads && (wanted(reader) || read_by_operands(subqueries, reader, wanted))
        }
        _ => false,
    })
}

fn left_join(rel: Rel, inner: Rel, conditions: Vec<Expr>) -> Rel {
    Rel::join(Join::new(rel, inner, JoinKind::Left, and(conditions)))
}

/// A scalar sub-query: a row or NULL. More rows are an error when the statement runs.
fn value(rel: Rel, subquery: &Subquery) -> Result<(Rel, Expr)> {
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
    let aggregate = Rel::new(
        Aggregate { input: Box::new(input), grouping: (0..groups).collect(), calls, state_ttl: None, at_end: false },
        schema,
    );
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

fn only_equalities(conditions: &[Expr]) -> Result<()> {
    let is_equality = |c: &Expr| matches!(&c.kind, ExprKind::Call { function, .. } if function == "=" || function == "IS NOT DISTINCT FROM");
    if conditions.iter().all(is_equality) {
        return Ok(());
    }
    Err(PlannerError::not_built(
        "A correlated sub-query with a condition other than equality, outside of a conjunction of WHERE",
    ))
}

/// EXISTS as a value: whether a marked row was found.
fn existence(rel: Rel, subquery: &Subquery) -> Result<(Rel, Expr)> {
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
