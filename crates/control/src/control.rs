//! [`Control`]: the control plane put together.

use std::sync::Arc;

use nutkin_catalog::Catalog;
use nutkin_pool::PoolHost;
use nutkin_state::CheckpointStore;

use crate::access::{Access, Door, Principal};
use crate::checkpoints;
use crate::clock::SystemClock;
use crate::clusters::Clusters;
use crate::data_dir::DataDir;
use crate::error::ControlError;
use crate::key_file;
use crate::keys::SecretHasher;
use crate::options::Options;
use crate::pools::Pools;
use crate::provision::Provision;
use crate::resources::{Organization, Resources};
use crate::seal::{self, Sealer};
use crate::statement::Statements;
use crate::statement::services::Services;
use crate::store::{PostgresStore, SqliteStore, Store};

/// Everything the API works with. Cheap to clone.
#[derive(Clone)]
pub struct Control {
    pub options: Arc<Options>,
    pub resources: Resources,
    pub access: Access,
    pub clusters: Clusters,
    pub pools: Pools,
    pub statements: Statements,
    pub provision: Provision,
    organization: Arc<str>,
    /// Held while the service runs: a second one on the same directory is refused.
    _data_dir: Arc<DataDir>,
}

impl Control {
    /// Opens what is in the data directory and starts brokers and registries. Statements are taken up by
    /// [`Control::start`], once the API answers.
    pub async fn open(options: Options, data_dir: DataDir, host: Arc<dyn PoolHost>) -> Result<Control, ControlError> {
        let store: Arc<dyn Store> = match &options.database_url {
            Some(url) => Arc::new(PostgresStore::connect(url).await?),
            None => Arc::new(SqliteStore::open(&options.data_dir.join("nutkin.db")).await?),
        };
        let resources = Resources::new(store, Arc::new(SystemClock));
        let access =
            Access::new(resources.clone(), SecretHasher::new(key_file::open(&options.data_dir, "secret.key")?))?;
        let organization = organization(&resources).await?;
        let sealer = Sealer::open(&options.data_dir, std::env::var(seal::KEY_VARIABLE).ok().as_deref())?;
        let storage = checkpoints::open(&options).await?;
        let clusters = Clusters::new(options.clone(), resources.clone(), access.clone(), sealer);
        clusters.start_all().await?;
        let pools = Pools::new(host, resources.clone(), options.pool_idle);
        let catalog_options = nutkin_catalog::Options {
            sample_rows_per_second: options.sample_rows_per_second,
            blackhole: options.benchmark,
            check: |plan| nutkin_engine::check(plan).map_err(|failure| failure.to_string()),
            ..nutkin_catalog::Options::default()
        };
        let directory = Arc::new(clusters.clone());
        let catalog = Catalog::new(catalog_options, directory.clone(), directory);
        let services = Services::new(
            options.clone(),
            resources.clone(),
            catalog,
            clusters.clone(),
            pools.clone(),
            CheckpointStore::new(storage),
        );
        let statements = Statements::new(Arc::new(services));
        let options = Arc::new(options);
        let provision = Provision::new(
            options.clone(),
            resources.clone(),
            access.clone(),
            clusters.clone(),
            pools.clone(),
            statements.clone(),
            organization.as_str().into(),
        );
        Ok(Control {
            options,
            resources,
            access,
            clusters,
            pools,
            statements,
            provision,
            organization: organization.into(),
            _data_dir: Arc::new(data_dir),
        })
    }

    /// Takes up the statements that were running.
    pub async fn start(&self) -> Result<(), ControlError> {
        self.statements.start().await
    }

    /// Id of the organization.
    pub fn organization(&self) -> &str {
        &self.organization
    }

    /// Checks that `principal` may speak about statements of `environment` in `organization`.
    pub fn check_statements(
        &self,
        principal: &Principal,
        organization: &str,
        environment: &str,
    ) -> Result<(), ControlError> {
        if organization != self.organization() {
            return Err(ControlError::not_found("Organization", organization));
        }
        principal.check(Door::Statements { environment })
    }

    /// Ends pools and brokers; statements continue after the next start.
    pub async fn shutdown(&self) {
        self.pools.shutdown().await;
        self.clusters.shutdown().await;
    }
}

async fn organization(resources: &Resources) -> Result<String, ControlError> {
    if let Some(existing) = resources.all::<Organization>(None).await?.into_iter().next() {
        return Ok(existing.id);
    }
    let id = uuid::Uuid::new_v4().to_string();
    let organization = Organization { display_name: "Nutkin".to_owned() };
    Ok(resources.create_as(id, organization).await?.id)
}
