//! [`Facts`]: what the rows of a catalog's views are made from, read as sparingly as the query allows.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::stream::{self, StreamExt, TryStreamExt};
use nutkin_plan::{Table, TablePath};

use crate::error::CatalogError;
use crate::functions::{UserFunction, UserFunctions};
use crate::load;
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

impl Facts {
    /// Names only.
    pub fn names(submission: &Submission<'_>, catalog: &str) -> Facts {
        let catalogs = submission.snapshot.catalogs().to_vec();
        let own = catalogs.iter().find(|names| names.name == catalog).cloned();
        let own = own.unwrap_or_else(|| CatalogNames {
            id: catalog.to_owned(),
            name: catalog.to_owned(),
            databases: Vec::new(),
        });
        Facts { catalogs, own, tables: Vec::new(), functions: Vec::new() }
    }

    /// With the functions that users registered.
    pub async fn with_functions(submission: &Submission<'_>, catalog: &str) -> Result<Facts, CatalogError> {
        let mut facts = Facts::names(submission, catalog);
        for database in facts.own.databases.clone() {
            let place = submission.snapshot.place(&facts.own.name, &database.name);
            if let Some(Place::Cluster { cluster_id, .. }) = place {
                let functions = UserFunctions::load(submission.catalog, cluster_id).await?;
                facts.functions.extend(functions.iter().map(|function| (database.clone(), function.clone())));
            }
        }
        Ok(facts)
    }

    /// With the tables that `need` names.
    pub async fn with_tables(submission: &Submission<'_>, catalog: &str, need: &Need) -> Result<Facts, CatalogError> {
        let mut facts = Facts::names(submission, catalog);
        let mut databases = facts.own.databases.clone();
        databases.push(super::database());
        for database in databases {
            let wanted = need.databases.as_ref();
            if wanted.is_some_and(|wanted| !wanted.contains(&database.id) && !wanted.contains(&database.name)) {
                continue;
            }
            let names = show::tables::names(submission, &facts.own.name, &database.name).await?;
            let kept = names.into_iter().filter(|name| need.tables.as_ref().is_none_or(|tables| tables.contains(name)));
            let entries = kept.map(|name| entry(submission, &facts.own.name, &database, name, need.definitions));
            let entries: Vec<Option<Entry>> = stream::iter(entries).buffered(AT_ONCE).try_collect().await?;
            facts.tables.extend(entries.into_iter().flatten());
        }
        Ok(facts)
    }
}

/// None for a table that went while it was looked at.
async fn entry(
    submission: &Submission<'_>,
    catalog: &str,
    database: &DatabaseNames,
    name: String,
    definition: bool,
) -> Result<Option<Entry>, CatalogError> {
    let path = TablePath { catalog: catalog.to_owned(), database: database.name.clone(), name: name.clone() };
    let view = load::view_of(submission.catalog, &submission.snapshot, &path).await?;
    let is_view = database.name == super::DATABASE || view.is_some();
    let table = match view {
        _ if !definition => None,
        Some(view) => Some(view.shared_table(&path)),
        None => match load::of_path(submission.catalog, &submission.snapshot, &path).await {
            Ok(Some(loaded)) => Some(loaded.table),
            Ok(None) => return Ok(None),
            // One table that cannot be used must not hide all others.
            Err(CatalogError::Unusable { .. } | CatalogError::Format(_)) => None,
            Err(error) => return Err(error),
        },
    };
    Ok(Some(Entry { database: database.clone(), name, is_view, table }))
}
