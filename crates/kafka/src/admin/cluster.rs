//! The cluster: its id, brokers, controller and feature levels.

use super::Admin;
use crate::{BrokerAddress, Result};

/// A cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterDescription {
    /// Its id, where it has one.
    pub cluster_id: Option<String>,
    /// Broker id of the controller, where one is named.
    pub controller: Option<i32>,
    /// Its brokers, by id.
    pub brokers: Vec<BrokerAddress>,
    /// Level of `transaction.version`; 0 when the cluster has none.
    pub transaction_version: i16,
}

impl Admin {
    /// The cluster as it is now.
    ///
    /// # Errors
    /// A cluster that cannot be reached.
    pub async fn describe_cluster(&self) -> Result<ClusterDescription> {
        self.client.refresh(&[]).await?;
        let connection = self.client.any().await?;
        let cache = self.client.cache();
        Ok(ClusterDescription {
            cluster_id: cache.cluster_id(),
            controller: cache.controller(),
            brokers: cache.brokers(),
            transaction_version: connection.feature("transaction.version"),
        })
    }
}
