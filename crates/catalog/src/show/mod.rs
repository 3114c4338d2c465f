//! SHOW (spec D-18): what is listed from the snapshot; tables and texts in files of their own.

use nutkin_planner::{Show, Tables};
use nutkin_sql::ast::ShowFilter;

use crate::error::CatalogError;
use crate::outcome::Outcome;
use crate::result::{row, table};
use crate::snapshot::Snapshot;
use crate::statement::Submission;

pub(crate) mod create_table;
mod create_view;
mod functions;
pub(crate) mod like;
pub(crate) mod tables;

pub(crate) async fn show(submission: &Submission<'_>, show: Show) -> Result<Outcome, CatalogError> {
    let (kind, snapshot) = (submission.sql_kind(), &submission.snapshot);
    Ok(match show {
        Show::Catalogs { filter } => {
            let entries = snapshot.catalogs().iter().map(|names| (names.name.as_str(), names.id.as_str()));
            listing(kind, ["catalog name", "catalog id"], entries, filter.as_ref())
        }
        Show::Databases { catalog, filter } => {
            let entries = snapshot.databases(&catalog).iter().map(|names| (names.name.as_str(), names.id.as_str()));
            listing(kind, ["database name", "database id"], entries, filter.as_ref())
        }
        Show::Tables { catalog, database, filter } => {
            let names = tables::names(submission, &catalog, &database).await?;
            let names = names.into_iter().filter(|name| like::keeps(filter.as_ref(), name));
            table(kind, &["table name"], names.map(|name| row([name])).collect())
        }
        Show::Views { catalog, database, filter } => {
            let names = tables::views(submission, &catalog, &database).await?;
            let names = names.into_iter().filter(|name| like::keeps(filter.as_ref(), name));
            table(kind, &["view name"], names.map(|name| row([name])).collect())
        }
        Show::Jobs { filter } => jobs(submission, filter.as_ref()).await?,
        Show::Functions { database, only_users, filter } => {
            functions::listing(submission, database, only_users, filter.as_ref()).await?
        }
        Show::CreateView { path } => {
            let view = snapshot.view(&path).ok_or_else(|| CatalogError::ViewNotFound(path.clone()))?;
            table(kind, &["SHOW CREATE VIEW"], vec![row([create_view::text(&path, view)])])
        }
        Show::CreateTable { path } => {
            let loaded = snapshot.loaded(&path).ok_or_else(|| CatalogError::TableNotFound(path.clone()))?;
            table(kind, &["SHOW CREATE TABLE"], vec![row([create_table::text(&loaded.table)])])
        }
        Show::CurrentCatalog => {
            table(kind, &["current catalog name"], vec![vec![current_catalog(submission, snapshot)]])
        }
        Show::CurrentDatabase => {
            table(kind, &["current database name"], vec![vec![current_database(submission, snapshot)]])
        }
    })
}

/// SHOW JOBS: the statements of the environment that this one belongs to.
async fn jobs(submission: &Submission<'_>, filter: Option<&ShowFilter>) -> Result<Outcome, CatalogError> {
    let mut jobs = submission.catalog.directory.jobs(&submission.request.environment).await?;
    jobs.sort_by(|a, b| a.name.cmp(&b.name));
    let kept = jobs.into_iter().filter(|job| like::keeps(filter, &job.name));
    let rows = kept.map(|job| row([job.name, job.phase, job.sql, job.compute_pool, job.created_at, job.detail]));
    let headings = ["Name", "Phase", "Statement", "Compute Pool", "Creation Time", "Detail"];
    Ok(table(submission.sql_kind(), &headings, rows.collect()))
}

fn listing<'a>(
    kind: String,
    headings: [&str; 2],
    entries: impl Iterator<Item = (&'a str, &'a str)>,
    filter: Option<&ShowFilter>,
) -> Outcome {
    let kept = entries.filter(|(name, _)| like::keeps(filter, name));
    table(kind, &headings, kept.map(|(name, id)| row([name, id])).collect())
}

/// The display name, also where the session gives the id.
fn current_catalog(submission: &Submission<'_>, snapshot: &Snapshot) -> Option<String> {
    let written = submission.session.catalog.clone()?;
    Some(snapshot.catalog(&written).unwrap_or(written))
}

fn current_database(submission: &Submission<'_>, snapshot: &Snapshot) -> Option<String> {
    let written = submission.session.database.clone()?;
    let catalog = current_catalog(submission, snapshot);
    let known = catalog.and_then(|catalog| snapshot.database(&catalog, &written));
    Some(known.unwrap_or(written))
}
