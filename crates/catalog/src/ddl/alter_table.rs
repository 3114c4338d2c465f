//! ALTER TABLE (spec D-08): options, watermark, metadata and computed columns.
//!
//! Settings of the topic go to the topic, everything else to the record. A topic that nobody created gets a record that says
//! only what differs from the rules of inference. The table is made of both before anything is changed: what cannot be is
//! refused and leaves all as it was.

use std::collections::BTreeMap;

use nutkin_kafka::{Client, ConfigChange, ConfigResource, TopicDescription};
use nutkin_plan::TablePath;
use nutkin_planner::TableChange;

use super::making::Site;
use crate::error::CatalogError;
use crate::load;
use crate::outcome::Outcome;
use crate::record::{RecordColumn, RecordState, TableRecord};
use crate::result::done;
use crate::snapshot::Place;
use crate::statement::Submission;
use crate::table_options::alter::{Altered, reset, set};

pub(crate) async fn alter_table(
    submission: &Submission<'_>,
    path: &TablePath,
    change: Option<TableChange>,
) -> Result<Outcome, CatalogError> {
    let Some(Place::Cluster { environment_id, cluster_id }) = submission.snapshot.place(&path.catalog, &path.database)
    else {
        return Err(CatalogError::ReadOnly(path.clone()));
    };
    let Some(change) = change else {
        return Ok(done(submission.sql_kind(), format!("Table '{}' does not exist", path.name)));
    };
    let catalog = submission.catalog;
    let site = Site { catalog, environment_id, cluster_id, path };
    let changes = catalog.changes_of(cluster_id);
    let _one_at_a_time = changes.lock().await;
    let client = site.kafka().await?;
    let topic = load::topic(&client, &path.name).await?.ok_or_else(|| no_topic(path))?;
    let mut record = record(&site, submission, &topic).await?;
    let altered = apply(&mut record, submission, path, change)?;
    // The table as it will be.
    let mut settings = load::settings(&client, &path.name).await?;
    altered.apply(&mut settings);
    load::of_topic(catalog, environment_id, cluster_id, path, &topic, settings, Some(&record)).await?;
    if submission.session.dry_run {
        let text = format!("Table '{}' can be altered. It was not because 'sql.dry-run' is true.", path.name);
        return Ok(done(submission.sql_kind(), text));
    }
    set_topic(&client, path, altered.topic).await?;
    record.altered_by = Some(submission.request.uid.clone());
    site.put(&record).await?;
    Ok(done(submission.sql_kind(), format!("Table '{}' altered", path.name)))
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

fn apply(
    record: &mut TableRecord,
    submission: &Submission<'_>,
    path: &TablePath,
    change: TableChange,
) -> Result<Altered, CatalogError> {
    let printed = submission.snapshot.loaded(path).map_or_else(BTreeMap::new, |loaded| loaded.table.options.clone());
    match change {
        TableChange::SetOptions(options) => return set(&mut record.options, &printed, &options, record.inferred),
        TableChange::ResetOptions(keys) => return reset(&mut record.options, &printed, &keys, record.inferred),
        TableChange::Watermark(watermark) => record.watermark = watermark,
        TableChange::AddColumns(columns) => {
            record.columns.extend(columns.into_iter().map(RecordColumn::Stored));
        }
        TableChange::DropColumns(names) => {
            record.columns.retain(|column| !(record_is_virtual(column) && names.iter().any(|n| n == column.name())));
        }
    }
    Ok(Altered::default())
}

fn record_is_virtual(column: &RecordColumn) -> bool {
    matches!(column, RecordColumn::Stored(column) if column.kind != nutkin_plan::table::ColumnKind::Physical)
}

async fn set_topic(client: &Client, path: &TablePath, changes: Vec<ConfigChange>) -> Result<(), CatalogError> {
    if changes.is_empty() {
        return Ok(());
    }
    let resource = ConfigResource::Topic(path.name.clone());
    Ok(client.admin().alter_configs(&resource, &changes).await?)
}
