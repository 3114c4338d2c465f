//! CREATE VIEW and ALTER VIEW (spec D-10). The query is analysed and planned for its errors and its columns; what is kept is
//! its text.

use nutkin_plan::TablePath;
use nutkin_plan::table::{ColumnKind, TableColumn};
use nutkin_sql::ast::{self, AlterViewAction, Query, ViewColumn};
use nutkin_types::{LogicalType, Schema};

use crate::analyze::Analyzer;
use crate::analyze::query::query as relation;
use crate::analyzed::{Action, CreateView, ViewChange};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::tables::resolve_path;

pub(super) fn create_view(analyzer: &Analyzer<'_>, written: &ast::CreateView) -> Result<Action> {
    let refused = |cause: &str, remedy: &str| {
        Err(PlannerError::new(ErrorKind::Refused, cause).at(written.name.span).with_remedy(remedy))
    };
    if written.temporary {
        return refused("Temporary views are not supported", "Create a view; DROP VIEW removes it.");
    }
    if written.or_replace {
        return refused("CREATE OR REPLACE VIEW is not supported", "Use ALTER VIEW ... AS, or drop the view first.");
    }
    let path = resolve_path(&written.name, analyzer.session, analyzer.tables)?;
    let columns = columns(analyzer, &written.query, &written.columns)?;
    Ok(Action::CreateView(Box::new(CreateView {
        path,
        if_not_exists: written.if_not_exists,
        columns,
        is_named: !written.columns.is_empty(),
        comment: written.comment.as_ref().map(|comment| comment.value.clone()),
    })))
}

pub(super) fn alter_view(analyzer: &Analyzer<'_>, written: &ast::AlterView) -> Result<Action> {
    let path = resolve_path(&written.name, analyzer.session, analyzer.tables)?;
    if analyzer.tables.view(&path).is_none() {
        if analyzer.tables.table(&path).is_some() {
            let error = PlannerError::new(ErrorKind::Definition, "ALTER VIEW for a table is not allowed");
            return Err(error.at(written.name.span).with_remedy("Use ALTER TABLE."));
        }
        return match written.if_exists {
            true => Ok(Action::AlterView { path, change: None }),
            false => Err(missing(&path).at(written.name.span)),
        };
    }
    let change = match &written.action {
        AlterViewAction::Rename(name) => {
            let target = match name.as_simple() {
                Some(simple) => TablePath { name: simple.value.clone(), ..path.clone() },
                None => resolve_path(name, analyzer.session, analyzer.tables)?,
            };
            if (&target.catalog, &target.database) != (&path.catalog, &path.database) {
                let error = PlannerError::new(ErrorKind::Refused, "A view cannot be moved to another database");
                return Err(error.at(name.span).with_remedy("Create it there and drop it here."));
            }
            ViewChange::Rename(target)
        }
        AlterViewAction::As(query) => {
            let analyzer = Analyzer { altered: Some(path.clone()), ..analyzer.clone() };
            ViewChange::Query(columns(&analyzer, query, &[])?)
        }
    };
    Ok(Action::AlterView { path, change: Some(change) })
}

/// The error about a view that is not there, as the documentation words it.
pub(super) fn missing(path: &TablePath) -> PlannerError {
    PlannerError::new(ErrorKind::NotFound, format!("Object '{}' does not exist: there is no view {path}", path.name))
        .with_remedy("SHOW VIEWS lists the views of the current database; names are case-sensitive.")
}

/// The columns of the query, under the names that are given.
fn columns(analyzer: &Analyzer<'_>, query: &Query, names: &[ViewColumn]) -> Result<Vec<TableColumn>> {
    let relation = relation(analyzer, query)?;
    let schema = &relation.rel.schema;
    if !names.is_empty() && names.len() != schema.len() {
        let defined: Vec<&str> = names.iter().map(|column| column.name.value.as_str()).collect();
        let cause = format!(
            "VIEW definition and input fields not match:\n\tDef fields: [{}].\n\tInput fields: [{}].",
            defined.join(", "),
            field_names(schema)
        );
        return Err(PlannerError::new(ErrorKind::Definition, cause).at(query.span));
    }
    let mut found: Vec<TableColumn> = Vec::with_capacity(schema.len());
    for (index, column) in schema.columns.iter().enumerate() {
        let name = names.get(index).map_or(&column.name, |given| &given.name.value);
        if found.iter().any(|other| other.name == *name) {
            let cause = format!("A column named '{name}' already exists in the view");
            return Err(PlannerError::new(ErrorKind::Definition, cause)
                .at(query.span)
                .with_remedy("Give every column of the query a name of its own with AS."));
        }
        if column.data_type.logical == LogicalType::Null {
            let cause = format!("Column '{name}' of the query has no type");
            return Err(PlannerError::new(ErrorKind::Definition, cause).with_remedy("CAST the NULL to a type."));
        }
        let comment = names.get(index).and_then(|given| given.comment.as_ref()).map(|comment| comment.value.clone());
        let data_type = column.data_type.clone();
        found.push(TableColumn { name: name.clone(), data_type, kind: ColumnKind::Physical, comment });
    }
    Ok(found)
}

fn field_names(schema: &Schema) -> String {
    let names: Vec<&str> = schema.columns.iter().map(|column| column.name.as_str()).collect();
    names.join(", ")
}
