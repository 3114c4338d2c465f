//! [`Facts`]: what the rows of a catalog's views are made from, read as sparingly as the query allows.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use futures::stream::{self, StreamExt, TryStreamExt};
use nutkin_plan::{Table, TablePath};

use crate::error::CatalogError;
use crate::functions::{UserFunction, UserFunctions};
use crate::load::{self, Object};
use crate::show;
use crate::snapshot::{CatalogNames, DatabaseNames, Place};
use crate::statement::Submission;

/// Tables that are read at the same time.
const AT_ONCE: usize = 16;

pub(super) struct Facts {
    /// Every catalog that the asker may see.
    pub catalogs: Vec<CatalogNames>,
    /// The one that the schema belongs to.
    pub own: CatalogNames,
    pub tables: Vec<Entry>,
    /// Functions of users with their databases.
    pub functions: Vec<(DatabaseNames, UserFunction)>,
}

/// A table or view.
pub(super) struct Entry {
    pub database: DatabaseNames,
    pub name: String,
    pub is_view: bool,
    /// None when it was not asked for, or cannot be read.
    pub table: Option<Arc<Table>>,
}

/// Which tables a query needs, and how much of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Need {
    /// Names or ids of databases; None: all.
    pub databases: Option<BTreeSet<String>>,
    /// Names of tables; None: all.
    pub tables: Option<BTreeSet<String>>,
    pub definitions: bool,
}

/// Reads what the views of a query need, each thing once however many scans ask for it.
pub(super) struct Reader<'a> {
    submission: &'a Submission<'a>,
    /// By catalog and database: the names of tables and views, and those of views.
    listed: HashMap<(String, String), (BTreeSet<String>, BTreeSet<String>)>,
    definitions: HashMap<TablePath, Definition>,
    /// By catalog.
    functions: HashMap<String, Vec<(DatabaseNames, UserFunction)>>,
}

/// What was found under a name.
#[derive(Clone)]
enum Definition {
    /// A table that went while it was looked at.
    Gone,
    /// One table that cannot be used must not hide all others.
    Unusable,
    Known {
        is_view: bool,
        table: Arc<Table>,
    },
}

impl<'a> Reader<'a> {
    pub fn new(submission: &'a Submission<'a>) -> Reader<'a> {
        let (listed, definitions, functions) = (HashMap::new(), HashMap::new(), HashMap::new());
        Reader { submission, listed, definitions, functions }
    }

    /// Names only.
    pub fn names(&self, catalog: &str) -> Facts {
        let catalogs = self.submission.snapshot.catalogs().to_vec();
        let own = catalogs.iter().find(|names| names.name == catalog).cloned();
        let own = own.unwrap_or_else(|| CatalogNames {
            id: catalog.to_owned(),
            name: catalog.to_owned(),
            databases: Vec::new(),
        });
        Facts { catalogs, own, tables: Vec::new(), functions: Vec::new() }
    }

    /// With the functions that users registered.
    pub async fn with_functions(&mut self, catalog: &str) -> Result<Facts, CatalogError> {
        let mut facts = self.names(catalog);
        if let Some(known) = self.functions.get(&facts.own.name) {
            facts.functions.clone_from(known);
            return Ok(facts);
        }
        for database in facts.own.databases.clone() {
            let place = self.submission.snapshot.place(&facts.own.name, &database.name);
            if let Some(Place::Cluster { cluster_id, .. }) = place {
                let functions = UserFunctions::load(self.submission.catalog, cluster_id).await?;
                facts.functions.extend(functions.iter().map(|function| (database.clone(), function.clone())));
            }
        }
        self.functions.insert(facts.own.name.clone(), facts.functions.clone());
        Ok(facts)
    }

    /// With the tables that `need` names.
    pub async fn with_tables(&mut self, catalog: &str, need: &Need) -> Result<Facts, CatalogError> {
        let mut facts = self.names(catalog);
        let mut databases = facts.own.databases.clone();
        databases.push(super::database());
        for database in databases {
            let wanted = need.databases.as_ref();
            if wanted.is_some_and(|wanted| !wanted.contains(&database.id) && !wanted.contains(&database.name)) {
                continue;
            }
            let (mut names, views) = self.listed(&facts.own.name, &database.name).await?;
            names.retain(|name| need.tables.as_ref().is_none_or(|tables| tables.contains(name)));
            if need.definitions {
                self.define(&facts.own.name, &database.name, &names).await?;
            }
            for name in names {
                let path = path_of(&facts.own.name, &database.name, &name);
                let known = self.definitions.get(&path).filter(|_| need.definitions);
                let (is_view, table) = match known {
                    Some(Definition::Gone) => continue,
                    Some(Definition::Known { is_view, table }) => (*is_view, Some(table.clone())),
                    Some(Definition::Unusable) | None => (views.contains(&name), None),
                };
                facts.tables.push(Entry { database: database.clone(), name, is_view, table });
            }
        }
        Ok(facts)
    }

    /// Names of tables and views, and which of them are views.
    async fn listed(
        &mut self,
        catalog: &str,
        database: &str,
    ) -> Result<(BTreeSet<String>, BTreeSet<String>), CatalogError> {
        let key = (catalog.to_owned(), database.to_owned());
        if let Some(known) = self.listed.get(&key) {
            return Ok(known.clone());
        }
        let views = show::tables::views(self.submission, catalog, database).await?;
        let names = show::tables::names(self.submission, catalog, database).await?;
        self.listed.insert(key, (names.clone(), views.clone()));
        Ok((names, views))
    }

    /// Reads the definitions that are not known yet.
    async fn define(&mut self, catalog: &str, database: &str, names: &BTreeSet<String>) -> Result<(), CatalogError> {
        let paths = names.iter().map(|name| path_of(catalog, database, name));
        let unknown: Vec<TablePath> = paths.filter(|path| !self.definitions.contains_key(path)).collect();
        let submission = self.submission;
        let read = unknown.into_iter().map(|path| async move { definition(submission, path).await });
        let found: Vec<(TablePath, Definition)> = stream::iter(read).buffered(AT_ONCE).try_collect().await?;
        self.definitions.extend(found);
        Ok(())
    }
}

fn path_of(catalog: &str, database: &str, name: &str) -> TablePath {
    TablePath { catalog: catalog.to_owned(), database: database.to_owned(), name: name.to_owned() }
}

async fn definition(submission: &Submission<'_>, path: TablePath) -> Result<(TablePath, Definition), CatalogError> {
    let found = match load::object(submission.catalog, &submission.snapshot, &path).await {
        Ok(Some(Object::View(_, view))) => Definition::Known { is_view: true, table: view.shared_table(&path) },
        Ok(Some(Object::Table(loaded))) => {
            Definition::Known { is_view: path.database == super::DATABASE, table: loaded.table }
        }
        Ok(None) => Definition::Gone,
        Err(CatalogError::Unusable { .. } | CatalogError::Format(_)) => Definition::Unusable,
        Err(error) => return Err(error),
    };
    Ok((path, found))
}
