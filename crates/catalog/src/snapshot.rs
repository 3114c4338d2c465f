//! [`Snapshot`]: the names and tables of one statement, read before it is analysed.

use std::collections::HashMap;
use std::sync::Arc;

use nutkin_plan::operators::{Operator, Sink, SinkTarget};
use nutkin_plan::{Plan, Table, TablePath};
use nutkin_planner::{TableStatistics, Tables, ViewDefinition};

use crate::error::CatalogError;
use crate::functions::{UserFunction, UserFunctions};
use crate::information_schema;
use crate::samples;
use crate::view::View;

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
    Cluster {
        environment_id: &'a str,
        cluster_id: &'a str,
    },
    Samples,
    /// `INFORMATION_SCHEMA`, in any catalog.
    Information,
}

#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    catalogs: Vec<CatalogNames>,
    tables: HashMap<TablePath, Loaded>,
    views: HashMap<TablePath, View>,
    /// By catalog and database: those of which the statement may name functions.
    functions: HashMap<(String, String), UserFunctions>,
    /// Of topics, where the statement asks for estimates.
    statistics: HashMap<TablePath, TableStatistics>,
}

impl Snapshot {
    pub fn new(catalogs: Vec<CatalogNames>) -> Snapshot {
        Snapshot { catalogs, ..Snapshot::default() }
    }

    /// Environments by name, then `examples`.
    pub fn catalogs(&self) -> &[CatalogNames] {
        &self.catalogs
    }

    /// The databases of a catalog by its display name.
    pub fn databases(&self, catalog: &str) -> &[DatabaseNames] {
        self.catalogs.iter().find(|names| names.name == catalog).map_or(&[], |names| &names.databases)
    }

    /// Ids of a catalog and a database in it by name or id; what is not known stays as it is.
    pub fn ids(&self, catalog: &str, database: &str) -> (String, String) {
        let Some(name) = self.catalog(catalog) else { return (catalog.to_owned(), database.to_owned()) };
        let id = self.catalogs.iter().find(|names| names.name == name).map(|names| names.id.clone());
        let known = self.database(&name, database);
        let found = self.databases(&name).iter().find(|names| Some(&names.name) == known.as_ref());
        (id.unwrap_or(name), found.map_or_else(|| database.to_owned(), |names| names.id.clone()))
    }

    pub fn place(&self, catalog: &str, database: &str) -> Option<Place<'_>> {
        let catalog = self.catalogs.iter().find(|names| names.name == catalog)?;
        if database == information_schema::DATABASE {
            return Some(Place::Information);
        }
        if catalog.id == samples::CATALOG_ID {
            return Some(Place::Samples);
        }
        let database = catalog.databases.iter().find(|names| names.name == database)?;
        Some(Place::Cluster { environment_id: &catalog.id, cluster_id: &database.id })
    }

    pub fn insert(&mut self, loaded: Loaded) {
        self.tables.insert(loaded.table.path.clone(), loaded);
    }

    pub fn insert_view(&mut self, path: TablePath, view: View) {
        self.views.insert(path, view);
    }

    pub fn insert_statistics(&mut self, path: TablePath, statistics: TableStatistics) {
        self.statistics.insert(path, statistics);
    }

    /// The tables that the statement names, in no order.
    pub fn tables(&self) -> impl Iterator<Item = &Arc<Table>> {
        self.tables.values().map(|loaded| &loaded.table)
    }

    pub fn has_views(&self) -> bool {
        !self.views.is_empty()
    }

    pub fn insert_functions(&mut self, catalog: &str, database: &str, functions: UserFunctions) {
        self.functions.insert((catalog.to_owned(), database.to_owned()), functions);
    }

    pub fn function(&self, path: &TablePath) -> Option<&UserFunction> {
        self.functions.get(&(path.catalog.clone(), path.database.clone()))?.get(&path.name)
    }

    pub fn view(&self, path: &TablePath) -> Option<&View> {
        self.views.get(path)
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
        let information = information_schema::database();
        if [&information.name, &information.id].iter().any(|known| *known == name_or_id) {
            return self.catalogs.iter().any(|names| names.name == catalog).then_some(information.name);
        }
        let databases = self.databases(catalog);
        let by_name = databases.iter().find(|names| names.name == name_or_id);
        by_name.or_else(|| databases.iter().find(|names| names.id == name_or_id)).map(|names| names.name.clone())
    }

    fn table(&self, path: &TablePath) -> Option<Arc<Table>> {
        self.tables.get(path).map(|loaded| Arc::clone(&loaded.table))
    }

    fn statistics(&self, path: &TablePath) -> Option<TableStatistics> {
        self.statistics.get(path).copied()
    }

    fn has_function(&self, path: &TablePath) -> bool {
        self.function(path).is_some()
    }

    fn view(&self, path: &TablePath) -> Option<ViewDefinition> {
        self.views.get(path).map(View::definition)
    }
}
