//! What every statement's actor works with.

use std::collections::HashMap;
use std::sync::Arc;

use nutkin_catalog::Catalog;
use nutkin_plan::{Connector, Plan};
use nutkin_pool::Connections;
use nutkin_state::CheckpointStore;
use parking_lot::Mutex;
use tokio::sync::mpsc;

use super::actor::{Actor, Message};
use super::record::Statement;
use crate::clusters::Clusters;
use crate::error::ControlError;
use crate::options::Options;
use crate::pools::Pools;
use crate::resources::{Resources, Stored};
use crate::spool::Spool;

pub struct Services {
    pub options: Options,
    pub resources: Resources,
    pub catalog: Catalog,
    pub clusters: Clusters,
    pub pools: Pools,
    pub checkpoints: CheckpointStore,
    actors: Mutex<HashMap<String, mpsc::UnboundedSender<Message>>>,
}

impl Services {
    pub fn new(
        options: Options,
        resources: Resources,
        catalog: Catalog,
        clusters: Clusters,
        pools: Pools,
        checkpoints: CheckpointStore,
    ) -> Services {
        Services { options, resources, catalog, clusters, pools, checkpoints, actors: Mutex::default() }
    }

    /// The actor of a statement, started if it has none.
    pub fn actor(self: &Arc<Self>, stored: Stored<Statement>) -> mpsc::UnboundedSender<Message> {
        let mut actors = self.actors.lock();
        let running = actors.get(&stored.id).filter(|actor| !actor.is_closed()).cloned();
        running.unwrap_or_else(|| {
            let id = stored.id.clone();
            let actor = Actor::start(self.clone(), stored);
            actors.insert(id, actor.clone());
            actor
        })
    }

    pub fn forget(&self, uid: &str) {
        self.actors.lock().remove(uid);
    }

    pub fn spool(&self, uid: &str) -> Spool {
        Spool::of(&self.options.data_dir, uid)
    }

    /// How a pool reaches what `plan` reads and writes.
    pub async fn connections(&self, plan: &Plan) -> Result<Connections, ControlError> {
        let checkpoints = self.options.data_dir.join("checkpoints").display().to_string();
        let mut connections = Connections { checkpoints, ..Connections::default() };
        for table in &plan.tables {
            let Connector::Kafka(kafka) = &table.connector else { continue };
            let properties = self.clusters.properties(&kafka.cluster_id).await?;
            connections.clusters.insert(kafka.cluster_id.clone(), properties);
            let address = self.clusters.registry_address(&kafka.registry_id);
            connections.registries.insert(kafka.registry_id.clone(), address);
        }
        Ok(connections)
    }
}
