//! CREATE VIEW, ALTER VIEW and DROP VIEW (spec D-10). A view is a record without a topic; its name is taken for tables too.

use nutkin_plan::TablePath;
use nutkin_plan::table::TableColumn;
use nutkin_planner::{CreateView, ViewChange};
use nutkin_sql::ast::{AlterViewAction, Statement};

use super::making::Site;
use super::without_topic::{self, List};
use crate::error::CatalogError;
use crate::load;
use crate::outcome::Outcome;
use crate::record::{RecordColumn, RecordState, TableRecord, ViewRecord};
use crate::result::done;
use crate::snapshot::Place;
use crate::statement::Submission;

pub(crate) async fn create_view(submission: &Submission<'_>, view: CreateView) -> Result<Outcome, CatalogError> {
    let path = &view.path;
    let site = site(submission, path)?;
    if !load::is_table_name(&path.name) || load::is_internal_name(&path.name) {
        let problem = "a view is named as a topic may be: 1 to 249 letters, digits, dots, underscores and hyphens, and not '__' or '_confluent' at the front";
        return Err(CatalogError::definition(path, problem));
    }
    let lock = submission.catalog.changes_of(site.cluster_id);
    let _one_at_a_time = lock.lock().await;
    let uid = submission.request.uid.as_str();
    let found = load::record(submission.catalog, site.cluster_id, path).await?;
    let own = found.as_ref().is_some_and(|record| record.is_view() && record.statement == uid);
    let created = done(submission.sql_kind(), format!("View '{}' created", path.name));
    if own {
        return Ok(created);
    }
    let topic = load::topic(&site.kafka().await?, &path.name).await?.is_some();
    let taken = found.is_some_and(|record| !matches!(record.state, RecordState::Dropped));
    if topic || taken {
        return match view.if_not_exists {
            true => Ok(done(submission.sql_kind(), format!("View '{}' already exists", path.name))),
            false => Err(CatalogError::TableExists(path.clone())),
        };
    }
    if submission.session.dry_run {
        let text = format!("View '{}' can be created. It was not because 'sql.dry-run' is true.", path.name);
        return Ok(done(submission.sql_kind(), text));
    }
    let mut record = TableRecord::new(uid, RecordState::Ready);
    record.columns = stored(view.columns);
    record.comment = view.comment;
    record.view = Some(written(submission, path, view.is_named));
    put(&site, &record).await?;
    Ok(created)
}

pub(crate) async fn alter_view(
    submission: &Submission<'_>,
    path: &TablePath,
    change: Option<ViewChange>,
) -> Result<Outcome, CatalogError> {
    let Some(change) = change else {
        return Ok(done(submission.sql_kind(), format!("View '{}' does not exist", path.name)));
    };
    let site = site(submission, path)?;
    let lock = submission.catalog.changes_of(site.cluster_id);
    let _one_at_a_time = lock.lock().await;
    let record = load::record(submission.catalog, site.cluster_id, path).await?;
    let mut record = record.filter(TableRecord::is_view).ok_or_else(|| CatalogError::ViewNotFound(path.clone()))?;
    if submission.session.dry_run {
        let text = format!("View '{}' can be altered. It was not because 'sql.dry-run' is true.", path.name);
        return Ok(done(submission.sql_kind(), text));
    }
    match change {
        ViewChange::Query(columns) => {
            record.columns = stored(columns);
            record.view = Some(written(submission, path, false));
            put(&site, &record).await?;
        }
        ViewChange::Rename(target) => {
            let to = Site { path: &target, ..site };
            let there = load::record(submission.catalog, site.cluster_id, &target).await?;
            // A first try that was interrupted has put the same view there.
            let own = there.as_ref().is_some_and(|other| other.view == record.view && other.columns == record.columns);
            let taken = there.is_some_and(|record| !matches!(record.state, RecordState::Dropped));
            let topic = load::topic(&site.kafka().await?, &target.name).await?.is_some();
            if topic || (taken && !own) {
                return Err(CatalogError::TableExists(target));
            }
            put(&to, &record).await?;
            remove(&site, &submission.request.uid).await?;
        }
    }
    Ok(done(submission.sql_kind(), format!("View '{}' altered", path.name)))
}

pub(crate) async fn drop_view(
    submission: &Submission<'_>,
    path: &TablePath,
    if_exists: bool,
) -> Result<Outcome, CatalogError> {
    let site = site(submission, path)?;
    let lock = submission.catalog.changes_of(site.cluster_id);
    let _one_at_a_time = lock.lock().await;
    let uid = submission.request.uid.as_str();
    let dropped = done(submission.sql_kind(), format!("View '{}' dropped", path.name));
    match load::record(submission.catalog, site.cluster_id, path).await? {
        Some(record) if record.is_view() => {
            if submission.session.dry_run {
                let text = format!("View '{}' can be dropped. It was not because 'sql.dry-run' is true.", path.name);
                return Ok(done(submission.sql_kind(), text));
            }
            remove(&site, uid).await?;
            Ok(dropped)
        }
        Some(record) if record.state == RecordState::Dropped && record.statement == uid => Ok(dropped),
        _ if if_exists => Ok(done(submission.sql_kind(), format!("View '{}' does not exist", path.name))),
        _ => Err(CatalogError::ViewNotFound(path.clone())),
    }
}

fn site<'a>(submission: &'a Submission<'_>, path: &'a TablePath) -> Result<Site<'a>, CatalogError> {
    match submission.snapshot.place(&path.catalog, &path.database) {
        Some(Place::Cluster { environment_id, cluster_id }) => {
            Ok(Site { catalog: submission.catalog, environment_id, cluster_id, path })
        }
        _ => Err(CatalogError::ReadOnly(path.clone())),
    }
}

fn stored(columns: Vec<TableColumn>) -> Vec<RecordColumn> {
    columns.into_iter().map(RecordColumn::Stored).collect()
}

/// The query as the statement has it, and where its names are at home: by id, which stays when a name changes.
fn written(submission: &Submission<'_>, path: &TablePath, is_named: bool) -> ViewRecord {
    let sql = submission.request.sql.as_str();
    let query = match submission.statement {
        Statement::CreateView(create) => create.query.span.text(sql),
        Statement::AlterView(alter) => match &alter.action {
            AlterViewAction::As(query) => query.span.text(sql),
            AlterViewAction::Rename(_) => "",
        },
        _ => "",
    };
    let session = &submission.session;
    let catalog = session.catalog.clone().unwrap_or_else(|| path.catalog.clone());
    let database = session.database.clone().unwrap_or_else(|| path.database.clone());
    let (catalog, database) = submission.snapshot.ids(&catalog, &database);
    ViewRecord { query: query.trim().to_owned(), catalog, database, is_named }
}

async fn put(site: &Site<'_>, record: &TableRecord) -> Result<(), CatalogError> {
    without_topic::add(site.catalog, site.cluster_id, List::Views, &site.path.name).await?;
    site.put(record).await
}

async fn remove(site: &Site<'_>, uid: &str) -> Result<(), CatalogError> {
    site.put(&TableRecord::new(uid, RecordState::Dropped)).await?;
    without_topic::remove(site.catalog, site.cluster_id, List::Views, &site.path.name).await
}
