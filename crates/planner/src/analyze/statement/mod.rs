//! Statements: one file per kind, dispatched here.

use std::cell::RefCell;
use std::sync::Arc;

use nutkin_plan::Table;
use nutkin_sql::ast::{self, Statement};

use super::Analyzer;
use crate::analyzed::{Action, Analyzed, Execution};
use crate::error::Result;
use crate::session::Session;
use crate::tables::Tables;
use crate::warnings::Warning;

mod absent;
mod alter_table;
mod create_like;
mod create_table;
mod ctas;
mod describe;
mod drop;
mod execution;
mod explain;
mod function;
mod insert;
mod names;
mod options;
mod query;
mod refused;
mod show;
mod snapshot;
mod statement_set;
mod view;

/// What `statement` means. `text` is its source, for places in errors.
pub fn analyze(statement: &Statement, text: &str, session: &Session, tables: &dyn Tables) -> Result<Analyzed> {
    let warnings: RefCell<Vec<Warning>> = RefCell::default();
    let analyzer = Analyzer::new(session, tables, &warnings);
    let action = super::user_functions::refuse_calls(&analyzer, statement)
        .and_then(|()| dispatch(&analyzer, statement))
        .map_err(|error| error.locate(text))?;
    Ok(Analyzed { kind: statement.kind(), action, warnings: warnings.into_inner() })
}

/// The INSERT part of CREATE TABLE AS, once `table` has been made.
pub fn plan_create_table_as(
    statement: &ast::CreateTable,
    text: &str,
    session: &Session,
    tables: &dyn Tables,
    table: Arc<Table>,
) -> Result<Execution> {
    let warnings = RefCell::default();
    let analyzer = Analyzer::new(session, tables, &warnings);
    ctas::plan(&analyzer, statement, &table).map_err(|error| error.locate(text))
}

fn dispatch(analyzer: &Analyzer<'_>, statement: &Statement) -> Result<Action> {
    match statement {
        Statement::Query(written) => query::query(analyzer, written),
        Statement::Insert(written) => insert::insert(analyzer, written),
        Statement::StatementSet(written) => statement_set::statement_set(analyzer, written),
        Statement::CreateTable(written) => create_table::create_table(analyzer, written),
        Statement::AlterTable(written) => alter_table::alter_table(analyzer, written),
        Statement::CreateView(written) => view::create_view(analyzer, written),
        Statement::AlterView(written) => view::alter_view(analyzer, written),
        Statement::CreateFunction(written) => function::create_function(analyzer, written),
        Statement::Drop(written) => drop::drop(analyzer, written),
        Statement::Describe(written) => describe::describe(analyzer, written),
        Statement::Show(written) => show::show(analyzer, written),
        Statement::Explain(written) => explain::explain(analyzer, written),
        Statement::Use(written) => Ok(names::use_names(written)),
        Statement::Set(written) => Ok(names::set(written)),
        Statement::Reset(written) => Ok(names::reset(written)),
        other => Err(refused::refused(other)),
    }
}
