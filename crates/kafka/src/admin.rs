//! Administration: topics, configurations, groups, the cluster.
//!
//! One file per kind of object. Requests go where Kafka wants them (controller, leader, group
//! coordinator, or a broker by id) and are tried again while the cluster is changing.

mod cluster;
mod configs;
mod groups;
mod records;
mod topics;

use kafka_protocol::protocol::Request;

use crate::{Client, Error, ErrorKind, Result, client::SHARED};
pub use cluster::ClusterDescription;
pub use configs::{ConfigChange, ConfigEntry, ConfigResource};
pub use groups::{GroupDescription, GroupMember, ListedGroup};
pub use topics::{NewTopic, TopicDescription, TopicPartitionDescription};

/// Administration of the client's cluster.
#[derive(Debug, Clone)]
pub struct Admin {
    client: Client,
}

impl Client {
    /// Administration of this cluster.
    pub fn admin(&self) -> Admin {
        Admin { client: self.clone() }
    }
}

impl Admin {
    /// One request to the controller (or, where the cluster names none, to any broker, which
    /// forwards it), tried again while that moves.
    async fn to_controller<R: Request, T>(
        &self,
        operation: &str,
        request: &R,
        read: impl Fn(R::Response) -> Result<T>,
    ) -> Result<T> {
        let mut retry = self.client.retry(operation);
        loop {
            let attempt = async {
                if self.client.cache().controller().is_none() {
                    self.client.refresh(&[]).await?;
                }
                let connection = match self.client.cache().controller() {
                    Some(id) => self.client.node(id, SHARED).await?,
                    None => self.client.any().await?,
                };
                read(connection.call(request).await?)
            };
            match attempt.await {
                Ok(value) => return Ok(value),
                // What is not there does not appear by asking again.
                Err(error) if error.kind() == ErrorKind::NotFound => return Err(error),
                Err(error) => {
                    self.client.cache().forget_controller();
                    retry.after(error).await?;
                }
            }
        }
    }

    fn timeout_ms(&self) -> i32 {
        i32::try_from(self.client.config().request_timeout.as_millis()).unwrap_or(i32::MAX)
    }
}

/// The first element of an answer that must have one.
fn only<T>(elements: Vec<T>, operation: &str) -> Result<T> {
    elements.into_iter().next().ok_or_else(|| Error::broker(format!("{operation}: empty answer"), crate::ErrorCode(-1)))
}
