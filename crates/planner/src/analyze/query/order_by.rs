//! ORDER BY and LIMIT (spec Q-14, decision 21).
//!
//! A stream can be sorted by its time only, or when a LIMIT says how many rows are to be kept; a query that ends can be
//! sorted by anything.

use nutkin_plan::operators::SortKey;
use nutkin_sql::ast::{ExprKind as Ast, Literal, NullsOrder, OrderItem};

use crate::analyze::Analyzer;
use crate::analyze::expression::{Context, expression};
use crate::analyze::scope::{Relation, Scope};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{Limit, Rel, Sort, identity};

/// A relation, and the order over its columns; columns beyond the scope's are there for the order only.
pub(super) type Sorted = (Relation, Vec<SortKey>);

/// The order by output columns, as set operations and VALUES have it.
pub(super) fn of_output(analyzer: &Analyzer<'_>, items: &[OrderItem], relation: Relation) -> Result<Sorted> {
    let mut columns = identity(&relation.rel.schema);
    let mut order = Vec::with_capacity(items.len());
    for item in items {
        let value = match ordinal(item, relation.scope.columns.len())? {
            Some(place) => relation.scope.input(place),
            None => expression(&Context::new(analyzer, &relation.scope, "ORDER BY"), &item.expr)?,
        };
        let place = columns.iter().position(|known| *known == value).unwrap_or_else(|| {
            columns.push(value);
            columns.len() - 1
        });
        order.push(key(item, place));
    }
    let Relation { rel, scope } = relation;
    let rel = with_columns(rel, columns);
    Ok((Relation { rel, scope }, order))
}

fn with_columns(rel: Rel, columns: Vec<nutkin_plan::Expr>) -> Rel {
    if columns.len() == rel.schema.len() {
        return rel;
    }
    let names = rel.schema.columns.iter().map(|column| column.name.clone());
    let added = (rel.schema.len()..columns.len()).map(|i| format!("$o{i}"));
    let names = names.chain(added).collect();
    rel.project(columns, names)
}

/// The column that a number in ORDER BY means.
pub(super) fn ordinal(item: &OrderItem, width: usize) -> Result<Option<usize>> {
    let Ast::Literal(Literal::Number(number)) = &item.expr.kind else { return Ok(None) };
    let found = number.text.parse::<usize>().ok().filter(|place| (1..=width).contains(place));
    found
        .map(|place| Some(place - 1))
        .ok_or_else(|| PlannerError::new(ErrorKind::Query, "Ordinal out of range").at(item.expr.span))
}

/// NULL is the smallest value unless the order says where it goes.
pub(crate) fn key(item: &OrderItem, column: usize) -> SortKey {
    let descending = item.is_descending();
    let nulls_first = item.nulls.map_or(!descending, |nulls| nulls == NullsOrder::First);
    SortKey { column, descending, nulls_first }
}

/// The relation in order and cut, with the columns of its scope only.
pub(super) fn finish(
    analyzer: &Analyzer<'_>,
    (relation, order): (Relation, Vec<SortKey>),
    limit: Option<(u64, u64)>,
    items: &[OrderItem],
) -> Result<Relation> {
    let Relation { rel, scope } = relation;
    let schema = rel.schema.clone();
    let rel = match (order.is_empty(), limit) {
        (true, None) => rel,
        (true, Some((offset, fetch))) => Rel::new(Limit { input: Box::new(rel), offset, fetch }, schema),
        (false, limit) => {
            let sort = Sort { input: Box::new(rel), order, limit };
            if limit.is_none() {
                check(analyzer, &sort, items)?;
            }
            Rel::new(sort, schema)
        }
    };
    Ok(Relation { rel: cut(rel, &scope), scope })
}

fn cut(rel: Rel, scope: &Scope) -> Rel {
    let width = scope.columns.len();
    if rel.schema.len() == width {
        return rel;
    }
    let names = scope.columns.iter().map(|column| column.name.clone()).collect();
    let projection = identity(&rel.schema).into_iter().take(width).collect();
    rel.project(projection, names)
}

/// Without LIMIT a stream is sorted by its time, ascending.
fn check(analyzer: &Analyzer<'_>, sort: &Sort, items: &[OrderItem]) -> Result<()> {
    if sort.is_temporal() || analyzer.any_order() {
        return Ok(());
    }
    let error = PlannerError::new(ErrorKind::Refused, "Sort on a non-time-attribute field is not supported.")
        .with_remedy(
            "A stream has no end to sort at: leave ORDER BY out, add LIMIT, or sort where the result is read.",
        );
    Err(items.first().map_or(error.clone(), |item| error.at(item.expr.span)))
}

/// Puts more columns behind those of a projection that is about to be made, for ORDER BY.
pub(super) struct Extra<'a> {
    pub columns: &'a mut Vec<(nutkin_plan::Expr, String)>,
}

impl Extra<'_> {
    /// Where `value` is, which is added when it is not there.
    pub fn place(&mut self, value: nutkin_plan::Expr) -> usize {
        self.columns.iter().position(|(known, _)| *known == value).unwrap_or_else(|| {
            self.columns.push((value, format!("$o{}", self.columns.len())));
            self.columns.len() - 1
        })
    }
}
