//! Tables of a case: written as the columns of CREATE TABLE, kept in memory.

use std::collections::BTreeMap;

use nutkin_plan::table::ColumnKind;
use nutkin_plan::{ChangelogMode, Connector, Table};
use nutkin_planner::{Action, Analyzed, CreateTable};
use nutkin_types::{LogicalType, RowKind, Value};
use serde_json::Value as Json;

use super::World;
use crate::refusal::Refusal;

/// A table as a case writes it.
#[derive(Debug, Clone)]
pub struct TableText<'a> {
    pub name: &'a str,
    /// Columns, watermark and key as in CREATE TABLE, without commas between them.
    pub columns: &'a [String],
    pub changelog_mode: ChangelogMode,
}

impl World {
    /// Adds a table whose rows are in memory.
    ///
    /// # Errors
    /// A definition that parser or planner refuse.
    pub fn define(&mut self, text: &TableText<'_>) -> Result<(), Refusal> {
        let created = self.create_table(text.name, text.columns)?;
        let table = in_memory(created, text.changelog_mode);
        self.put(table);
        Ok(())
    }

    /// What CREATE TABLE with these columns asks for.
    pub fn create_table(&mut self, name: &str, columns: &[String]) -> Result<CreateTable, Refusal> {
        let quoted = name.replace('`', "``");
        let ddl = format!("CREATE TABLE `{quoted}` ({})", columns.join(", "));
        match self.analyze(&ddl)? {
            Some(Analyzed { action: Action::CreateTable(table), .. }) => Ok(*table),
            _ => Err(Refusal::internal(format!("no table definition: {ddl}"))),
        }
    }
}

/// The table with its rows in memory.
pub fn in_memory(created: CreateTable, changelog_mode: ChangelogMode) -> Table {
    Table {
        path: created.path,
        columns: created.columns,
        watermark: created.watermark,
        primary_key: created.primary_key,
        distribution: None,
        changelog_mode,
        options: BTreeMap::new(),
        comment: created.comment,
        connector: Connector::Memory,
    }
}

/// Types of the columns that a row of `table` holds: physical and metadata ones.
pub fn stored_types(table: &Table) -> Vec<LogicalType> {
    let stored = table.columns.iter().filter(|column| !matches!(column.kind, ColumnKind::Computed { .. }));
    stored.map(|column| column.data_type.logical.clone()).collect()
}

/// Cells by type; surplus ones at the end are left out, missing ones are NULL.
///
/// # Errors
/// A cell that does not fit its column.
pub fn row(cells: &[Json], types: &[LogicalType]) -> Result<Vec<Value>, String> {
    types
        .iter()
        .enumerate()
        .map(|(i, logical)| crate::value::read(cells.get(i).unwrap_or(&Json::Null), logical))
        .collect()
}

/// A kind of change by its short name.
///
/// # Errors
/// A name that is none of `+I -U +U -D`.
pub fn kind(text: &str) -> Result<RowKind, String> {
    let all = [RowKind::Insert, RowKind::UpdateBefore, RowKind::UpdateAfter, RowKind::Delete];
    all.into_iter().find(|kind| kind.short() == text).ok_or_else(|| format!("'{text}' is no kind of change"))
}
