//! SHOW TABLES: topics that hold no data of the cluster itself, tables without a topic, and views. SHOW VIEWS.

use std::collections::BTreeSet;

use crate::ddl::without_topic::{self, List};
use crate::error::CatalogError;
use crate::information_schema;
use crate::load;
use crate::samples;
use crate::snapshot::Place;
use crate::statement::Submission;

pub(crate) async fn names(
    submission: &Submission<'_>,
    catalog: &str,
    database: &str,
) -> Result<BTreeSet<String>, CatalogError> {
    match submission.snapshot.place(catalog, database) {
        None => Ok(BTreeSet::new()),
        Some(Place::Information) => Ok(information_schema::names().map(str::to_owned).collect()),
        Some(Place::Samples) => Ok(samples::tables().map(str::to_owned).collect()),
        Some(Place::Cluster { cluster_id, .. }) => {
            let client = submission.catalog.directory.kafka(cluster_id).await?;
            let topics = client.admin().list_topics().await?;
            let shown = topics.iter().filter(|topic| !load::is_internal(topic)).map(|topic| topic.name.to_string());
            let mut names: BTreeSet<String> = shown.collect();
            names.extend(without_topic::names(submission.catalog, cluster_id, List::Tables).await?);
            names.extend(without_topic::names(submission.catalog, cluster_id, List::Views).await?);
            Ok(names)
        }
    }
}

/// Views only.
pub(crate) async fn views(
    submission: &Submission<'_>,
    catalog: &str,
    database: &str,
) -> Result<BTreeSet<String>, CatalogError> {
    match submission.snapshot.place(catalog, database) {
        Some(Place::Information) => Ok(information_schema::names().map(str::to_owned).collect()),
        Some(Place::Cluster { cluster_id, .. }) => {
            without_topic::names(submission.catalog, cluster_id, List::Views).await
        }
        None | Some(Place::Samples) => Ok(BTreeSet::new()),
    }
}
