//! DROP TABLE (spec D-09): the topic, every version of its schemas, the record.

use nutkin_plan::TablePath;

use super::making::{Site, delete_subject, delete_topic};
use super::without_topic::{self, List};
use crate::error::CatalogError;
use crate::load;
use crate::outcome::Outcome;
use crate::record::{RecordState, TableRecord};
use crate::result::done;
use crate::snapshot::Place;
use crate::statement::Submission;
use crate::table_options::TableOptions;

pub(crate) async fn drop_table(
    submission: &Submission<'_>,
    path: &TablePath,
    if_exists: bool,
) -> Result<Outcome, CatalogError> {
    let Some(Place::Cluster { environment_id, cluster_id }) = submission.snapshot.place(&path.catalog, &path.database)
    else {
        return Err(CatalogError::ReadOnly(path.clone()));
    };
    let catalog = submission.catalog;
    let site = Site { catalog, environment_id, cluster_id, path };
    let changes = catalog.changes_of(cluster_id);
    let _one_at_a_time = changes.lock().await;
    let uid = submission.request.uid.as_str();
    let record = load::record(catalog, cluster_id, path).await?;
    let record = record.filter(|record| !record.is_view());
    let exists = match load::is_table_name(&path.name) {
        true => load::topic(&site.kafka().await?, &path.name).await?.is_some(),
        false => false,
    };
    let begun = record.as_ref().is_some_and(|record| match record.state {
        RecordState::Dropping => true,
        RecordState::Ready => load::is_blackhole(record).unwrap_or(false),
        RecordState::Creating | RecordState::Dropped => false,
    });
    let dropped = format!("Table '{}' dropped", path.name);
    if !exists && !begun {
        let own = record.is_some_and(|record| record.state == RecordState::Dropped && record.statement == uid);
        return match (own, if_exists) {
            (true, _) => Ok(done(submission.sql_kind(), dropped)),
            (false, true) => Ok(done(submission.sql_kind(), format!("Table '{}' does not exist", path.name))),
            (false, false) => Err(CatalogError::TableNotFound(path.clone())),
        };
    }
    if submission.session.dry_run {
        let text = format!("Table '{}' can be dropped. It was not because 'sql.dry-run' is true.", path.name);
        return Ok(done(submission.sql_kind(), text));
    }
    let mut record = record.unwrap_or_else(|| TableRecord::new(uid, RecordState::Dropping));
    record.statement = uid.to_owned();
    remove(&site, &record).await?;
    Ok(done(submission.sql_kind(), dropped))
}

/// Removes everything of a table; may be called again after a crash or an error at any step.
pub(super) async fn remove(site: &Site<'_>, record: &TableRecord) -> Result<(), CatalogError> {
    site.put(&record.in_state(RecordState::Dropping)).await?;
    let name = site.path.name.as_str();
    let partly = |what: &str, error: CatalogError| CatalogError::PartlyDropped {
        path: site.path.clone(),
        problem: format!("the {what} could not be deleted ({error})"),
    };
    delete_topic(site, name).await.map_err(|error| partly("topic", error))?;
    without_topic::remove(site.catalog, site.cluster_id, List::Tables, name).await?;
    let options = TableOptions::parse(&record.options).unwrap_or_default();
    let registry = site.registry().await?;
    for (side, of_side) in [("value", &options.value), ("key", &options.key)] {
        // Schemas under names of their own may be those of other topics too.
        if !of_side.subjects.is_empty() {
            continue;
        }
        let subject = load::subject(name, side, of_side.context.as_deref());
        delete_subject(registry.as_ref(), &subject)
            .await
            .map_err(|error| partly(&format!("schema subject '{subject}'"), error))?;
    }
    site.put(&TableRecord::new(&record.statement, RecordState::Dropped)).await
}
