//! ALTER TABLE (spec D-08): options, watermark, primary key, metadata, computed and raw columns.
//!
//! Settings of the topic go to the topic, everything else to the record. A topic that nobody created gets a record that says
//! only what differs from the rules of inference. The table is made of both before anything is changed: what cannot be is
//! refused and leaves all as it was.

use std::sync::Arc;

use nutkin_kafka::{Client, ConfigChange, ConfigResource, TopicDescription};
use nutkin_plan::table::{ColumnKind, Connector, FormatKind, TableColumn};
use nutkin_plan::{ChangelogMode, Table, TablePath};
use nutkin_planner::TableChange;

use super::definition::{check_compaction, check_keys, check_metadata, check_raw};
use super::making::Site;
use crate::error::CatalogError;
use crate::load;
use crate::outcome::Outcome;
use crate::record::{RecordColumn, RecordState, TableRecord};
use crate::result::done;
use crate::snapshot::Place;
use crate::statement::Submission;
use crate::table_options::TableOptions;
use crate::table_options::alter::{Altered, reset, set};

pub(crate) async fn alter_table(
    submission: &Submission<'_>,
    path: &TablePath,
    changes: Option<Vec<TableChange>>,
) -> Result<Outcome, CatalogError> {
    let Some(Place::Cluster { environment_id, cluster_id }) = submission.snapshot.place(&path.catalog, &path.database)
    else {
        return Err(CatalogError::ReadOnly(path.clone()));
    };
    let Some(changes) = changes else {
        return Ok(done(submission.sql_kind(), format!("Table '{}' does not exist", path.name)));
    };
    let catalog = submission.catalog;
    let site = Site { catalog, environment_id, cluster_id, path };
    let one_at_a_time = catalog.changes_of(cluster_id);
    let _held = one_at_a_time.lock().await;
    let before = unchanged(submission, &site).await?;
    let client = site.kafka().await?;
    let topic = load::topic(&client, &path.name).await?.ok_or_else(|| no_topic(path))?;
    let mut record = record(&site, submission, &topic).await?;
    let mut altered = Altered::default();
    for change in changes {
        altered.topic.extend(apply(&mut record, &before, change)?.topic);
    }
    // The table as it will be.
    let mut settings = load::settings(&client, &path.name).await?;
    altered.apply(&mut settings);
    let after = load::of_topic(catalog, environment_id, cluster_id, path, &topic, settings, Some(&record)).await?;
    check(&after.table, &record)?;
    if submission.session.dry_run {
        let text = format!("Table '{}' can be altered. It was not because 'sql.dry-run' is true.", path.name);
        return Ok(done(submission.sql_kind(), text));
    }
    set_topic(&client, path, altered.topic).await?;
    record.altered_by = Some(submission.request.uid.clone());
    site.put(&record).await?;
    Ok(done(submission.sql_kind(), format!("Table '{}' altered", path.name)))
}

/// The table as the analysis saw it. Its changes are of all columns, so they must not undo what another statement did since.
async fn unchanged(submission: &Submission<'_>, site: &Site<'_>) -> Result<Arc<Table>, CatalogError> {
    let seen = submission.snapshot.loaded(site.path).map(|loaded| loaded.table.clone());
    let now = load::table(site.catalog, site.environment_id, site.cluster_id, site.path).await?;
    match (seen, now) {
        (Some(seen), Some(now)) if seen == now.table => Ok(seen),
        _ => Err(CatalogError::unusable(
            site.path,
            "another statement changed it at the same time. Run the statement again",
        )),
    }
}

fn no_topic(path: &TablePath) -> CatalogError {
    CatalogError::NotBuilt {
        what: format!("ALTER TABLE of {path}, which has no topic,"),
        remedy: "Drop the table and create it again.".to_owned(),
    }
}

/// The record of the table, or the first one of a table that was inferred.
async fn record(
    site: &Site<'_>,
    submission: &Submission<'_>,
    topic: &TopicDescription,
) -> Result<TableRecord, CatalogError> {
    let found = load::record(site.catalog, site.cluster_id, site.path).await?;
    let found = found.filter(|record| record.state == RecordState::Ready && load::speaks_of(record, topic));
    Ok(found.unwrap_or_else(|| TableRecord {
        inferred: true,
        topic_id: (!topic.id.is_nil()).then(|| topic.id.to_string()),
        ..TableRecord::new(&submission.request.uid, RecordState::Ready)
    }))
}

fn apply(record: &mut TableRecord, before: &Table, change: TableChange) -> Result<Altered, CatalogError> {
    let printed = &before.options;
    match change {
        TableChange::SetOptions(options) => return set(&mut record.options, printed, &options, record.inferred),
        TableChange::ResetOptions(keys) => return reset(&mut record.options, printed, &keys, record.inferred),
        TableChange::Watermark(watermark) => record.watermark = watermark,
        TableChange::Columns(columns) => {
            record.columns = columns.into_iter().map(|column| entry(record, before, column)).collect();
        }
        TableChange::PrimaryKey(None) if before.changelog_mode == ChangelogMode::Upsert => {
            let problem = "the primary key cannot be dropped while 'changelog.mode' is 'upsert'. Set it to append or retract first";
            return Err(CatalogError::definition(&before.path, problem));
        }
        TableChange::PrimaryKey(key) => record.primary_key = key,
    }
    Ok(Altered::default())
}

/// A column's entry in the record: a name where a schema, or the rules for topics without one, have the rest.
fn entry(record: &TableRecord, before: &Table, column: TableColumn) -> RecordColumn {
    let is_changed = || record.stored(&column.name).is_some() || before.column(&column.name) != Some(&column);
    match column.kind {
        ColumnKind::Physical if !(is_raw(before, &column) && is_changed()) => RecordColumn::Registered(column.name),
        _ => RecordColumn::Stored(column),
    }
}

/// What columns and keys must be whatever was changed (D-03, D-04).
fn check(table: &Table, record: &TableRecord) -> Result<(), CatalogError> {
    for column in &table.columns {
        check_metadata(&table.path, column)?;
        if record.stored(&column.name).is_some_and(|stored| stored.kind == ColumnKind::Physical)
            && is_raw(table, column)
        {
            check_raw(&column.name, &column.data_type)?;
        }
    }
    let buckets = table.distribution.as_ref().map_or(&[][..], |distribution| &distribution.keys);
    let policy = TableOptions::parse(&table.options)?.cleanup_policy();
    check_compaction(&table.path, policy, buckets)?;
    match &table.primary_key {
        Some(key) => check_keys(&table.path, table.changelog_mode, &key.columns, buckets),
        None => Ok(()),
    }
}

fn is_raw(table: &Table, column: &TableColumn) -> bool {
    let Connector::Kafka(kafka) = &table.connector else { return false };
    let mut raw = kafka.key.iter().chain([&kafka.value]).filter(|side| side.kind == FormatKind::Raw);
    raw.any(|side| side.fields.iter().any(|field| field.column == column.name))
}

async fn set_topic(client: &Client, path: &TablePath, changes: Vec<ConfigChange>) -> Result<(), CatalogError> {
    if changes.is_empty() {
        return Ok(());
    }
    let resource = ConfigResource::Topic(path.name.clone());
    Ok(client.admin().alter_configs(&resource, &changes).await?)
}
