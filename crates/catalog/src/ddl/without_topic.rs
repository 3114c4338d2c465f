//! Lists of what has no topic, for SHOW TABLES and SHOW VIEWS: a document per cluster and list, under names that no topic can
//! have.

use std::collections::BTreeSet;

use crate::catalog::Inner;
use crate::error::CatalogError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    Tables,
    Views,
}

impl List {
    fn document(self) -> &'static str {
        match self {
            List::Tables => "$without-topic",
            List::Views => "$views",
        }
    }
}

pub(crate) async fn names(catalog: &Inner, cluster_id: &str, list: List) -> Result<BTreeSet<String>, CatalogError> {
    let stored = catalog.metastore.get(cluster_id, list.document()).await?;
    Ok(stored.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
}

/// Adds a name; the caller holds the cluster's lock.
pub(super) async fn add(catalog: &Inner, cluster_id: &str, list: List, name: &str) -> Result<(), CatalogError> {
    let mut all = names(catalog, cluster_id, list).await?;
    if all.insert(name.to_owned()) {
        catalog.metastore.put(cluster_id, list.document(), all.into_iter().collect()).await?;
    }
    Ok(())
}

/// Removes a name if it is listed; the caller holds the cluster's lock.
pub(super) async fn remove(catalog: &Inner, cluster_id: &str, list: List, name: &str) -> Result<(), CatalogError> {
    let mut all = names(catalog, cluster_id, list).await?;
    if all.remove(name) {
        catalog.metastore.put(cluster_id, list.document(), all.into_iter().collect()).await?;
    }
    Ok(())
}
