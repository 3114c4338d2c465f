//! The session a statement runs in, and the statements about it: USE, SET, RESET (spec D-19, D-20).
//!
//! The client keeps the session and sends it with each statement, so here USE, SET and RESET only answer what was asked.

use std::collections::BTreeMap;

use nutkin_planner::{Session, Use};
use nutkin_sql::ast::Statement;

use crate::error::CatalogError;
use crate::outcome::Outcome;
use crate::result::{Row, row, table, with_detail};

const CATALOG: &str = "sql.current-catalog";
const DATABASE: &str = "sql.current-database";
/// Say how a query is run. Clients send them with every statement; where none is run there is nothing they could change.
/// EXPLAIN shows the operators of streaming, of which the plans of snapshot queries consist too.
const QUERY_PROPERTIES: [&str; 2] = ["sql.snapshot.mode", "sql.snapshot.write-mode"];
const HEADINGS: [&str; 2] = ["Key", "Value"];

/// The session of `statement`.
pub(crate) fn of(statement: &Statement, properties: &BTreeMap<String, String>) -> Result<Session, CatalogError> {
    let mut properties = properties.clone();
    if !runs_query(statement) {
        properties.retain(|key, _| !QUERY_PROPERTIES.contains(&key.as_str()));
    }
    Ok(Session::from_properties(&properties)?)
}

fn runs_query(statement: &Statement) -> bool {
    match statement {
        Statement::Query(_) | Statement::Insert(_) | Statement::StatementSet(_) => true,
        Statement::CreateTable(create) => create.query.is_some(),
        _ => false,
    }
}

pub(crate) fn use_names(sql_kind: String, names: Use) -> Outcome {
    let entries = [(CATALOG, names.catalog), (DATABASE, names.database)];
    let rows = entries.into_iter().filter_map(|(key, value)| value.map(|value| row([key.to_owned(), value])));
    table(sql_kind, &HEADINGS, rows.collect())
}

pub(crate) fn set(
    sql_kind: String,
    entry: Option<(String, String)>,
    properties: &BTreeMap<String, String>,
) -> Result<Outcome, CatalogError> {
    let Some((key, value)) = entry else {
        let rows: Vec<Row> = properties.iter().map(|(key, value)| row([key, value])).collect();
        return Ok(table(sql_kind, &HEADINGS, rows));
    };
    if key == CATALOG || key == DATABASE {
        let text = "cannot set a catalog or a database with SET command. Use USE CATALOG or USE instead";
        return Err(CatalogError::Session(text.to_owned()));
    }
    Session::from_properties(&BTreeMap::from([(key.clone(), value.clone())]))?;
    let outcome = table(sql_kind, &HEADINGS, vec![row([key, value])]);
    Ok(with_detail(outcome, "configuration updated successfully."))
}

pub(crate) fn reset(
    sql_kind: String,
    key: Option<&str>,
    properties: &BTreeMap<String, String>,
) -> Result<Outcome, CatalogError> {
    if let Some(key) = key
        && !properties.contains_key(key)
    {
        return Err(CatalogError::Session(format!("configuration key \"{key}\" is not set")));
    }
    // Without its catalog a database has no meaning.
    let goes = |name: &str| key.is_none_or(|key| key == name || (key == CATALOG && name == DATABASE));
    let left = properties.iter().filter(|(name, _)| !goes(name)).map(|(name, value)| row([name, value])).collect();
    Ok(with_detail(table(sql_kind, &HEADINGS, left), "configuration has been reset successfully."))
}
