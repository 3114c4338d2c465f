//! Views: their query in their place, analysed where it was written.

use nutkin_sql::ast::{Hint, Ident, ObjectName, Statement};

use super::{bulk, hints, query, renamed};
use crate::analyze::Analyzer;
use crate::analyze::scope::Relation;
use crate::error::{ErrorKind, PlannerError, Result};
use crate::session::Session;
use crate::tables::resolve_path;

/// Views over views over views: more is a mistake, or one that is made of itself.
const DEEPEST: usize = 32;
/// How the cause of an error ends that is the same for all views around it.
const OF_ITSELF: &str = "made of itself";

/// The view of that name; None when there is a table or nothing.
pub(super) fn named(analyzer: &Analyzer<'_>, name: &ObjectName, written: &[Hint]) -> Result<Option<Relation>> {
    let path = resolve_path(name, analyzer.session, analyzer.tables)?;
    if analyzer.tables.table(&path).is_some() {
        return Ok(None);
    }
    let Some(view) = analyzer.tables.view(&path) else { return Ok(None) };
    hints::refuse(written, "a view")?;
    if analyzer.view_depth >= DEEPEST || analyzer.altered.as_ref() == Some(&path) {
        let cause = match analyzer.view_depth >= DEEPEST {
            true => format!("View {path} is nested more than {DEEPEST} views deep, or {OF_ITSELF}"),
            false => format!("View {path} would be {OF_ITSELF}"),
        };
        return Err(PlannerError::new(ErrorKind::Definition, cause).at(name.span));
    }
    let within = |error: PlannerError| {
        if error.cause.ends_with(OF_ITSELF) {
            // Told once, not once for each view.
            return PlannerError::new(error.kind, error.cause).at(name.span);
        }
        PlannerError::new(error.kind, format!("View {path} cannot be used: {}", error.locate(&view.query)))
            .at(name.span)
    };
    let statement = nutkin_sql::parse_statement(&view.query)
        .map_err(|error| within(PlannerError::new(ErrorKind::Definition, error.to_string())))?;
    let Statement::Query(written) = statement else {
        return Err(within(PlannerError::new(ErrorKind::Definition, "it is no query")));
    };
    let session = Session {
        catalog: Some(view.catalog.clone()),
        database: Some(view.database.clone()),
        ..analyzer.session.clone()
    };
    let inner = analyzer.within_view(&session);
    let relation = query(&inner, &written).map_err(within)?;
    bulk::take(analyzer, &relation.rel, name.span)?;
    let columns: Vec<Ident> = view.columns.iter().map(Ident::new).collect();
    let scope = relation.scope.renamed(path.name.clone(), &columns).map_err(within)?;
    Ok(Some(Relation { rel: renamed(relation.rel, &scope), scope }))
}
