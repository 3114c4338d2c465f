//! ALTER TABLE (spec D-08): what changes, over the table as it is. Option values are the catalog's to judge.
//!
//! Physical columns are evolved in the registry, so only metadata and computed ones come and go here.

use nutkin_plan::Table;
use nutkin_plan::table::{ColumnKind, TableColumn};
use nutkin_sql::ast::{self, AlterTableAction as Written, SchemaChange};

use super::{create_table, options};
use crate::analyze::Analyzer;
use crate::analyzed::{Action, TableChange};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::tables::{resolve_path, resolve_table};

pub(super) fn alter_table(analyzer: &Analyzer<'_>, written: &ast::AlterTable) -> Result<Action> {
    let path = resolve_path(&written.name, analyzer.session, analyzer.tables)?;
    if analyzer.tables.table(&path).is_none() && analyzer.tables.view(&path).is_some() {
        let error = PlannerError::new(ErrorKind::Definition, "ALTER TABLE for a view is not allowed");
        return Err(error.at(written.name.span).with_remedy("Use ALTER VIEW."));
    }
    if written.if_exists && analyzer.tables.table(&path).is_none() {
        return Ok(Action::AlterTable { path, change: None });
    }
    let table = resolve_table(&written.name, analyzer.session, analyzer.tables)?;
    let change = change(&table, written, analyzer.session.flink_extensions)?;
    Ok(Action::AlterTable { path, change: Some(change) })
}

fn change(table: &Table, written: &ast::AlterTable, flink_extensions: bool) -> Result<TableChange> {
    let what = match &written.action {
        Written::SetOptions(entries) => return Ok(TableChange::SetOptions(options::options(entries))),
        Written::ResetOptions(keys) => {
            return Ok(TableChange::ResetOptions(keys.iter().map(|key| key.value.clone()).collect()));
        }
        Written::DropWatermark => return Ok(TableChange::Watermark(None)),
        Written::Modify(SchemaChange { columns, watermark: Some(watermark), constraints, distribution: None })
            if columns.is_empty() && constraints.is_empty() =>
        {
            return Ok(TableChange::Watermark(Some(create_table::of_watermark(watermark, &table.columns)?)));
        }
        Written::Add(SchemaChange { columns, watermark: None, constraints, distribution: None })
            if !columns.is_empty() && constraints.is_empty() =>
        {
            return added(table, columns, flink_extensions).map(TableChange::AddColumns);
        }
        Written::Add(SchemaChange { watermark: Some(watermark), .. }) => {
            let cause = "The table already has a watermark strategy";
            return Err(PlannerError::new(ErrorKind::Definition, cause)
                .at(watermark.column.span)
                .with_remedy("Every table has a default one: write MODIFY WATERMARK FOR ... instead of ADD."));
        }
        Written::DropColumns(columns) => return dropped(table, columns).map(TableChange::DropColumns),
        Written::Add(_) => "ALTER TABLE ... ADD of a constraint or distribution",
        Written::Modify(_) => "ALTER TABLE ... MODIFY of columns, constraints and distributions",
        Written::DropPrimaryKey | Written::DropConstraint(_) => "ALTER TABLE ... DROP of a constraint",
        Written::DropDistribution => {
            return Err(refused("The distribution of a table cannot be changed").with_remedy(
                "Create a table with the other distribution and copy the rows with INSERT INTO ... SELECT.",
            ));
        }
        Written::RenameTable(_) => {
            return Err(refused("ALTER TABLE RENAME is not supported")
                .with_remedy("Create a table of the new name and copy the rows with INSERT INTO ... SELECT."));
        }
        Written::RenameColumn { .. } => {
            return Err(refused("Renaming a column is not supported")
                .with_remedy("Add a computed column with the new name, or evolve the schema in Schema Registry."));
        }
        Written::SetLightningMode(_) => "ALTER TABLE ... SET LIGHTNING MODE",
    };
    Err(PlannerError::not_built(what).at(written.span))
}

fn refused(cause: &str) -> PlannerError {
    PlannerError::new(ErrorKind::Refused, cause)
}

/// The new columns, computed ones typed over those that are there.
fn added(table: &Table, written: &[ast::ColumnChange], flink_extensions: bool) -> Result<Vec<TableColumn>> {
    let mut defined = Vec::with_capacity(written.len());
    for change in written {
        let name = &change.column.name;
        let wrong = |cause: String| PlannerError::new(ErrorKind::Definition, cause).at(name.span);
        if !change.parent.is_empty() || matches!(change.column.kind, ast::ColumnKind::Physical(_)) {
            let cause = format!("Physical column '{}' cannot be added to a table", name.value);
            return Err(wrong(cause).with_remedy("Evolve the schema in Schema Registry: the table follows it."));
        }
        if change.position.is_some() {
            return Err(PlannerError::not_built("FIRST and AFTER of a new column").at(name.span));
        }
        if table.column(&name.value).is_some() {
            return Err(wrong(format!("A column named '{}' already exists in the table", name.value)));
        }
        defined.push(change.column.clone());
    }
    create_table::columns_after(&table.columns, &defined, flink_extensions)
}

fn dropped(table: &Table, written: &[ast::ObjectName]) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::with_capacity(written.len());
    for name in written {
        let column = name.as_simple().and_then(|ident| table.column(&ident.value));
        let Some(column) = column else {
            let text = name.values().collect::<Vec<_>>().join(".");
            return Err(
                PlannerError::new(ErrorKind::Definition, format!("The table has no column '{text}'")).at(name.span)
            );
        };
        if column.kind == ColumnKind::Physical {
            let cause = format!("Physical column '{}' cannot be dropped from a table", column.name);
            return Err(PlannerError::new(ErrorKind::Definition, cause)
                .at(name.span)
                .with_remedy("Evolve the schema in Schema Registry: the table follows it."));
        }
        names.push(column.name.clone());
    }
    if let Some(watermark) = table.watermark.as_ref().filter(|w| !w.is_default && names.contains(&w.column)) {
        let cause = format!("The watermark is defined on column '{}'", watermark.column);
        return Err(PlannerError::new(ErrorKind::Definition, cause)
            .at(written.first().map_or_else(Default::default, |name| name.span))
            .with_remedy("Drop or modify the watermark first."));
    }
    Ok(names)
}
