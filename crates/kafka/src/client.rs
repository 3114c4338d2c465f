//! The client: connections, metadata, coordinators, shared by everything that talks to a cluster.
//!
//! A [`Client`] is a cheap clone. Connections are opened when needed, one per broker for ordinary
//! requests and one per broker and lane for long-polling fetches and for producers, because a
//! broker works on one request of a connection at a time.

mod offsets;
mod topics;

use std::{collections::HashMap, future::Future, sync::Arc};

use kafka_protocol::{
    messages::{FindCoordinatorRequest, FindCoordinatorResponse},
    protocol::{Request, StrBytes},
};
use parking_lot::Mutex;

use crate::{
    ClientConfig, Error, Result,
    connection::{Connection, Dialer},
    error::{ErrorCode, check, check_with},
    metadata::MetadataCache,
    retry::Retry,
};
pub use offsets::{ListedOffset, OffsetSpec};
pub(crate) use topics::topic_name;

/// Which connection to a broker.
pub(crate) type Lane = u64;
/// The lane for ordinary requests.
pub(crate) const SHARED: Lane = 0;

/// The last transaction is still being completed: the coordinator is the right one.
const CONCURRENT_TRANSACTIONS: ErrorCode = ErrorCode(51);

/// What a coordinator coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Coordinates {
    Group = 0,
    Transaction = 1,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Endpoint {
    Bootstrap(usize),
    Node(i32),
}

type Slot = Arc<tokio::sync::Mutex<Option<Arc<Connection>>>>;

struct Inner {
    config: ClientConfig,
    dialer: Dialer,
    slots: Mutex<HashMap<(Endpoint, Lane), Slot>>,
    lanes: std::sync::atomic::AtomicU64,
    metadata: MetadataCache,
    refreshing: tokio::sync::Mutex<()>,
    coordinators: Mutex<HashMap<(Coordinates, String), i32>>,
}

/// A connection to a Kafka cluster. Cloning shares it.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("config", &self.0.config).finish_non_exhaustive()
    }
}

impl Client {
    /// A client that connects when it is first used.
    ///
    /// # Errors
    /// [`Error::Config`] when the configuration or its certificates cannot be used.
    pub fn new(config: ClientConfig) -> Result<Self> {
        config.validate()?;
        let dialer = Dialer::new(&config)?;
        Ok(Self(Arc::new(Inner {
            config,
            dialer,
            slots: Mutex::default(),
            lanes: std::sync::atomic::AtomicU64::new(SHARED + 1),
            metadata: MetadataCache::default(),
            refreshing: tokio::sync::Mutex::default(),
            coordinators: Mutex::default(),
        })))
    }

    /// A client that has reached its cluster once.
    ///
    /// # Errors
    /// As [`Client::new`]; [`Error::Authentication`]; [`Error::TimedOut`] with the last reason when
    /// no bootstrap server answers.
    pub async fn connect(config: ClientConfig) -> Result<Self> {
        let client = Self::new(config)?;
        client.refresh(&[]).await?;
        Ok(client)
    }

    /// The configuration in force.
    pub fn config(&self) -> &ClientConfig {
        &self.0.config
    }

    pub(crate) fn cache(&self) -> &MetadataCache {
        &self.0.metadata
    }

    pub(crate) fn retry(&self, operation: impl Into<String>) -> Retry {
        Retry::new(&self.0.config, operation)
    }

    /// A lane nobody else uses; freed with [`Self::close_lane`].
    pub(crate) fn new_lane(&self) -> Lane {
        self.0.lanes.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
    }

    pub(crate) fn close_lane(&self, lane: Lane) {
        self.0.slots.lock().retain(|(_, l), _| *l != lane);
    }

    /// Cuts every connection, as a network does.
    #[cfg(test)]
    pub(crate) fn cut(&self) {
        for slot in self.0.slots.lock().values() {
            if let Ok(connection) = slot.try_lock()
                && let Some(connection) = connection.as_ref()
            {
                connection.cut();
            }
        }
    }

    /// A connection to a broker by id.
    pub(crate) async fn node(&self, id: i32, lane: Lane) -> Result<Arc<Connection>> {
        let address = match self.0.metadata.broker(id) {
            Some(address) => address,
            None => {
                self.refresh(&[]).await?;
                self.0.metadata.broker(id).ok_or_else(|| Error::Disconnected {
                    address: format!("broker {id}"),
                    problem: "the cluster does not list it".to_owned(),
                })?
            }
        };
        self.open(Endpoint::Node(id), lane, &address).await
    }

    /// A connection to whichever broker can be reached.
    pub(crate) async fn any(&self) -> Result<Arc<Connection>> {
        let mut failed = None;
        for broker in self.0.metadata.brokers() {
            match self.open(Endpoint::Node(broker.id), SHARED, &broker.address).await {
                Ok(connection) => return Ok(connection),
                Err(error) => failed = Some(error),
            }
        }
        for (i, address) in self.0.config.bootstrap_servers.iter().enumerate() {
            match self.open(Endpoint::Bootstrap(i), SHARED, address).await {
                Ok(connection) => return Ok(connection),
                Err(error) => failed = Some(error),
            }
        }
        Err(failed.unwrap_or_else(|| Error::config("bootstrap.servers", "is empty")))
    }

    async fn open(&self, endpoint: Endpoint, lane: Lane, address: &str) -> Result<Arc<Connection>> {
        let slot = self.0.slots.lock().entry((endpoint, lane)).or_default().clone();
        let mut slot = slot.lock().await;
        if let Some(connection) = slot.as_ref()
            && connection.usable()
            && connection.address() == address
        {
            return Ok(connection.clone());
        }
        *slot = None;
        let connection = Arc::new(Connection::open(&self.0.dialer, &self.0.config, address).await?);
        *slot = Some(connection.clone());
        Ok(connection)
    }

    /// One request to any broker, tried again until it succeeds or time is over. `check` turns
    /// error codes inside the answer into errors.
    pub(crate) async fn call_any<R: Request>(
        &self,
        operation: &str,
        request: &R,
        check: impl Fn(&R::Response) -> Result<()>,
    ) -> Result<R::Response> {
        let mut retry = self.retry(operation);
        loop {
            let attempt = async {
                let answer = self.any().await?.call(request).await?;
                check(&answer)?;
                Ok(answer)
            };
            match attempt.await {
                Ok(answer) => return Ok(answer),
                Err(error) => retry.after(error).await?,
            }
        }
    }

    /// Runs `attempt` on the coordinator of `key` until it succeeds, looking the coordinator up
    /// again after every retriable failure.
    pub(crate) async fn with_coordinator<T, F: Future<Output = Result<T>>>(
        &self,
        kind: Coordinates,
        key: &str,
        mut retry: Retry,
        mut attempt: impl FnMut(Arc<Connection>) -> F,
    ) -> Result<T> {
        loop {
            let outcome = match self.coordinator(kind, key).await {
                Ok(connection) => attempt(connection).await,
                Err(error) => Err(error),
            };
            match outcome {
                Ok(value) => return Ok(value),
                Err(error) => {
                    if error.broker_code() != Some(CONCURRENT_TRANSACTIONS) {
                        self.0.coordinators.lock().remove(&(kind, key.to_owned()));
                    }
                    retry.after(error).await?;
                }
            }
        }
    }

    pub(crate) async fn coordinator(&self, kind: Coordinates, key: &str) -> Result<Arc<Connection>> {
        let known = self.0.coordinators.lock().get(&(kind, key.to_owned())).copied();
        let id = match known {
            Some(id) => id,
            None => self.find_coordinator(kind, key).await?,
        };
        self.node(id, SHARED).await
    }

    async fn find_coordinator(&self, kind: Coordinates, key: &str) -> Result<i32> {
        let connection = self.any().await?;
        let name = StrBytes::from_string(key.to_owned());
        let version = connection.version::<FindCoordinatorRequest>(1, 6)?;
        let request = FindCoordinatorRequest::default().with_key_type(kind as i8);
        let request = match version {
            ..=3 => request.with_key(name),
            _ => request.with_coordinator_keys(vec![name]),
        };
        let answer = connection.call_within(&request, version, version).await?;
        let (id, host, port) = coordinator_of(&answer, kind, key)?;
        self.0.metadata.learn_broker(id, &host, port);
        self.0.coordinators.lock().insert((kind, key.to_owned()), id);
        Ok(id)
    }
}

fn coordinator_of(answer: &FindCoordinatorResponse, kind: Coordinates, key: &str) -> Result<(i32, String, i32)> {
    let operation = || format!("find the coordinator of {kind:?} '{key}'").to_lowercase();
    check(answer.error_code, operation)?;
    match answer.coordinators.first() {
        Some(c) => {
            check_with(c.error_code, c.error_message.as_deref(), operation)?;
            Ok((c.node_id.0, c.host.to_string(), c.port))
        }
        None => Ok((answer.node_id.0, answer.host.to_string(), answer.port)),
    }
}
