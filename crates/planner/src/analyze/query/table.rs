//! Tables and common table expressions by name.

use nutkin_sql::ast::{Hint, ObjectName};

use super::{bulk, hints, scan, view};
use crate::analyze::Analyzer;
use crate::analyze::scope::{Relation, Scope};
use crate::error::Result;
use crate::relational::Rel;
use crate::tables::resolve_table;

/// A table in FROM, or one of WITH.
pub(super) fn named(analyzer: &Analyzer<'_>, name: &ObjectName, written: &[Hint]) -> Result<Relation> {
    if let Some(simple) = name.as_simple()
        && let Some((_, relation)) = analyzer.common_tables.iter().rev().find(|(name, _)| *name == simple.value)
    {
        hints::refuse(written, "a table of the WITH clause")?;
        bulk::take(analyzer, &relation.rel, name.span)?;
        return Ok(relation.clone());
    }
    if let Some(relation) = view::named(analyzer, name, written)? {
        return Ok(relation);
    }
    let table = resolve_table(name, analyzer.session, analyzer.tables)?;
    let table = hints::applied(table, written, analyzer.session)?;
    let path = table.path.clone();
    let (rel, hidden) = scan::scan(analyzer, &table).map_err(|error| error.without_place().at(name.span))?;
    let scope = Scope::of(Some(path.name.clone()), Some(path), &rel.schema, &hidden);
    Ok(Relation { rel, scope })
}

/// `TABLE t` as a query: the columns of `*`.
pub(crate) fn whole(analyzer: &Analyzer<'_>, name: &ObjectName) -> Result<Relation> {
    let relation = named(analyzer, name, &[])?;
    Ok(visible(relation))
}

/// The relation without its system columns.
pub(super) fn visible(relation: Relation) -> Relation {
    let places: Vec<usize> = relation.scope.visible().collect();
    let projection = places.iter().map(|&i| relation.scope.input(i)).collect();
    let names = places.iter().map(|&i| relation.scope.columns[i].name.clone()).collect();
    let rel: Rel = relation.rel.project(projection, names);
    let scope = Scope::of(None, None, &rel.schema, &[]);
    Relation { rel, scope }
}
