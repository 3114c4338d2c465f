//! [`Snapshot`]: the names and tables of one statement, read before it is analysed.

use std::collections::HashMap;
use std::sync::Arc;

use nutkin_plan::operators::{Operator, Sink, SinkTarget};
use nutkin_plan::{Plan, Table, TablePath};
use nutkin_planner::Tables;

use crate::error::CatalogError;
use crate::samples;

/// A table that was read, and why no statement may write it, if so.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    pub table: Arc<Table>,
    pub read_only: Option<ReadOnly>,
}

/// What is not built for writing to a table, and the remedy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadOnly {
    pub what: &'static str,
    pub remedy: &'static str,
}

/// A catalog with its databases. `name` is unique: where two have the same, it is the id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CatalogNames {
    pub id: String,
    pub name: String,
    pub databases: Vec<DatabaseNames>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DatabaseNames {
    pub id: String,
    pub name: String,
}

/// Where a table lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    Cluster { environment_id: &'a str, cluster_id: &'a str },
    Samples,
}

#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    catalogs: Vec<CatalogNames>,
    tables: HashMap<TablePath, Loaded>,
}

impl Snapshot {
    pub fn new(catalogs: Vec<CatalogNames>) -> Snapshot {
        Snapshot { catalogs, tables: HashMap::new() }
    }

    /// Environments by name, then `examples`.
    pub fn catalogs(&self) -> &[CatalogNames] {
        &self.catalogs
    }

    /// The databases of a catalog by its display name.
    pub fn databases(&self, catalog: &str) -> &[DatabaseNames] {
        self.catalogs.iter().find(|names| names.name == catalog).map_or(&[], |names| &names.databases)
    }

    pub fn place(&self, catalog: &str, database: &str) -> Option<Place<'_>> {
        let catalog = self.catalogs.iter().find(|names| names.name == catalog)?;
        if catalog.id == samples::CATALOG_ID {
            return Some(Place::Samples);
        }
        let database = catalog.databases.iter().find(|names| names.name == database)?;
        Some(Place::Cluster { environment_id: &catalog.id, cluster_id: &database.id })
    }

    pub fn insert(&mut self, loaded: Loaded) {
        self.tables.insert(loaded.table.path.clone(), loaded);
    }

    pub fn loaded(&self, path: &TablePath) -> Option<&Loaded> {
        self.tables.get(path)
    }

    /// Refuses a plan that writes to a table which can only be read.
    pub fn check_writable(&self, plan: &Plan) -> Result<(), CatalogError> {
        let written = plan.nodes.iter().filter_map(|node| match &node.operator {
            Operator::Sink(Sink { target: SinkTarget::Table(table), .. }) => plan.tables.get(*table),
            _ => None,
        });
        for table in written {
            if let Some(ReadOnly { what, remedy }) = self.loaded(&table.path).and_then(|loaded| loaded.read_only) {
                let what = format!("Table {}: {what}", table.path);
                return Err(CatalogError::NotBuilt { what, remedy: remedy.to_owned() });
            }
        }
        Ok(())
    }
}

impl Tables for Snapshot {
    fn catalog(&self, name_or_id: &str) -> Option<String> {
        let by_name = self.catalogs.iter().find(|names| names.name == name_or_id);
        by_name.or_else(|| self.catalogs.iter().find(|names| names.id == name_or_id)).map(|names| names.name.clone())
    }

    fn database(&self, catalog: &str, name_or_id: &str) -> Option<String> {
        let databases = self.databases(catalog);
        let by_name = databases.iter().find(|names| names.name == name_or_id);
        by_name.or_else(|| databases.iter().find(|names| names.id == name_or_id)).map(|names| names.name.clone())
    }

    fn table(&self, path: &TablePath) -> Option<Arc<Table>> {
        self.tables.get(path).map(|loaded| Arc::clone(&loaded.table))
    }
}
