//! The list of tables that have no topic, for SHOW TABLES: one document per cluster, under a name that no topic can have.

use std::collections::BTreeSet;

use crate::catalog::Inner;
use crate::error::CatalogError;

const NAME: &str = "$without-topic";

pub(crate) async fn names(catalog: &Inner, cluster_id: &str) -> Result<BTreeSet<String>, CatalogError> {
    let stored = catalog.metastore.get(cluster_id, NAME).await?;
    Ok(stored.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
}

/// Adds a table; the caller holds the cluster's lock.
pub(super) async fn add(catalog: &Inner, cluster_id: &str, table: &str) -> Result<(), CatalogError> {
    let mut all = names(catalog, cluster_id).await?;
    if all.insert(table.to_owned()) {
        catalog.metastore.put(cluster_id, NAME, all.into_iter().collect()).await?;
    }
    Ok(())
}

/// Removes a table if it is listed.
pub(super) async fn remove(catalog: &Inner, cluster_id: &str, table: &str) -> Result<(), CatalogError> {
    let mut all = names(catalog, cluster_id).await?;
    if all.remove(table) {
        catalog.metastore.put(cluster_id, NAME, all.into_iter().collect()).await?;
    }
    Ok(())
}
