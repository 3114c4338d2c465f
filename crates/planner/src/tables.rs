//! [`Tables`]: how the planner asks for tables. Synchronous: the catalog fetches what a statement names beforehand.

use std::sync::Arc;

use nutkin_plan::{Table, TablePath};
use nutkin_sql::ast::{Ident, ObjectName};

use crate::error::{ErrorKind, PlannerError, Result};
use crate::session::Session;

/// The catalogs, databases and tables that a statement may name.
pub trait Tables {
    /// The display name of the catalog (environment) of that name or id.
    fn catalog(&self, name_or_id: &str) -> Option<String>;

    /// The display name of the database (Kafka cluster) of that name or id in `catalog` (a display name).
    fn database(&self, catalog: &str, name_or_id: &str) -> Option<String>;

    /// The table at `path`, whose parts are display names.
    fn table(&self, path: &TablePath) -> Option<Arc<Table>>;

    /// What is known of the rows of the table at `path`, for estimates; None where nothing is.
    fn statistics(&self, _path: &TablePath) -> Option<TableStatistics> {
        None
    }

    /// Whether a user registered a function at `path`; names of functions are compared without case.
    fn has_function(&self, _path: &TablePath) -> bool {
        false
    }

    /// The view at `path`. Tables are asked for first.
    fn view(&self, _path: &TablePath) -> Option<ViewDefinition> {
        None
    }
}

/// What is known of a table's rows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TableStatistics {
    /// New rows and changes per second, over all partitions.
    pub rows_per_second: Option<f64>,
    /// Rows and changes that are there now.
    pub rows: Option<f64>,
}

/// A view as it was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewDefinition {
    /// The query's text.
    pub query: String,
    /// Current catalog and database when the view was created: names of the query mean what they meant then.
    pub catalog: String,
    pub database: String,
    /// Names of the columns; empty keeps the query's.
    pub columns: Vec<String>,
}

/// The path that a name of one to three parts means in `session`. The table itself need not exist.
pub fn resolve_path(name: &ObjectName, session: &Session, tables: &dyn Tables) -> Result<TablePath> {
    let (catalog, database, table) = match name.parts.as_slice() {
        [table] => (None, None, table),
        [database, table] => (None, Some(database), table),
        [catalog, database, table] => (Some(catalog), Some(database), table),
        _ => {
            let cause = format!("Object '{}' not found", name.values().collect::<Vec<_>>().join("."));
            return Err(PlannerError::new(ErrorKind::NotFound, cause)
                .at(name.span)
                .with_remedy("A table is named by one to three parts: [catalog.][database.]table."));
        }
    };
    let catalog = resolve_catalog(catalog, session, tables)?;
    let database = resolve_database(&catalog, database, session, tables)?;
    Ok(TablePath { catalog, database, name: table.value.clone() })
}

/// The table of that name, or the error that Flink gives.
pub fn resolve_table(name: &ObjectName, session: &Session, tables: &dyn Tables) -> Result<Arc<Table>> {
    let path = resolve_path(name, session, tables)?;
    tables.table(&path).ok_or_else(|| {
        let cause = match name.parts.len() {
            1 => format!("Object '{}' not found", path.name),
            _ => format!("Object '{}' not found within '{}.{}'", path.name, path.catalog, path.database),
        };
        PlannerError::new(ErrorKind::NotFound, cause).at(name.span).with_remedy(format!(
            "There is no table {path}. SHOW TABLES lists the tables of the current database; names are case-sensitive."
        ))
    })
}

/// The catalog written, or the current one.
pub fn resolve_catalog(name: Option<&Ident>, session: &Session, tables: &dyn Tables) -> Result<String> {
    let (text, span) = match name {
        Some(name) => (name.value.as_str(), Some(name.span)),
        None => match &session.catalog {
            Some(current) => (current.as_str(), None),
            None => return Err(missing("catalog", "sql.current-catalog")),
        },
    };
    tables.catalog(text).ok_or_else(|| {
        let error = PlannerError::new(ErrorKind::NotFound, format!("Catalog '{text}' not found"))
            .with_remedy("SHOW CATALOGS lists the catalogs by name and id.");
        span.map_or(error.clone(), |span| error.at(span))
    })
}

/// The database written, or the current one.
pub fn resolve_database(catalog: &str, name: Option<&Ident>, session: &Session, tables: &dyn Tables) -> Result<String> {
    let (text, span) = match name {
        Some(name) => (name.value.as_str(), Some(name.span)),
        None => match &session.database {
            Some(current) => (current.as_str(), None),
            None => return Err(missing("database", "sql.current-database")),
        },
    };
    tables.database(catalog, text).ok_or_else(|| {
        let error =
            PlannerError::new(ErrorKind::NotFound, format!("Database '{text}' not found in catalog '{catalog}'"))
                .with_remedy("SHOW DATABASES lists the databases by name and id.");
        span.map_or(error.clone(), |span| error.at(span))
    })
}

fn missing(what: &str, property: &str) -> PlannerError {
    PlannerError::new(ErrorKind::NotFound, format!("No current {what} is set"))
        .with_remedy(format!("Write the full name of the table, or set the statement property '{property}'."))
}
