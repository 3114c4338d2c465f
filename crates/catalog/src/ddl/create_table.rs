//! CREATE TABLE and CREATE TABLE AS (spec D-01 to D-06).

use nutkin_planner::{CreateTable, Warning, plan_create_table_as};
use nutkin_sql::ast::Statement;

use super::definition::{Creation, decide};
use super::drop_table;
use super::making::Site;
use crate::error::CatalogError;
use crate::load;
use crate::outcome::{Outcome, Traits};
use crate::record::{RecordState, TableRecord};
use crate::result::done;
use crate::snapshot::Place;
use crate::statement::Submission;

/// What is there under the name of the new table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    /// A table that another statement, or nobody here, has made.
    Other,
    /// Begun by this very statement.
    Begun,
    /// Made by this very statement.
    Own,
    /// What a DROP that was interrupted left.
    HalfDropped,
}

pub(crate) async fn create_table(
    mut submission: Submission<'_>,
    table: CreateTable,
    warnings: Vec<Warning>,
) -> Result<Outcome, CatalogError> {
    let path = &table.path;
    let (environment_id, cluster_id) = match submission.snapshot.place(&path.catalog, &path.database) {
        Some(Place::Cluster { environment_id, cluster_id }) => (environment_id.to_owned(), cluster_id.to_owned()),
        _ => return Err(CatalogError::ReadOnly(path.clone())),
    };
    let creation = decide(&table, submission.catalog.options.blackhole, &submission.request.uid)?;
    if submission.session.dry_run {
        let text = format!("Table '{}' can be created. It was not because 'sql.dry-run' is true.", path.name);
        return Ok(done(submission.sql_kind(), text));
    }
    let site = Site { catalog: submission.catalog, environment_id: &environment_id, cluster_id: &cluster_id, path };
    let changes = submission.catalog.changes_of(&cluster_id);
    let _one_at_a_time = changes.lock().await;
    let made = make(&site, &creation, table.if_not_exists).await?;
    if table.as_query.is_none() {
        let text = if made { "created" } else { "already exists" };
        return Ok(done(submission.sql_kind(), format!("Table '{}' {text}", path.name)));
    }
    let loaded = load::table(site.catalog, site.environment_id, site.cluster_id, path).await?;
    let loaded = loaded.ok_or_else(|| CatalogError::unusable(path, "it was dropped while it was being made"))?;
    submission.snapshot.insert(loaded.clone());
    match planned(&submission, loaded.table, warnings) {
        Ok(job) => Ok(job),
        Err(error) => {
            // A table that nothing fills must not stay behind.
            if made && let Err(left) = drop_table::remove(&site, &creation.record).await {
                tracing::warn!(table = %path, error = %left, "the table of a CREATE TABLE AS that failed was not removed");
            }
            Err(error)
        }
    }
}

/// Makes the table; false when IF NOT EXISTS found one.
async fn make(site: &Site<'_>, creation: &Creation, if_not_exists: bool) -> Result<bool, CatalogError> {
    let record = load::record(site.catalog, site.cluster_id, site.path).await?;
    match found(site, record.as_ref(), creation).await? {
        Found::Own => Ok(true),
        Found::Other if if_not_exists => Ok(false),
        Found::Other => Err(CatalogError::TableExists(site.path.clone())),
        Found::HalfDropped => {
            if let Some(record) = &record {
                drop_table::remove(site, record).await?;
            }
            site.make(creation).await.map(|()| true)
        }
        Found::Nothing | Found::Begun => site.make(creation).await.map(|()| true),
    }
}

async fn found(site: &Site<'_>, record: Option<&TableRecord>, creation: &Creation) -> Result<Found, CatalogError> {
    let topic = load::topic(&site.kafka().await?, &site.path.name).await?;
    let Some(record) = record else {
        return Ok(if topic.is_some() { Found::Other } else { Found::Nothing });
    };
    let own = record.statement == creation.record.statement;
    if record.is_view() {
        return Ok(Found::Other);
    }
    Ok(match (record.state, &topic) {
        (RecordState::Ready, None) if load::is_blackhole(record)? => {
            if own {
                Found::Own
            } else {
                Found::Other
            }
        }
        (RecordState::Ready, Some(topic)) if own && load::speaks_of(record, topic) => Found::Own,
        (RecordState::Creating, Some(topic)) => {
            let wanted = creation.topic.as_ref().and_then(|topic| topic.partitions);
            let same = wanted == i32::try_from(topic.partitions.len()).ok();
            if own && same { Found::Begun } else { Found::Other }
        }
        (RecordState::Dropping, _) => Found::HalfDropped,
        (_, Some(_)) => Found::Other,
        // The record outlived its topic, or a first try got no further.
        (_, None) => Found::Nothing,
    })
}

fn planned(
    submission: &Submission<'_>,
    table: std::sync::Arc<nutkin_plan::Table>,
    warnings: Vec<Warning>,
) -> Result<Outcome, CatalogError> {
    let Statement::CreateTable(statement) = submission.statement else {
        return Err(CatalogError::unusable(&table.path, "the statement is no CREATE TABLE"));
    };
    let (sql, session) = (&submission.request.sql, &submission.session);
    let execution = plan_create_table_as(statement, sql, session, &submission.snapshot, table)?;
    (submission.catalog.options.check)(&execution.plan).map_err(CatalogError::DataPlane)?;
    let traits = Traits {
        sql_kind: submission.sql_kind(),
        is_bounded: execution.is_bounded,
        is_append_only: execution.is_append_only,
        upsert_columns: execution.upsert_columns,
        schema: None,
    };
    Ok(Outcome::Job { traits, plan: Box::new(execution.plan), warnings })
}
