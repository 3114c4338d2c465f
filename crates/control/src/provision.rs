//! Making, changing and removing environments, clusters, pools, keys and accounts.

use std::sync::Arc;

mod attach;

use crate::access::Access;
use crate::clusters::Clusters;
use crate::error::ControlError;
use crate::keys;
use crate::options::Options;
use crate::pools::Pools;
use crate::resources::{
    ApiKey, ClusterFlavour, ComputePool, Environment, KafkaCluster, KeyScope, RegistryCluster, Resources,
    ServiceAccount, Stored, User,
};
use crate::statement::Statements;

/// Carries out the control plane's own requests. Cheap to clone.
#[derive(Clone)]
pub struct Provision {
    inner: Arc<Inner>,
}

struct Inner {
    options: Arc<Options>,
    resources: Resources,
    access: Access,
    clusters: Clusters,
    pools: Pools,
    statements: Statements,
    organization: Arc<str>,
}

/// A key just made: its secret is shown this once.
#[derive(Debug)]
pub struct NewKey {
    pub stored: Stored<ApiKey>,
    pub secret: String,
}

/// How often a new cluster looks for free ports.
const PORT_TRIES: u32 = 20;
const CLOUDS: [&str; 3] = ["AWS", "GCP", "AZURE"];

impl Provision {
    pub fn new(
        options: Arc<Options>,
        resources: Resources,
        access: Access,
        clusters: Clusters,
        pools: Pools,
        statements: Statements,
        organization: Arc<str>,
    ) -> Provision {
        let inner = Inner { options, resources, access, clusters, pools, statements, organization };
        Provision { inner: Arc::new(inner) }
    }

    pub async fn create_environment(&self, name: &str, package: &str) -> Result<Stored<Environment>, ControlError> {
        check_name("display_name", name)?;
        if !matches!(package, "ESSENTIALS" | "ADVANCED") {
            return Err(ControlError::Invalid(format!(
                "stream_governance_config.package '{package}' is neither ESSENTIALS nor ADVANCED."
            )));
        }
        let organization = self.inner.organization.to_string();
        let environment = Environment { organization, display_name: name.to_owned(), package: package.to_owned() };
        self.inner.resources.create(environment).await
    }

    pub async fn rename_environment(&self, id: &str, name: &str) -> Result<Stored<Environment>, ControlError> {
        check_name("display_name", name)?;
        let stored = self.inner.resources.require::<Environment>(id).await?;
        let renamed = Environment { display_name: name.to_owned(), ..stored.resource.clone() };
        self.inner.resources.update(&stored, renamed).await
    }

    /// Shuts everything in the environment down and removes it (spec S002-042).
    pub async fn delete_environment(&self, id: &str) -> Result<(), ControlError> {
        let inner = &self.inner;
        let stored = inner.resources.require::<Environment>(id).await?;
        inner.statements.delete_all(id).await?;
        for pool in inner.resources.all::<ComputePool>(Some(id)).await? {
            inner.resources.delete(&pool).await?;
        }
        for cluster in inner.resources.all::<KafkaCluster>(Some(id)).await? {
            self.remove_cluster(cluster).await?;
        }
        for registry in inner.resources.all::<RegistryCluster>(Some(id)).await? {
            inner.clusters.remove_registry(&registry.id).await;
            inner.resources.delete(&registry).await?;
        }
        inner.resources.delete(&stored).await
    }

    /// An embedded cluster, running when this returns, and the environment's registry if it has none yet.
    pub async fn create_cluster(
        &self,
        environment: &str,
        name: &str,
        cloud: &str,
        region: &str,
        kind: &str,
        availability: &str,
    ) -> Result<Stored<KafkaCluster>, ControlError> {
        check_name("spec.display_name", name)?;
        let (cloud, region) = check_region(cloud, region)?;
        let inner = &self.inner;
        let environment = inner.resources.require::<Environment>(environment).await?;
        self.ensure_registry(&environment.id, &cloud, &region).await?;
        let mut cluster = KafkaCluster {
            environment: environment.id.clone(),
            display_name: name.to_owned(),
            cloud,
            region,
            kind: kind.to_owned(),
            availability: availability.to_owned(),
            flavour: ClusterFlavour::Embedded { port: 0, anonymous_port: None },
        };
        let mut tries = 0;
        loop {
            let (port, anonymous_port) = inner.clusters.free_ports().await?;
            cluster.flavour = ClusterFlavour::Embedded { port, anonymous_port: Some(anonymous_port) };
            let stored = inner.resources.create(cluster.clone()).await?;
            let Err(error) = inner.clusters.start_broker(&stored).await else { return Ok(stored) };
            inner.resources.delete(&stored).await?;
            tries += 1;
            // Somebody took the port between the look and the bind: the next look finds another one.
            if tries == PORT_TRIES || !matches!(error, ControlError::Conflict(_)) {
                return Err(error);
            }
        }
    }

    async fn ensure_registry(&self, environment: &str, cloud: &str, region: &str) -> Result<(), ControlError> {
        let inner = &self.inner;
        if !inner.resources.all::<RegistryCluster>(Some(environment)).await?.is_empty() {
            return Ok(());
        }
        let registry =
            RegistryCluster { environment: environment.to_owned(), cloud: cloud.to_owned(), region: region.to_owned() };
        match inner.resources.create(registry).await {
            Ok(stored) => inner.clusters.start_registry(&stored).await,
            // Another request made it in this moment.
            Err(ControlError::Conflict(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub async fn rename_cluster(&self, id: &str, name: &str) -> Result<Stored<KafkaCluster>, ControlError> {
        check_name("spec.display_name", name)?;
        let stored = self.inner.resources.require::<KafkaCluster>(id).await?;
        let renamed = KafkaCluster { display_name: name.to_owned(), ..stored.resource.clone() };
        self.inner.resources.update(&stored, renamed).await
    }

    pub async fn delete_cluster(&self, id: &str) -> Result<(), ControlError> {
        let stored = self.inner.resources.require::<KafkaCluster>(id).await?;
        self.remove_cluster(stored).await
    }

    async fn remove_cluster(&self, cluster: Stored<KafkaCluster>) -> Result<(), ControlError> {
        self.inner.resources.delete(&cluster).await?;
        self.inner.clusters.remove_broker(&cluster.id).await;
        Ok(())
    }

    pub async fn create_pool(
        &self,
        environment: &str,
        name: &str,
        cloud: &str,
        region: &str,
        max_cfu: u32,
    ) -> Result<Stored<ComputePool>, ControlError> {
        check_pool_name(name)?;
        let (cloud, region) = check_region(cloud, region)?;
        self.check_cfu(max_cfu)?;
        let environment = self.inner.resources.require::<Environment>(environment).await?;
        let pool = ComputePool { environment: environment.id, display_name: name.to_owned(), cloud, region, max_cfu };
        self.inner.resources.create(pool).await
    }

    /// Renames, or raises the budget; lowering it is refused (spec P-04).
    pub async fn update_pool(
        &self,
        id: &str,
        name: Option<&str>,
        max_cfu: Option<u32>,
    ) -> Result<Stored<ComputePool>, ControlError> {
        let stored = self.inner.resources.require::<ComputePool>(id).await?;
        let mut pool = stored.resource.clone();
        if let Some(name) = name {
            check_pool_name(name)?;
            pool.display_name = name.to_owned();
        }
        if let Some(max_cfu) = max_cfu {
            self.check_cfu(max_cfu)?;
            if max_cfu < pool.max_cfu {
                return Err(ControlError::Invalid(format!(
                    "max_cfu of {id} is {} and cannot be lowered to {max_cfu}. Create a smaller pool and move the statements.",
                    pool.max_cfu
                )));
            }
            pool.max_cfu = max_cfu;
        }
        let stored = self.inner.resources.update(&stored, pool).await?;
        self.inner.pools.reconsider(id).await?;
        Ok(stored)
    }

    /// Stops the pool's statements with a savepoint and removes it (decision 17).
    pub async fn delete_pool(&self, id: &str) -> Result<(), ControlError> {
        let stored = self.inner.resources.require::<ComputePool>(id).await?;
        self.inner.statements.stop_pool(id).await?;
        self.inner.resources.delete(&stored).await
    }

    fn check_cfu(&self, max_cfu: u32) -> Result<(), ControlError> {
        let ceiling = self.inner.options.max_cfu_ceiling;
        if (1..=ceiling).contains(&max_cfu) {
            return Ok(());
        }
        Err(ControlError::Invalid(format!("max_cfu {max_cfu} is not between 1 and {ceiling}.")))
    }

    pub async fn create_service_account(
        &self,
        name: &str,
        description: &str,
    ) -> Result<Stored<ServiceAccount>, ControlError> {
        check_name("display_name", name)?;
        let account = ServiceAccount { display_name: name.to_owned(), description: description.to_owned() };
        self.inner.resources.create(account).await
    }

    pub async fn update_service_account(
        &self,
        id: &str,
        description: &str,
    ) -> Result<Stored<ServiceAccount>, ControlError> {
        let stored = self.inner.resources.require::<ServiceAccount>(id).await?;
        let changed = ServiceAccount { description: description.to_owned(), ..stored.resource.clone() };
        self.inner.resources.update(&stored, changed).await
    }

    /// Removes the account and its keys (spec R-07).
    pub async fn delete_service_account(&self, id: &str) -> Result<(), ControlError> {
        let stored = self.inner.resources.require::<ServiceAccount>(id).await?;
        for key in self.inner.resources.all::<ApiKey>(Some(id)).await? {
            self.inner.resources.delete(&key).await?;
        }
        self.inner.resources.delete(&stored).await
    }

    pub async fn create_key(
        &self,
        owner: &str,
        scope: KeyScope,
        name: &str,
        description: &str,
    ) -> Result<NewKey, ControlError> {
        let inner = &self.inner;
        let known = inner.resources.get::<User>(owner).await?.is_some()
            || inner.resources.get::<ServiceAccount>(owner).await?.is_some();
        if !known {
            return Err(ControlError::Invalid(format!(
                "spec.owner.id '{owner}' is neither a user nor a service account."
            )));
        }
        match &scope {
            KeyScope::Kafka { cluster } => {
                let cluster = inner.resources.require::<KafkaCluster>(cluster).await?;
                if matches!(cluster.resource.flavour, ClusterFlavour::Attached { .. }) {
                    return Err(ControlError::Invalid(format!(
                        "{} is an attached cluster, whose brokers know nothing of keys that are made here. Use its own credentials.",
                        cluster.id
                    )));
                }
            }
            KeyScope::Registry { cluster } => drop(inner.resources.require::<RegistryCluster>(cluster).await?),
            KeyScope::Flink { environment, .. } => drop(inner.resources.require::<Environment>(environment).await?),
            KeyScope::Cloud | KeyScope::Global => {}
        }
        let (id, secret) = keys::generate()?;
        let key = ApiKey {
            owner: owner.to_owned(),
            scope,
            display_name: name.to_owned(),
            description: description.to_owned(),
            secret_hash: inner.access.hasher().hash(&id, &secret)?,
        };
        let stored = inner.resources.create_as(id, key).await?;
        Ok(NewKey { stored, secret })
    }

    pub async fn update_key(&self, id: &str, name: &str, description: &str) -> Result<Stored<ApiKey>, ControlError> {
        let stored = self.inner.resources.require::<ApiKey>(id).await?;
        let changed =
            ApiKey { display_name: name.to_owned(), description: description.to_owned(), ..stored.resource.clone() };
        self.inner.resources.update(&stored, changed).await
    }

    pub async fn delete_key(&self, id: &str) -> Result<(), ControlError> {
        let stored = self.inner.resources.require::<ApiKey>(id).await?;
        self.inner.resources.delete(&stored).await
    }

    /// The administrator, made at the first start.
    pub async fn administrator(&self) -> Result<Stored<User>, ControlError> {
        if let Some(admin) =
            self.inner.resources.all::<User>(None).await?.into_iter().find(|user| user.resource.is_admin)
        {
            return Ok(admin);
        }
        let user = User { email: "admin@localhost".to_owned(), full_name: "Administrator".to_owned(), is_admin: true };
        self.inner.resources.create(user).await
    }

    /// The first global key of the administrator; None when there is one already, whose secret nobody can show again.
    pub async fn first_admin_key(&self) -> Result<Option<NewKey>, ControlError> {
        let admin = self.administrator().await?;
        if !self.inner.resources.all::<ApiKey>(Some(&admin.id)).await?.is_empty() {
            return Ok(None);
        }
        self.create_key(&admin.id, KeyScope::Global, "first administrator key", "Made at the first start")
            .await
            .map(Some)
    }
}

fn check_name(field: &str, name: &str) -> Result<(), ControlError> {
    if name.trim().is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
        return Err(ControlError::Invalid(format!(
            "{field} '{name}' is not allowed. Use 1 to 64 printable characters."
        )));
    }
    Ok(())
}

/// Pattern of P-01's display name, without its hyphen rule for the first character: upper case and underscores are in use
/// (spec S000-12).
fn check_pool_name(name: &str) -> Result<(), ControlError> {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
    let first = name.chars().next().is_some_and(|c| c.is_ascii_alphanumeric() || c == '-');
    if first && name.chars().count() <= 64 && name.chars().all(allowed) {
        return Ok(());
    }
    Err(ControlError::Invalid(format!(
        "spec.display_name '{name}' is not allowed. Use up to 64 letters, digits, '_', '.', '-', beginning with a letter or digit."
    )))
}

fn check_region(cloud: &str, region: &str) -> Result<(String, String), ControlError> {
    let cloud = cloud.to_ascii_uppercase();
    if !CLOUDS.contains(&cloud.as_str()) {
        return Err(ControlError::Invalid(format!("Cloud '{cloud}' is not one of {}.", CLOUDS.join(", "))));
    }
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if region.is_empty() || region.len() > 64 || !region.chars().all(allowed) {
        return Err(ControlError::Invalid(format!("Region '{region}' is not a region's name such as us-east-1.")));
    }
    Ok((cloud, region.to_owned()))
}
