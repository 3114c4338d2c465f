//! Configuration of topics and brokers: read, and change entry by entry.

use std::sync::Arc;

use kafka_protocol::{
    messages::{
        DescribeConfigsRequest, IncrementalAlterConfigsRequest,
        describe_configs_request::DescribeConfigsResource,
        incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig},
    },
    protocol::{Request, StrBytes},
};

use super::{Admin, only};
use crate::{ErrorKind, Result, client::SHARED, connection::Connection, error::check_with};

/// What a configuration belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ConfigResource {
    /// A topic by name.
    Topic(String),
    /// A broker by id; `None` is the default of all brokers.
    Broker(Option<i32>),
}

impl ConfigResource {
    fn wire(&self) -> (i8, StrBytes) {
        match self {
            Self::Topic(name) => (2, StrBytes::from_string(name.clone())),
            Self::Broker(id) => (4, StrBytes::from_string(id.map(|id| id.to_string()).unwrap_or_default())),
        }
    }
}

/// A configuration entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigEntry {
    /// Name.
    pub name: String,
    /// Value; `None` when it is sensitive or not set.
    pub value: Option<String>,
    /// Whether it is set on this very resource, and not inherited or a default.
    pub own: bool,
    /// Whether it cannot be changed.
    pub read_only: bool,
    /// Whether its value is kept secret.
    pub sensitive: bool,
}

/// A change of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigChange {
    /// Sets the value.
    Set(String, String),
    /// Goes back to the default.
    Delete(String),
    /// Adds to a list value.
    Append(String, String),
    /// Takes away from a list value.
    Subtract(String, String),
}

impl ConfigChange {
    fn wire(&self) -> AlterableConfig {
        let (operation, name, value) = match self {
            Self::Set(name, value) => (0, name, Some(value)),
            Self::Delete(name) => (1, name, None),
            Self::Append(name, value) => (2, name, Some(value)),
            Self::Subtract(name, value) => (3, name, Some(value)),
        };
        AlterableConfig::default()
            .with_config_operation(operation)
            .with_name(StrBytes::from_string(name.clone()))
            .with_value(value.map(|v| StrBytes::from_string(v.clone())))
    }
}

/// DescribeConfigs marks what is set on a topic with 1 and on a broker with 2.
const OWN_SOURCES: [i8; 2] = [1, 2];

impl Admin {
    /// Reads all entries of a resource.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; authorization.
    pub async fn describe_configs(&self, resource: &ConfigResource) -> Result<Vec<ConfigEntry>> {
        let (kind, name) = resource.wire();
        let request = DescribeConfigsRequest::default().with_resources(vec![
            DescribeConfigsResource::default()
                .with_resource_type(kind)
                .with_resource_name(name)
                .with_configuration_keys(None),
        ]);
        let operation = format!("describe the configuration of {resource:?}");
        self.at_resource(resource, &operation, &request, |answer| {
            let found = only(answer.results, &operation)?;
            check_with(found.error_code, found.error_message.as_deref(), || operation.clone())?;
            Ok(found
                .configs
                .into_iter()
                .map(|entry| ConfigEntry {
                    name: entry.name.to_string(),
                    value: entry.value.map(|v| v.to_string()),
                    own: OWN_SOURCES.contains(&entry.config_source),
                    read_only: entry.read_only,
                    sensitive: entry.is_sensitive,
                })
                .collect())
        })
        .await
    }

    /// Changes entries of a resource, all or none; other entries stay.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for an entry the broker refuses; [`ErrorKind::NotFound`].
    pub async fn alter_configs(&self, resource: &ConfigResource, changes: &[ConfigChange]) -> Result<()> {
        let (kind, name) = resource.wire();
        let request = IncrementalAlterConfigsRequest::default().with_resources(vec![
            AlterConfigsResource::default()
                .with_resource_type(kind)
                .with_resource_name(name)
                .with_configs(changes.iter().map(ConfigChange::wire).collect()),
        ]);
        let operation = format!("alter the configuration of {resource:?}");
        self.at_resource(resource, &operation, &request, |answer| {
            let altered = only(answer.responses, &operation)?;
            check_with(altered.error_code, altered.error_message.as_deref(), || operation.clone())
        })
        .await
    }

    // A broker's configuration is read and changed at that broker.
    async fn at_resource<R: Request, T>(
        &self,
        resource: &ConfigResource,
        operation: &str,
        request: &R,
        read: impl Fn(R::Response) -> Result<T>,
    ) -> Result<T> {
        let mut retry = self.client.retry(operation);
        loop {
            let attempt = async {
                let connection: Arc<Connection> = match resource {
                    ConfigResource::Broker(Some(id)) => self.client.node(*id, SHARED).await?,
                    _ => self.client.any().await?,
                };
                read(connection.call(request).await?)
            };
            match attempt.await {
                Ok(value) => return Ok(value),
                Err(error) if error.kind() == ErrorKind::NotFound => return Err(error),
                Err(error) => retry.after(error).await?,
            }
        }
    }
}
