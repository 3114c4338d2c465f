//! `INFORMATION_SCHEMA` (spec Q-17): views over the catalog that every catalog has, answered here without a compute pool.
//!
//! A query of them goes through the planner like any other, as one of tables that end; the views are tables in memory to it. A
//! simple plan is then run here, on columns made from what the catalog knows ([`evaluate`]). One that groups or sorts, which the
//! original refuses, goes to a compute pool with the rows in it ([`known`]). Conditions that name a database or a table are used
//! to read only those, definitions are read only if a column needs them, and everything once per statement. Joins, and INSERT
//! from these views, are refused.

use std::collections::BTreeMap;

use nutkin_plan::table::{ColumnKind, TableColumn};
use nutkin_plan::{ChangelogMode, Connector, Plan, Table, TablePath};
use nutkin_planner::{Execution, PlannerError, Warning};
use nutkin_sql::ast::Statement;

use crate::error::CatalogError;
use crate::outcome::{Outcome, ResultTable, Traits};
use crate::snapshot::{DatabaseNames, Snapshot};
use crate::statement::Submission;

mod columns;
mod constraints;
mod definition;
mod evaluate;
mod facts;
mod known;
mod names;
mod routines;
mod tables;

use definition::Definition;

/// The database's name, in every catalog.
pub(crate) const DATABASE: &str = "INFORMATION_SCHEMA";
const DATABASE_ID: &str = "db-information-schema";

/// Every view.
const VIEWS: &[&Definition] = &[
    &names::CATALOGS,
    &columns::COLUMNS,
    &names::DATABASES,
    &names::INFORMATION_SCHEMA_CATALOG_NAME,
    &constraints::KEY_COLUMN_USAGE,
    &routines::PARAMETERS,
    &routines::ROUTINES,
    &names::SCHEMATA,
    &tables::TABLES,
    &constraints::TABLE_CONSTRAINTS,
    &tables::TABLE_OPTIONS,
];

/// The database as listings show it.
pub(crate) fn database() -> DatabaseNames {
    DatabaseNames { id: DATABASE_ID.to_owned(), name: DATABASE.to_owned() }
}

/// Names of the views, sorted.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    VIEWS.iter().map(|view| view.name)
}

/// The view at `path`, as the planner sees it.
pub(crate) fn table(path: &TablePath) -> Option<Table> {
    let view = find(&path.name)?;
    let column = |(name, kind): &(&str, definition::Kind)| TableColumn {
        name: (*name).to_owned(),
        data_type: kind.data_type(),
        kind: ColumnKind::Physical,
        comment: None,
    };
    Some(Table {
        path: path.clone(),
        columns: view.columns.iter().map(column).collect(),
        watermark: None,
        primary_key: None,
        distribution: None,
        changelog_mode: ChangelogMode::Append,
        options: BTreeMap::new(),
        comment: None,
        connector: Connector::Memory,
    })
}

fn find(name: &str) -> Option<&'static Definition> {
    VIEWS.iter().find(|view| view.name == name).copied()
}

/// True for a query of nothing but views: its tables end, so that it may sort and group as a batch does.
pub(crate) fn is_query_of_views(statement: &Statement, snapshot: &Snapshot) -> bool {
    let is_query = match statement {
        Statement::Explain(explain) => matches!(*explain.statement, Statement::Query(_)),
        other => matches!(other, Statement::Query(_)),
    };
    let mut tables = snapshot.tables().peekable();
    let reads = tables.peek().is_some() && !snapshot.has_views();
    is_query && reads && tables.all(|table| is_view(table))
}

/// Refuses statements that would write what they read in these views, before anything is made.
pub(crate) fn check_written(statement: &Statement, snapshot: &Snapshot) -> Result<(), CatalogError> {
    let written = match statement {
        Statement::Explain(explain) => &*explain.statement,
        other => other,
    };
    let writes = match written {
        Statement::Insert(_) | Statement::StatementSet(_) => true,
        Statement::CreateTable(table) => table.query.is_some(),
        _ => false,
    };
    if !writes || !snapshot.tables().any(|table| is_view(table)) {
        return Ok(());
    }
    let what = match snapshot.tables().find(|table| !is_view(table)) {
        Some(other) => format!("cannot be used together with {}", other.path),
        None => "can only be read by a SELECT".to_owned(),
    };
    Err(CatalogError::InformationSchema(what))
}

/// The refusal of a query of the views. They are planned as what ends, which whoever wrote the query has not asked for.
pub(crate) fn refused(error: PlannerError) -> CatalogError {
    match error.cause.strip_suffix(" in a snapshot query is not built yet") {
        Some(what) => CatalogError::InformationSchema(format!("cannot be read with {what} yet")),
        None => error.into(),
    }
}

/// True when the plan reads or writes a view of `INFORMATION_SCHEMA`.
pub(crate) fn concerns(plan: &Plan) -> bool {
    plan.tables.iter().any(is_view)
}

fn is_view(table: &Table) -> bool {
    table.path.database == DATABASE && table.connector == Connector::Memory
}

/// Runs a query of the views.
///
/// # Errors
/// NUTKIN-3211 for what such a query cannot have; what the cluster or registry says when they cannot be asked.
pub(crate) async fn answer(
    submission: &Submission<'_>,
    execution: Execution,
    warnings: Vec<Warning>,
) -> Result<Outcome, CatalogError> {
    evaluate::check(&execution.plan)?;
    let schema = execution.schema;
    let traits = Traits {
        sql_kind: submission.sql_kind(),
        is_bounded: true,
        is_append_only: execution.is_append_only,
        upsert_columns: execution.upsert_columns,
        schema: Some(schema),
    };
    if submission.session.dry_run {
        let detail = "The statement is valid. It was not run because 'sql.dry-run' is true.".to_owned();
        return Ok(Outcome::Executed { traits, result: ResultTable::default(), detail, warnings });
    }
    if !evaluate::is_simple(&execution.plan) {
        let plan = known::with_rows(submission, execution.plan).await?;
        return Ok(Outcome::Job { traits, plan: Box::new(plan), warnings });
    }
    let rows = evaluate::run(submission, &execution.plan).await?;
    Ok(Outcome::Executed { traits, result: ResultTable { rows }, detail: String::new(), warnings })
}
