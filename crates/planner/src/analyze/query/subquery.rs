//! Sub-queries in expressions: IN, EXISTS, scalar ones and quantified comparisons (spec Q-13).
//!
//! While an expression is analysed a sub-query leaves a placeholder ([`SUBQUERY`]). Then the clause's owner joins the
//! sub-query's relation: a condition that is nothing but IN or EXISTS becomes a semi or anti join, any other use becomes a
//! left join with at most one row per outer row, whose columns the expression reads. Outer columns are taken out of the
//! sub-query on the way ([`decorrelate`]).

use std::cell::RefCell;

use nutkin_plan::operators::JoinKind;
use nutkin_plan::{AggregateCall, Expr, ExprKind};
use nutkin_types::{Column, DataType, LogicalType, Schema, Value};

use super::temporal_and as and;
use crate::analyze::expression::null_of;
use crate::analyze::places::{SUBQUERY, any_input};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{Aggregate, Join, Rel, RelOp, identity};

mod count;
mod existence;
mod membership;
mod semi_join;
mod value;
mod written;

use existence::existence;
use semi_join::semi_join;
use value::value;
pub(crate) use written::{aggregated, exists, in_query, row_count, scalar};

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
    Rel::new(Aggregate::new(input, (0..groups).collect(), calls), schema)
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
