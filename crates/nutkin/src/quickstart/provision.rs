//! What quickstart makes, or finds from an earlier run: environment, cluster, registry, pool, key, pipeline.

use std::collections::BTreeMap;
use std::time::Duration;

use nutkin_cli::context::ContextArguments;
use nutkin_cli::{ConnectionArguments, Profile, shell};
use nutkin_control::resources::{
    ApiKey, ClusterFlavour, ComputePool, Environment, KafkaCluster, KeyScope, RegistryCluster, Stored,
};
use nutkin_control::statement::{NewStatement, Phase, StatementUpdate};
use nutkin_control::{Control, ControlError};

use super::Arguments;
use crate::error::{Error, Result};
use crate::service::Running;

/// Table and topic of the pipeline.
pub const TABLE: &str = "orders_per_product";
/// Its statement.
pub const STATEMENT: &str = "quickstart-orders-per-product";
const KEY_NAME: &str = "quickstart";

/// Orders and revenue per product in windows of one second.
const PIPELINE: &str = "CREATE TABLE orders_per_product AS
SELECT window_start, window_end, product_id, COUNT(*) AS orders, SUM(price) AS revenue
FROM TABLE(TUMBLE(TABLE examples.marketplace.orders, DESCRIPTOR($rowtime), INTERVAL '1' SECOND))
GROUP BY window_start, window_end, product_id;";

/// Where the first pipeline runs.
pub struct Workplace {
    pub organization: String,
    pub environment: String,
    pub environment_name: String,
    pub cluster: String,
    pub cluster_name: String,
    pub registry: String,
    pub pool: String,
    pub principal: String,
    pub bootstrap: String,
    pub bootstrap_without_credentials: String,
    pub api_key: String,
    pub api_secret: String,
}

/// Makes what is missing.
pub async fn workplace(arguments: &Arguments, running: &Running) -> Result<Workplace> {
    let control = &running.control;
    let environment = environment(control, &format!("{}_environment", arguments.name)).await?;
    let cluster = cluster(control, arguments, &environment.id).await?;
    let pool = pool(control, arguments, &environment.id).await?;
    let registries = control.resources.all::<RegistryCluster>(Some(&environment.id)).await?;
    let registry = registries.into_iter().next().map(|registry| registry.id);
    let registry = registry.ok_or_else(|| Error::Message("the environment has no Schema Registry".to_owned()))?;
    let admin = control.provision.administrator().await?;
    let (api_key, api_secret) = key(control, &admin.id).await?;
    let host = &control.options.advertised_host;
    let (port, anonymous) = match cluster.resource.flavour {
        ClusterFlavour::Embedded { port, anonymous_port } => (port, anonymous_port.unwrap_or(port)),
        ClusterFlavour::Attached { .. } => {
            let text = format!("cluster {} is an attached one; choose another --name", cluster.resource.display_name);
            return Err(Error::Message(text));
        }
    };
    Ok(Workplace {
        organization: control.organization().to_owned(),
        environment: environment.id,
        environment_name: environment.resource.display_name,
        cluster: cluster.id,
        cluster_name: cluster.resource.display_name,
        registry,
        pool: pool.id,
        principal: admin.id,
        bootstrap: format!("{host}:{port}"),
        bootstrap_without_credentials: format!("127.0.0.1:{anonymous}"),
        api_key,
        api_secret,
    })
}

async fn environment(control: &Control, name: &str) -> Result<Stored<Environment>> {
    match control.resources.find(control.organization(), name).await? {
        Some(found) => Ok(found),
        None => Ok(control.provision.create_environment(name, "ESSENTIALS").await?),
    }
}

async fn cluster(control: &Control, arguments: &Arguments, environment: &str) -> Result<Stored<KafkaCluster>> {
    let name = format!("{}_kafka-cluster", arguments.name);
    match control.resources.find(environment, &name).await? {
        Some(found) => Ok(found),
        None => {
            let provision = &control.provision;
            let (cloud, region) = (&arguments.cloud, &arguments.region);
            Ok(provision.create_cluster(environment, &name, cloud, region, "Basic", "SINGLE_ZONE").await?)
        }
    }
}

async fn pool(control: &Control, arguments: &Arguments, environment: &str) -> Result<Stored<ComputePool>> {
    let name = format!("{}_pool", arguments.name);
    match control.resources.find::<ComputePool>(environment, &name).await? {
        Some(found) if found.resource.max_cfu < arguments.max_cfu => {
            Ok(control.provision.update_pool(&found.id, None, Some(arguments.max_cfu)).await?)
        }
        Some(found) => Ok(found),
        None => {
            let (cloud, region) = (&arguments.cloud, &arguments.region);
            Ok(control.provision.create_pool(environment, &name, cloud, region, arguments.max_cfu).await?)
        }
    }
}

/// A new key each time: the secret of an earlier run's key cannot be shown again, so that key is removed.
async fn key(control: &Control, owner: &str) -> Result<(String, String)> {
    for old in control.resources.all::<ApiKey>(Some(owner)).await? {
        if old.resource.display_name == KEY_NAME {
            control.resources.delete(&old).await?;
        }
    }
    let key = control.provision.create_key(owner, KeyScope::Global, KEY_NAME, "Made by nutkin quickstart").await?;
    Ok((key.stored.id, key.secret))
}

impl Workplace {
    /// Prints the addresses.
    pub fn introduce(&self, running: &Running, ready: Duration) {
        println!("Nutkin is ready after {:.2} s.\n", ready.as_secs_f64());
        println!("  REST API          {}   (OpenAPI: /openapi.json)", running.url);
        if let Some(address) = running.server.https {
            println!("  REST API, TLS     https://localhost:{}", address.port());
        }
        if let Some(address) = running.server.registry {
            println!("  Schema Registry   http://{address}   (also {}/sr/{})", running.url, self.registry);
        }
        println!("  Kafka             {}   (SASL/PLAIN with the API key)", self.bootstrap);
        println!("  Kafka, no login   {}   (this machine only)", self.bootstrap_without_credentials);
        println!("  Organization      {}", self.organization);
        println!("  Environment       {}   {}", self.environment, self.environment_name);
        println!("  Kafka cluster     {}   {}", self.cluster, self.cluster_name);
        println!("  Compute pool      {}", self.pool);
        println!("  API key           {}", self.api_key);
        println!("  API secret        {}   (shown only now)", self.api_secret);
        println!("\nWarning: Kafka and Schema Registry let everybody on this machine in while quickstart runs.");
        println!("\nFirst pipeline (statement {STATEMENT}):\n{PIPELINE}\n");
    }

    /// Submits the pipeline, or resumes the one of an earlier run.
    pub async fn submit(&self, running: &Running) -> Result<()> {
        let statements = &running.control.statements;
        match statements.get(&self.environment, STATEMENT).await {
            Err(ControlError::NotFound { .. }) => {
                let properties =
                    [("sql.current-catalog", &self.environment_name), ("sql.current-database", &self.cluster_name)];
                let new = NewStatement {
                    environment: self.environment.clone(),
                    name: STATEMENT.to_owned(),
                    sql: PIPELINE.to_owned(),
                    properties: properties.map(|(key, value)| (key.to_owned(), value.clone())).into(),
                    compute_pool: Some(self.pool.clone()),
                    principal: self.principal.clone(),
                    labels: BTreeMap::new(),
                    stopped: false,
                };
                statements.create(new).await?;
            }
            Err(error) => return Err(error.into()),
            Ok(stored) if matches!(stored.resource.state.phase, Phase::Stopped | Phase::Failed) => {
                let update = StatementUpdate {
                    version: None,
                    sql: stored.resource.sql,
                    properties: stored.resource.properties,
                    stopped: false,
                    compute_pool: None,
                    principal: None,
                };
                statements.update(&self.environment, STATEMENT, update).await?;
            }
            Ok(_) => {}
        }
        Ok(())
    }

    /// What a client on this machine needs to know.
    pub fn profile(&self, url: &str) -> Profile {
        Profile {
            url: url.to_owned(),
            api_key: self.api_key.clone(),
            api_secret: self.api_secret.clone(),
            ca_file: None,
            organization: Some(self.organization.clone()),
            environment: Some(self.environment.clone()),
            database: Some(self.cluster_name.clone()),
            compute_pool: Some(self.pool.clone()),
        }
    }

    /// Arguments of a shell in this workplace.
    pub fn shell(&self, url: &str) -> shell::Arguments {
        shell::Arguments {
            connection: ConnectionArguments {
                url: Some(url.to_owned()),
                api_key: Some(self.api_key.clone()),
                api_secret: Some(self.api_secret.clone()),
                ca_file: None,
                profile: None,
            },
            context: ContextArguments {
                environment: Some(self.environment.clone()),
                database: Some(self.cluster_name.clone()),
                compute_pool: Some(self.pool.clone()),
                organization: Some(self.organization.clone()),
                service_account: None,
                properties: Vec::new(),
            },
        }
    }
}
