//! SHOW TABLES: topics that hold no data of the cluster itself, and tables without a topic.

use std::collections::BTreeSet;

use crate::ddl::without_topic;
use crate::error::CatalogError;
use crate::load;
use crate::samples;
use crate::snapshot::Place;
use crate::statement::Submission;

pub(super) async fn names(
    submission: &Submission<'_>,
    catalog: &str,
    database: &str,
) -> Result<BTreeSet<String>, CatalogError> {
    match submission.snapshot.place(catalog, database) {
        None => Ok(BTreeSet::new()),
        Some(Place::Samples) => Ok(samples::tables().map(str::to_owned).collect()),
        Some(Place::Cluster { cluster_id, .. }) => {
            let client = submission.catalog.directory.kafka(cluster_id).await?;
            let topics = client.admin().list_topics().await?;
            let shown = topics.iter().filter(|topic| !load::is_internal(topic)).map(|topic| topic.name.to_string());
            let mut names: BTreeSet<String> = shown.collect();
            names.extend(without_topic::names(submission.catalog, cluster_id).await?);
            Ok(names)
        }
    }
}
