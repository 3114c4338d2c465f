//! The embedded brokers and registries, and the way to every cluster.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use nutkin_broker::{Encryption, Listener, Security};
use nutkin_catalog::{Database, Directory, DirectoryError, Job, Metastore};
use nutkin_kafka::{Client, ClientConfig};
use nutkin_pool::protocol::RegistryAddress;
use nutkin_registry::Schemas;
use parking_lot::Mutex;

use crate::access::{Access, RegistryDoor};
use crate::error::ControlError;
use crate::options::Options;
use crate::resources::{ClusterFlavour, Environment, KafkaCluster, RegistryCluster, Resources, Stored, TableRecord};
use crate::seal::Sealer;
use crate::statement::record::Statement;
use crate::statement::traits::rfc3339;

/// Runs and reaches clusters. Cheap to clone.
#[derive(Clone)]
pub struct Clusters {
    inner: Arc<Inner>,
}

struct Inner {
    options: Options,
    resources: Resources,
    access: Access,
    sealer: Sealer,
    brokers: Mutex<HashMap<String, nutkin_broker::Handle>>,
    registries: Mutex<HashMap<String, nutkin_registry::Service>>,
    /// By cluster, with the version of the resource whose properties they were made from.
    clients: Mutex<HashMap<String, (i64, Client)>>,
}

impl Clusters {
    pub fn new(options: Options, resources: Resources, access: Access, sealer: Sealer) -> Clusters {
        let inner = Inner {
            options,
            resources,
            access,
            sealer,
            brokers: Mutex::default(),
            registries: Mutex::default(),
            clients: Mutex::default(),
        };
        Clusters { inner: Arc::new(inner) }
    }

    /// Starts every embedded broker and registry that the store knows.
    pub async fn start_all(&self) -> Result<(), ControlError> {
        for registry in self.inner.resources.all::<RegistryCluster>(None).await? {
            self.start_registry(&registry).await?;
        }
        for cluster in self.inner.resources.all::<KafkaCluster>(None).await? {
            self.start_broker(&cluster).await?;
        }
        Ok(())
    }

    /// Starts the broker of an embedded cluster; nothing for an attached one. [`ControlError::Conflict`] when somebody else
    /// listens on its port.
    pub async fn start_broker(&self, cluster: &Stored<KafkaCluster>) -> Result<(), ControlError> {
        let ClusterFlavour::Embedded { port, anonymous_port } = cluster.resource.flavour else { return Ok(()) };
        let inner = &self.inner;
        let mut sasl = Listener::new(SocketAddr::new(inner.options.listen, port), Security::SaslPlain);
        sasl.advertised_host = Some(inner.options.advertised_host.clone());
        sasl.encryption = inner.options.kafka_tls.clone().map_or(Encryption::Plain, Encryption::Offered);
        let directory = inner.options.data_dir.join("kafka").join(&cluster.id);
        let mut options = nutkin_broker::Options::new(&cluster.id, directory, sasl);
        // The original's default; a request for the number -1 gets it.
        options.default_partitions = 6;
        if let Some(port) = anonymous_port.filter(|_| inner.options.anonymous_kafka) {
            let loopback = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
            let anyone = nutkin_broker::Principal::user("ANONYMOUS");
            options.listeners.push(Listener::new(loopback, Security::Anonymous(anyone)));
        }
        let access = Arc::new(inner.access.clone());
        let started = nutkin_broker::Service::start(options, access.clone(), access).await;
        let (service, handle) = started.map_err(|e| match e {
            nutkin_broker::Error::Bind { .. } => ControlError::Conflict(format!("{}: {e}", cluster.id)),
            other => ControlError::Internal(format!("{}: {other}", cluster.id)),
        })?;
        tokio::spawn(service.run());
        inner.brokers.lock().insert(cluster.id.clone(), handle);
        Ok(())
    }

    /// Opens the registry's log and serves it.
    pub async fn start_registry(&self, registry: &Stored<RegistryCluster>) -> Result<(), ControlError> {
        let failed = |e: String| ControlError::Internal(format!("{}: {e}", registry.id));
        let directory = self.inner.options.data_dir.join("registry");
        std::fs::create_dir_all(&directory).map_err(|e| failed(e.to_string()))?;
        let path = directory.join(format!("{}.log", registry.id));
        let store = nutkin_registry::store::LogStore::open(path).map_err(|e| failed(e.to_string()))?;
        let options = nutkin_registry::Options { cluster_id: registry.id.as_str().into(), ..Default::default() };
        let door = RegistryDoor {
            access: self.inner.access.clone(),
            cluster: registry.id.clone(),
            anonymous: self.inner.options.anonymous_kafka,
        };
        let service = nutkin_registry::Service::start_with(options, Arc::new(store), Arc::new(door)).await;
        let service = service.map_err(|e| failed(e.to_string()))?;
        self.inner.registries.lock().insert(registry.id.clone(), service);
        Ok(())
    }

    /// Stops the cluster's broker and forgets its data. Attached clusters are only forgotten.
    pub async fn remove_broker(&self, cluster_id: &str) {
        self.inner.clients.lock().remove(cluster_id);
        let broker = self.inner.brokers.lock().remove(cluster_id);
        if let Some(broker) = broker {
            broker.shutdown().await;
            remove_directory(&self.inner.options.data_dir.join("kafka").join(cluster_id)).await;
        }
    }

    pub async fn remove_registry(&self, registry_id: &str) {
        self.inner.registries.lock().remove(registry_id);
        let path = self.inner.options.data_dir.join("registry").join(format!("{registry_id}.log"));
        if let Err(error) = tokio::fs::remove_file(&path).await {
            tracing::warn!(%error, path = %path.display(), "the registry's file was not removed");
        }
    }

    /// Stops every broker so that the next start has nothing to recover.
    pub async fn shutdown(&self) {
        let brokers: Vec<_> = self.inner.brokers.lock().drain().map(|(_, broker)| broker).collect();
        for broker in brokers {
            broker.shutdown().await;
        }
    }

    /// Id, address, and address without login of every embedded cluster.
    pub async fn addresses(&self) -> Result<Vec<(String, String, Option<String>)>, ControlError> {
        let host = &self.inner.options.advertised_host;
        let address = |cluster: Stored<KafkaCluster>| match cluster.resource.flavour {
            ClusterFlavour::Embedded { port, anonymous_port } => {
                let without_login = anonymous_port.map(|port| format!("127.0.0.1:{port}"));
                Some((cluster.id, format!("{host}:{port}"), without_login))
            }
            ClusterFlavour::Attached { .. } => None,
        };
        Ok(self.inner.resources.all::<KafkaCluster>(None).await?.into_iter().filter_map(address).collect())
    }

    /// HTTP routes of a registry, to be mounted by the server.
    pub fn registry_routes(&self, registry_id: &str) -> Option<axum::Router> {
        self.inner.registries.lock().get(registry_id).map(nutkin_registry::Service::router)
    }

    /// Id of the registry that was made first; its routes are also at the root of port 8081.
    pub async fn first_registry(&self) -> Result<Option<String>, ControlError> {
        let registries = self.inner.resources.all::<RegistryCluster>(None).await?;
        Ok(registries.into_iter().min_by_key(|r| (r.created_at, r.id.clone())).map(|registry| registry.id))
    }

    /// Client properties that reach the cluster with the service's own rights, or with those it was attached with.
    pub async fn properties(&self, cluster_id: &str) -> Result<String, ControlError> {
        let cluster = self.inner.resources.require::<KafkaCluster>(cluster_id).await?;
        self.properties_of(&cluster)
    }

    fn properties_of(&self, cluster: &Stored<KafkaCluster>) -> Result<String, ControlError> {
        match &cluster.resource.flavour {
            ClusterFlavour::Embedded { port, .. } => {
                let (user, password) = self.inner.access.internal_credentials();
                let host = match self.inner.options.listen {
                    any if any.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
                    given => given,
                };
                Ok(format!(
                    "bootstrap.servers={}\nsecurity.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n\
                     sasl.username={user}\nsasl.password={password}\n",
                    SocketAddr::new(host, *port)
                ))
            }
            ClusterFlavour::Attached { sealed_properties, .. } => {
                Ok(self.inner.sealer.unseal(&cluster.id, sealed_properties)?.expose().to_owned())
            }
        }
    }

    /// Client properties of an attached cluster as they are kept.
    pub fn seal(&self, cluster_id: &str, properties: &str) -> Result<String, ControlError> {
        Ok(self.inner.sealer.seal(cluster_id, properties)?)
    }

    /// Address of a registry for a pool.
    pub fn registry_address(&self, registry_id: &str) -> RegistryAddress {
        let (user, password) = self.inner.access.internal_credentials();
        RegistryAddress {
            url: format!("{}/sr/{registry_id}", self.inner.options.internal_url),
            credentials: Some((user.to_owned(), password.to_owned())),
        }
    }

    /// Two ports nobody listens on, for the two listeners of a new cluster.
    pub async fn free_ports(&self) -> Result<(u16, u16), ControlError> {
        let mut taken = Vec::new();
        for cluster in self.inner.resources.all::<KafkaCluster>(None).await? {
            if let ClusterFlavour::Embedded { port, anonymous_port } = cluster.resource.flavour {
                taken.extend([Some(port), anonymous_port].into_iter().flatten());
            }
        }
        let options = &self.inner.options;
        let sasl = free_port(options.listen, options.first_kafka_port, &taken)?;
        taken.push(sasl);
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Ok((sasl, free_port(loopback, options.first_anonymous_kafka_port, &taken)?))
    }
}

fn free_port(address: IpAddr, first: u16, taken: &[u16]) -> Result<u16, ControlError> {
    let mut candidates = (first..=u16::MAX).take(2000).filter(|port| !taken.contains(port));
    let found = candidates.find(|&port| TcpListener::bind((address, port)).is_ok());
    found.ok_or_else(|| ControlError::Internal(format!("no free port from {first} on for a Kafka listener")))
}

async fn remove_directory(path: &Path) {
    if let Err(error) = tokio::fs::remove_dir_all(path).await {
        tracing::warn!(%error, path = %path.display(), "the directory was not removed");
    }
}

fn unknown(error: impl std::fmt::Display) -> DirectoryError {
    DirectoryError(error.to_string())
}

#[async_trait]
impl Directory for Clusters {
    async fn environments(&self) -> Result<Vec<nutkin_catalog::Environment>, DirectoryError> {
        let all = self.inner.resources.all::<Environment>(None).await.map_err(unknown)?;
        let entry = |e: Stored<Environment>| nutkin_catalog::Environment { id: e.id, name: e.resource.display_name };
        Ok(all.into_iter().map(entry).collect())
    }

    async fn databases(&self, environment_id: &str) -> Result<Vec<Database>, DirectoryError> {
        let all = self.inner.resources.all::<KafkaCluster>(Some(environment_id)).await.map_err(unknown)?;
        Ok(all.into_iter().map(|c| Database { id: c.id, name: c.resource.display_name }).collect())
    }

    async fn kafka(&self, cluster_id: &str) -> Result<Client, DirectoryError> {
        let cluster = self.inner.resources.require::<KafkaCluster>(cluster_id).await.map_err(unknown)?;
        let known = self.inner.clients.lock().get(cluster_id).filter(|(of, _)| *of == cluster.version).cloned();
        if let Some((_, client)) = known {
            return Ok(client);
        }
        let properties = self.properties_of(&cluster).map_err(unknown)?;
        let config = ClientConfig::from_properties(&properties).map_err(unknown)?;
        // It connects when it is used: a cluster that cannot be reached makes nobody wait but those who ask for it.
        let client = Client::new(config).map_err(unknown)?;
        self.inner.clients.lock().insert(cluster_id.to_owned(), (cluster.version, client.clone()));
        Ok(client)
    }

    async fn jobs(&self, environment_id: &str) -> Result<Vec<Job>, DirectoryError> {
        let all = self.inner.resources.all::<Statement>(Some(environment_id)).await.map_err(unknown)?;
        let job = |stored: Stored<Statement>| Job {
            name: stored.resource.name,
            phase: stored.resource.state.phase.name().to_owned(),
            sql: stored.resource.sql,
            compute_pool: stored.resource.compute_pool,
            created_at: rfc3339(stored.created_at),
            detail: stored.resource.state.detail,
        };
        Ok(all.into_iter().map(job).collect())
    }

    async fn registry(&self, environment_id: &str) -> Result<(String, Arc<dyn Schemas>), DirectoryError> {
        let found = self.inner.resources.all::<RegistryCluster>(Some(environment_id)).await.map_err(unknown)?;
        let registry = found.into_iter().next();
        let registry = registry.ok_or_else(|| DirectoryError(format!("{environment_id} has no Schema Registry")))?;
        let handle = self.inner.registries.lock().get(&registry.id).map(nutkin_registry::Service::handle);
        let handle = handle.ok_or_else(|| DirectoryError(format!("{} is not running", registry.id)))?;
        Ok((registry.id, Arc::new(handle)))
    }
}

#[async_trait]
impl Metastore for Clusters {
    async fn get(&self, cluster_id: &str, table: &str) -> Result<Option<serde_json::Value>, DirectoryError> {
        let found = self.inner.resources.find::<TableRecord>(cluster_id, table).await.map_err(unknown)?;
        Ok(found.map(|record| record.resource.definition))
    }

    async fn put(&self, cluster_id: &str, table: &str, definition: serde_json::Value) -> Result<(), DirectoryError> {
        let record = TableRecord { cluster: cluster_id.to_owned(), name: table.to_owned(), definition };
        match self.inner.resources.find::<TableRecord>(cluster_id, table).await.map_err(unknown)? {
            Some(base) => self.inner.resources.update(&base, record).await.map(drop),
            None => self.inner.resources.create(record).await.map(drop),
        }
        .map_err(unknown)
    }

    async fn delete(&self, cluster_id: &str, table: &str) -> Result<(), DirectoryError> {
        match self.inner.resources.find::<TableRecord>(cluster_id, table).await.map_err(unknown)? {
            Some(base) => self.inner.resources.delete(&base).await.map_err(unknown),
            None => Ok(()),
        }
    }
}
