//! Queries: from the syntax tree to a [`Relation`]. One file per clause.

use nutkin_sql::ast::{Query, QueryBody, With};

use super::Analyzer;
use super::scope::{Relation, Scope};
use crate::error::{ErrorKind, PlannerError, Result};

mod bulk;
pub(crate) mod decorrelate;
pub(crate) mod from;
pub(crate) mod group_window;
pub(crate) mod grouping;
mod grouping_sets;
mod hints;
mod join;
mod limit;
mod lookup_join;
pub(crate) mod match_recognize;
mod order_by;
pub(crate) mod over;
mod over_frame;
pub(crate) mod scan;
mod select;
mod set_operation;
mod state_ttl;
pub(crate) mod subquery;
pub(crate) mod table;
mod temporal_join;
mod unnest;
mod values;
mod view;
mod window_aggregate;
mod window_function;

pub(crate) use over_frame::check_streaming;
pub(crate) use temporal_join::{and as temporal_and, split_and};
pub(crate) use window_function::is_window_function;

/// The relation that `query` gives. Its scope has one unnamed table with columns of different names.
pub(crate) fn query(analyzer: &Analyzer<'_>, query: &Query) -> Result<Relation> {
    let inner;
    let analyzer = match &query.with {
        None => analyzer,
        Some(with) => {
            inner = with_tables(analyzer, with)?;
            &inner
        }
    };
    let bounds = limit::bounds(analyzer, query.limit.as_ref(), query.offset.as_ref())?;
    let sorted = match &query.body {
        QueryBody::Select(written) if !query.order_by.is_empty() => select::sorted(analyzer, written, &query.order_by),
        other => body(analyzer, other).and_then(|relation| order_by::of_output(analyzer, &query.order_by, relation)),
    };
    let (relation, order) = sorted.map_err(|error| error.at(query.span))?;
    order_by::finish(analyzer, (relation, order), bounds, &query.order_by)
}

/// A query within another: the order of its rows means nothing unless a LIMIT says how many of them count.
pub(super) fn nested(analyzer: &Analyzer<'_>, written: &Query) -> Result<Relation> {
    if written.order_by.is_empty() || written.limit.is_some() || written.offset.is_some() {
        return query(analyzer, written);
    }
    match query(analyzer, written) {
        // Only that a stream cannot be sorted is no matter here.
        Err(error) if error.kind != ErrorKind::Refused => Err(error),
        _ => query(analyzer, &Query { order_by: Vec::new(), ..written.clone() }),
    }
}

/// The analyzer that also sees the tables of a WITH clause; a later one sees the earlier ones.
fn with_tables<'a>(analyzer: &Analyzer<'a>, with: &With) -> Result<Analyzer<'a>> {
    if with.recursive {
        return Err(PlannerError::not_built("WITH RECURSIVE").at(with.span));
    }
    let mut inner = analyzer.clone();
    for table in &with.tables {
        let relation = nested(&inner, &table.query)?;
        let name = table.name.value.clone();
        let scope = relation.scope.renamed(name.clone(), &table.columns)?;
        inner.common_tables.push((name, Relation { rel: renamed(relation.rel, &scope), scope }));
    }
    Ok(inner)
}

pub(super) fn body(analyzer: &Analyzer<'_>, body: &QueryBody) -> Result<Relation> {
    match body {
        QueryBody::Select(select) => select::select(analyzer, select),
        QueryBody::Values(rows) => values::values(analyzer, rows),
        QueryBody::Table(name) => table::whole(analyzer, name),
        QueryBody::Nested(nested) => query(analyzer, nested),
        QueryBody::SetOperation(operation) => set_operation::set_operation(analyzer, operation),
    }
}

/// The relation's columns under the names of its scope.
pub(super) fn renamed(mut rel: crate::relational::Rel, scope: &Scope) -> crate::relational::Rel {
    let columns = rel.schema.columns.iter().zip(&scope.columns);
    rel.schema = nutkin_types::Schema::new(
        columns.map(|(column, named)| nutkin_types::Column { name: named.name.clone(), ..column.clone() }),
    );
    rel
}

/// Names made different by numbers, as Calcite does: `a`, `a0`, `a1`.
pub(super) fn unique_names(names: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    names
        .into_iter()
        .map(|name| {
            if seen.insert(name.clone()) {
                return name;
            }
            let mut number = 0usize;
            loop {
                let candidate = format!("{name}{number}");
                if seen.insert(candidate.clone()) {
                    return candidate;
                }
                number += 1;
            }
        })
        .collect()
}
