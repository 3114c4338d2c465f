//! ALTER TABLE (spec D-08): what changes, over the table as it is. Option values are the catalog's to judge.
//!
//! Physical columns are evolved in the registry, so only metadata and computed ones come and go here, and only the types of
//! raw ones, which no schema describes, are given anew.

use nutkin_plan::Table;
use nutkin_plan::table::PrimaryKey;
use nutkin_sql::ast::{self, AlterTableAction as Written};

use super::options;
use crate::analyze::Analyzer;
use crate::analyzed::{Action, TableChange};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::tables::{resolve_path, resolve_table};

mod drop_columns;
mod references;
mod schema;

use schema::Verb;

pub(super) fn alter_table(analyzer: &Analyzer<'_>, written: &ast::AlterTable) -> Result<Action> {
    let path = resolve_path(&written.name, analyzer.session, analyzer.tables)?;
    if analyzer.tables.table(&path).is_none() && analyzer.tables.view(&path).is_some() {
        let error = PlannerError::new(ErrorKind::Definition, "ALTER TABLE for a view is not allowed");
        return Err(error.at(written.name.span).with_remedy("Use ALTER VIEW."));
    }
    if written.if_exists && analyzer.tables.table(&path).is_none() {
        return Ok(Action::AlterTable { path, changes: None });
    }
    let table = resolve_table(&written.name, analyzer.session, analyzer.tables)?;
    let changes = changes(&table, written, analyzer.session.flink_extensions)?;
    Ok(Action::AlterTable { path, changes: Some(changes) })
}

fn changes(table: &Table, written: &ast::AlterTable, flink_extensions: bool) -> Result<Vec<TableChange>> {
    let change = match &written.action {
        Written::SetOptions(entries) => TableChange::SetOptions(options::options(entries)),
        Written::ResetOptions(keys) => TableChange::ResetOptions(keys.iter().map(|key| key.value.clone()).collect()),
        Written::Add(change) => return schema::changes(table, Verb::Add, change, flink_extensions),
        Written::Modify(change) => return schema::changes(table, Verb::Modify, change, flink_extensions),
        Written::DropColumns(columns) => TableChange::Columns(drop_columns::remaining(table, columns)?),
        Written::DropWatermark => TableChange::Watermark(None),
        Written::DropPrimaryKey => {
            primary_key(table).map_err(|error| error.at(written.span))?;
            TableChange::PrimaryKey(None)
        }
        Written::DropConstraint(name) => {
            let key = primary_key(table).map_err(|error| error.at(name.span))?;
            if key.name != name.value {
                let cause = format!(
                    "The base table does not define a primary key constraint named '{}'. Available constraint name: ['{}'].",
                    name.value, key.name
                );
                return Err(PlannerError::new(ErrorKind::Definition, cause).at(name.span));
            }
            TableChange::PrimaryKey(None)
        }
        Written::DropDistribution => return Err(fixed_distribution()),
        Written::RenameTable(_) => {
            return Err(refused("ALTER TABLE RENAME is not supported")
                .with_remedy("Create a table of the new name and copy the rows with INSERT INTO ... SELECT."));
        }
        Written::RenameColumn { .. } => {
            return Err(refused("Renaming a column is not supported")
                .with_remedy("Drop a metadata or computed column and add it under the new name; for others add a computed column with the new name, or evolve the schema in Schema Registry."));
        }
        Written::SetLightningMode(_) => {
            return Err(PlannerError::not_built("ALTER TABLE ... SET LIGHTNING MODE").at(written.span).with_remedy(
                "Read the table with a streaming or a snapshot query (SET 'sql.snapshot.mode' = 'now').",
            ));
        }
    };
    Ok(vec![change])
}

fn primary_key(table: &Table) -> Result<&PrimaryKey> {
    table.primary_key.as_ref().ok_or_else(|| {
        PlannerError::new(ErrorKind::Definition, "The base table does not define any primary key.")
            .with_remedy("Add one with ALTER TABLE ... ADD PRIMARY KEY (...) NOT ENFORCED.")
    })
}

fn refused(cause: &str) -> PlannerError {
    PlannerError::new(ErrorKind::Refused, cause)
}

/// Buckets are the topic's partitions, and old rows stay where they are.
fn fixed_distribution() -> PlannerError {
    refused("The distribution of a table cannot be changed")
        .with_remedy("Create a table with the other distribution and copy the rows with INSERT INTO ... SELECT.")
}
