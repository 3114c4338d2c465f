//! What every statement's actor works with.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use nutkin_catalog::{Catalog, Sees, StatementRequest};
use nutkin_engine::JobSpec;
use nutkin_plan::{Connector, PLAN_VERSION, Plan, PlanError};
use nutkin_pool::{Connections, StartJob};
use nutkin_state::CheckpointStore;
use parking_lot::Mutex;
use tokio::sync::mpsc;

use super::actor::{Actor, Message};
use super::overview::Overview;
use super::record::Statement;
use crate::clusters::Clusters;
use crate::error::ControlError;
use crate::options::Options;
use crate::pools::Pools;
use crate::resources::{Resources, Stored, User};
use crate::spool::Spool;

pub struct Services {
    pub options: Options,
    pub resources: Resources,
    pub catalog: Catalog,
    pub clusters: Clusters,
    pub pools: Pools,
    pub checkpoints: CheckpointStore,
    pub overview: Overview,
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
        let (overview, actors) = (Overview::default(), Mutex::default());
        Services { options, resources, catalog, clusters, pools, checkpoints, overview, actors }
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
        self.overview.remove(uid);
        self.actors.lock().remove(uid);
    }

    pub fn spool(&self, uid: &str) -> Spool {
        Spool::of(&self.options.data_dir, uid)
    }

    /// What the catalog is asked. Administrators see all environments; all others the one that their key opens, whose
    /// statements these are.
    pub async fn request(&self, uid: &str, statement: &Statement) -> StatementRequest {
        let user = self.resources.get::<User>(&statement.principal).await.ok().flatten();
        let sees = match user.is_some_and(|user| user.resource.is_admin) {
            true => Sees::Everything,
            false => Sees::Environment(statement.environment.clone()),
        };
        StatementRequest {
            uid: uid.to_owned(),
            name: statement.name.clone(),
            sql: statement.sql.clone(),
            properties: statement.properties.clone(),
            environment: statement.environment.clone(),
            sees,
        }
    }

    /// What the pool of a statement that was prepared must run.
    pub async fn job(&self, stored: &Stored<Statement>) -> Result<StartJob, ControlError> {
        let statement = &stored.resource;
        let unreadable =
            || ControlError::Internal("NUTKIN-6003: the statement's plan is missing; submit it again".to_owned());
        let plan = read_plan(statement.plan.clone().ok_or_else(unreadable)?)
            .map_err(|e| ControlError::Internal(format!("NUTKIN-6003: {e}")))?;
        let connections = self.connections(&plan).await?;
        let mut spec = JobSpec::new(&stored.id, &statement.name, plan);
        spec.checkpoint_interval = self.options.checkpoint_interval;
        spec.parallelism = self.options.parallelism;
        spec.settings.memory_per_cfu = self.options.memory_per_cfu;
        spec.settings.created_at = Some(stored.created_at);
        Ok(StartJob { spec, connections })
    }

    /// How a pool reaches what `plan` reads and writes.
    async fn connections(&self, plan: &Plan) -> Result<Connections, ControlError> {
        let checkpoints = self.options.checkpoints.clone();
        let mut connections = Connections { clusters: BTreeMap::new(), registries: BTreeMap::new(), checkpoints };
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

/// A stored plan, which is whole. Out of the value, not out of its text: an expression may be higher than text is read.
fn read_plan(value: serde_json::Value) -> Result<Plan, PlanError> {
    let found = value.get("version").and_then(serde_json::Value::as_u64).and_then(|found| u32::try_from(found).ok());
    if let Some(found) = found.filter(|found| *found != PLAN_VERSION) {
        return Err(PlanError::Version { found });
    }
    let plan: Plan = serde_json::from_value(value)?;
    plan.check()?;
    Ok(plan)
}
