//! Attaching somebody else's Kafka cluster: described first, kept with its credentials sealed.
//!
//! The same name again is the same cluster with other properties, as after a change of password. Another cluster under the
//! name of a first one is refused: the offsets and transactions that statements keep would be taken for its own.

use std::time::Duration;

use nutkin_kafka::config::{Pem, Tls};
use nutkin_kafka::{Client, ClientConfig, ClusterDescription};

use super::{Provision, check_name, check_region};
use crate::error::ControlError;
use crate::ids::resource_id;
use crate::resources::kafka_cluster::{ClusterFlavour, KafkaCluster};
use crate::resources::{Environment, Resource, Stored};

/// How long brokers are tried; a person waits.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same for all of it, however many bootstrap servers are named.
const LIMIT: Duration = Duration::from_secs(40);
/// Kind in answers: clients know a fixed set of kinds, and this one is a cluster of somebody's own.
const KIND: &str = "Dedicated";

impl Provision {
    /// Attaches the cluster that `properties` (the text of a `client.properties`) reach, or changes the properties of the
    /// attached cluster of that name, and makes the environment's registry if it has none yet.
    ///
    /// A new password reaches statements that run when they are next started or recover.
    pub async fn attach_cluster(
        &self,
        environment: &str,
        name: &str,
        cloud: &str,
        region: &str,
        properties: &str,
    ) -> Result<Stored<KafkaCluster>, ControlError> {
        check_name("display_name", name)?;
        let (cloud, region) = check_region(cloud, region)?;
        let resources = &self.inner.resources;
        let environment = resources.require::<Environment>(environment).await?;
        let existing = resources.find::<KafkaCluster>(&environment.id, name).await?;
        let config = read(properties)?;
        let description = describe(&config).await?;
        if let Some(existing) = &existing {
            check_same(existing, &description)?;
        }
        let id = match &existing {
            Some(existing) => existing.id.clone(),
            None => resource_id(KafkaCluster::PREFIX)?,
        };
        let cluster = KafkaCluster {
            environment: environment.id.clone(),
            display_name: name.to_owned(),
            cloud: cloud.clone(),
            region: region.clone(),
            kind: KIND.to_owned(),
            availability: if description.brokers.len() > 1 { "MULTI_ZONE" } else { "SINGLE_ZONE" }.to_owned(),
            flavour: ClusterFlavour::Attached {
                bootstrap_servers: config.bootstrap_servers.join(","),
                security_protocol: protocol(&config).to_owned(),
                kafka_cluster_id: description.cluster_id,
                sealed_properties: self.inner.clusters.seal(&id, properties)?,
            },
        };
        self.ensure_registry(&environment.id, &cloud, &region).await?;
        match existing {
            Some(existing) => resources.update(&existing, cluster).await,
            None => resources.create_as(id, cluster).await,
        }
    }
}

fn read(properties: &str) -> Result<ClientConfig, ControlError> {
    let config = ClientConfig::from_properties(properties).map_err(refused)?;
    // A file would be one of the service's machine, and read again by each pool.
    if let Some(path) = config.tls.as_ref().and_then(file) {
        return Err(ControlError::Invalid(format!(
            "NUTKIN-4101: the client properties name the file {}. Give the PEM text itself: ssl.truststore.certificates (or \
             ssl.ca.pem), ssl.keystore.certificate.chain, ssl.keystore.key. 'nutkin kafka attach' does that.",
            path.display()
        )));
    }
    Ok(config)
}

fn file(tls: &Tls) -> Option<&std::path::Path> {
    [&tls.trust, &tls.certificate, &tls.key].into_iter().flatten().find_map(|pem| match pem {
        Pem::File(path) => Some(path.as_path()),
        Pem::Text(_) => None,
    })
}

fn protocol(config: &ClientConfig) -> &'static str {
    match (config.tls.is_some(), config.sasl.is_some()) {
        (false, false) => "PLAINTEXT",
        (true, false) => "SSL",
        (false, true) => "SASL_PLAINTEXT",
        (true, true) => "SASL_SSL",
    }
}

async fn describe(config: &ClientConfig) -> Result<ClusterDescription, ControlError> {
    let mut config = config.clone();
    config.api_timeout = config.api_timeout.min(PATIENCE);
    config.request_timeout = config.request_timeout.min(PATIENCE);
    config.connect_timeout = config.connect_timeout.min(PATIENCE);
    let servers = config.bootstrap_servers.join(", ");
    let described = async { Client::new(config)?.admin().describe_cluster().await };
    match tokio::time::timeout(LIMIT, described).await {
        Ok(described) => described.map_err(refused),
        Err(_) => Err(ControlError::Invalid(format!(
            "NUTKIN-4102: none of {servers} answered within {} s. Check that this service's machine reaches them.",
            LIMIT.as_secs()
        ))),
    }
}

/// What the client says, which names no secret.
fn refused(error: nutkin_kafka::Error) -> ControlError {
    ControlError::Invalid(format!("{}: the cluster was not attached: {error}", error.code()))
}

fn check_same(existing: &Stored<KafkaCluster>, found: &ClusterDescription) -> Result<(), ControlError> {
    let name = &existing.resource.display_name;
    match &existing.resource.flavour {
        ClusterFlavour::Embedded { .. } => Err(ControlError::Conflict(format!(
            "Kafka cluster {name} exists already and is not an attached one. Choose another name."
        ))),
        ClusterFlavour::Attached { kafka_cluster_id: Some(known), .. } if found.cluster_id.as_ref() != Some(known) => {
            Err(ControlError::Conflict(format!(
                "{name} is the Kafka cluster {known}, and the properties reach {}. Choose another name, or delete {} first.",
                found.cluster_id.as_deref().unwrap_or("one without an id"),
                existing.id
            )))
        }
        ClusterFlavour::Attached { .. } => Ok(()),
    }
}
