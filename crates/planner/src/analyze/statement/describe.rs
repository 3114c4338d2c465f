//! DESCRIBE of a table, a view or a function (spec D-16, D-17).

use nutkin_functions::{aggregate, registry};
use nutkin_sql::ast::{Describe, ObjectKind};

use super::absent::absent;
use crate::analyze::Analyzer;
use crate::analyze::query::table::whole;
use crate::analyze::user_functions::path_of;
use crate::analyzed::Action;
use crate::error::{ErrorKind, PlannerError, Result};
use crate::tables::{resolve_path, resolve_table};

pub(super) fn describe(analyzer: &Analyzer<'_>, written: &Describe) -> Result<Action> {
    match written.kind {
        ObjectKind::Table => table(analyzer, written),
        ObjectKind::Function => function(analyzer, written),
        kind => Err(absent(format!("DESCRIBE {}", kind.keyword()), kind, written.span)),
    }
}

fn table(analyzer: &Analyzer<'_>, written: &Describe) -> Result<Action> {
    let path = resolve_path(&written.name, analyzer.session, analyzer.tables)?;
    if analyzer.tables.table(&path).is_none() && analyzer.tables.view(&path).is_some() {
        let schema = whole(analyzer, &written.name)?.rel.schema;
        return Ok(Action::DescribeView { path, schema, extended: written.extended });
    }
    let table = resolve_table(&written.name, analyzer.session, analyzer.tables)?;
    Ok(Action::Describe { path: table.path.clone(), extended: written.extended })
}

/// A built-in function, or one that a user registered.
fn function(analyzer: &Analyzer<'_>, written: &Describe) -> Result<Action> {
    let path = path_of(&written.name, analyzer.session, analyzer.tables);
    if let Some(path) = path.filter(|path| analyzer.tables.has_function(path)) {
        return Ok(Action::DescribeUserFunction { path, extended: written.extended });
    }
    let name = written.name.last();
    let scalar = registry::lookup(name).map(|function| function.name);
    let found = scalar
        .or_else(|| aggregate::lookup(name).or_else(|| aggregate::lookup_over(name)).map(|function| function.name));
    let found = found.filter(|_| written.name.as_simple().is_some()).ok_or_else(|| {
        let full: Vec<&str> = written.name.values().collect();
        PlannerError::new(
            ErrorKind::NotFound,
            format!("Function with the identifier '{}' doesn't exist", full.join(".")),
        )
        .at(written.name.span)
        .with_remedy("SHOW FUNCTIONS lists the functions.")
    })?;
    Ok(Action::DescribeFunction { name: found.to_owned(), extended: written.extended })
}
