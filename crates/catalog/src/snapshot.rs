//! [`Snapshot`]: the names and tables of one statement, read before it is analysed.

use std::collections::HashMap;
use std::sync::Arc;

use nutkin_plan::{Table, TablePath};
use nutkin_planner::Tables;

use crate::error::CatalogError;
use crate::samples;

/// A table that was read, and why no statement may read or write it, if so.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    pub table: Arc<Table>,
    /// What is not built for this table, and the remedy. SHOW and DESCRIBE work all the same.
    pub refusal: Option<(String, String)>,
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

    /// Refuses a statement that names a table which no job can read or write yet.
    pub fn check_readable(&self) -> Result<(), CatalogError> {
        match self.tables.values().find_map(|loaded| Some((&loaded.table.path, loaded.refusal.as_ref()?))) {
            None => Ok(()),
            Some((path, (what, remedy))) => {
                Err(CatalogError::NotBuilt { what: format!("Table {path}: {what}"), remedy: remedy.clone() })
            }
        }
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
