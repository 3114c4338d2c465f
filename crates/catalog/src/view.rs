//! [`View`]: a query under a name, as the metastore keeps it (spec D-10).

use std::collections::BTreeMap;
use std::sync::Arc;

use nutkin_plan::table::TableColumn;
use nutkin_plan::{ChangelogMode, Connector, Table, TablePath};
use nutkin_planner::{Session, Tables, ViewDefinition, resolve_path};
use nutkin_sql::table_references;

use crate::record::{RecordColumn, TableRecord, ViewRecord};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct View {
    pub record: ViewRecord,
    /// As they were when the view was made.
    pub columns: Vec<TableColumn>,
    pub comment: Option<String>,
}

impl View {
    /// None when the record is of a table.
    pub fn of(record: TableRecord) -> Option<View> {
        let stored = record.columns.into_iter().filter_map(|column| match column {
            RecordColumn::Stored(column) => Some(column),
            RecordColumn::Registered(_) => None,
        });
        Some(View { columns: stored.collect(), comment: record.comment, record: record.view? })
    }

    /// What the planner puts in the place of the view's name.
    pub fn definition(&self) -> ViewDefinition {
        let named = self.columns.iter().filter(|_| self.record.is_named);
        ViewDefinition {
            query: self.record.query.clone(),
            catalog: self.record.catalog.clone(),
            database: self.record.database.clone(),
            columns: named.map(|column| column.name.clone()).collect(),
        }
    }

    /// The tables and views that its query names, as far as there are such databases.
    pub fn reads(&self, tables: &dyn Tables) -> Vec<TablePath> {
        let session = Session::new(&self.record.catalog, &self.record.database);
        let Ok(statement) = nutkin_sql::parse_statement(&self.record.query) else { return Vec::new() };
        let names = table_references(&statement);
        names.iter().filter_map(|name| resolve_path(name, &session, tables).ok()).collect()
    }

    /// The view as something that has columns, for listings.
    pub fn as_table(&self, path: &TablePath) -> Table {
        Table {
            path: path.clone(),
            columns: self.columns.clone(),
            watermark: None,
            primary_key: None,
            distribution: None,
            changelog_mode: ChangelogMode::Append,
            options: BTreeMap::new(),
            comment: self.comment.clone(),
            connector: Connector::Memory,
        }
    }

    /// As [`View::as_table`], shared.
    pub fn shared_table(&self, path: &TablePath) -> Arc<Table> {
        Arc::new(self.as_table(path))
    }
}
