//! Starting and stopping a broker, and the handle to a running one.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use kafka_protocol::ResponseError;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::access::{Authenticator, Authorizer};
use crate::broker::Broker;
use crate::clock::now_ms;
use crate::error::{Error, storage};
use crate::groups::Groups;
use crate::groups::offsets::Offsets;
use crate::net;
use crate::options::{Fsync, Options};
use crate::topics::{NewTopic, Refusal, Topics};
use crate::txn::Coordinator;
use crate::txn::store::Store;

/// A running broker; ends with [`Handle::shutdown`].
pub struct Service {
    broker: Arc<Broker>,
    tasks: JoinSet<()>,
    lock: File,
    ended: watch::Sender<bool>,
}

/// Talks to a running broker.
#[derive(Clone)]
pub struct Handle {
    broker: Arc<Broker>,
    ended: watch::Receiver<bool>,
}

/// A topic, for the control plane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicInfo {
    /// Name.
    pub name: String,
    /// Id.
    pub id: uuid::Uuid,
    /// Number of partitions.
    pub partitions: i32,
    /// Replication factor as it was asked for.
    pub replication: i16,
    /// Settings that differ from the defaults.
    pub configs: BTreeMap<String, String>,
}

struct Parts {
    topics: Arc<Topics>,
    offsets: Arc<Offsets>,
    transactions: Arc<Coordinator>,
    lock: File,
}

/// Opens everything in the directory. Blocks.
fn open(options: &Options) -> Result<Parts, Error> {
    let dir = &options.dir;
    fs::create_dir_all(dir).map_err(storage(dir))?;
    let path = dir.join("lock");
    let lock = OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(storage(&path))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => return Err(Error::Locked { dir: dir.clone() }),
        Err(fs::TryLockError::Error(source)) => return Err(Error::Storage { path, source }),
    }
    let sync = options.fsync != Fsync::Never;
    let topics = Arc::new(Topics::open(dir, options.fsync)?);
    let offsets = Arc::new(Offsets::open(dir, sync)?);
    let store = Store::open(dir, sync)?;
    let transactions = Coordinator::start(
        store,
        Arc::clone(&topics),
        Arc::clone(&offsets),
        options.fsync,
        options.max_transaction_timeout,
    );
    Ok(Parts { topics, offsets, transactions, lock })
}

fn lost(_: tokio::task::JoinError) -> Error {
    Error::Refused {
        code: ResponseError::UnknownServerError.code(),
        message: "the work was interrupted by a stop".to_owned(),
    }
}

fn refused((error, message): Refusal) -> Error {
    Error::Refused { code: error.code(), message }
}

impl Service {
    /// Binds the listeners, opens the directory, finishes interrupted transactions, serves.
    pub async fn start(
        options: Options,
        authenticator: Arc<dyn Authenticator>,
        authorizer: Arc<dyn Authorizer>,
    ) -> Result<(Self, Handle), Error> {
        let mut sockets = Vec::new();
        for listener in &options.listeners {
            let bind = |source| Error::Bind { address: listener.bind, source };
            sockets.push(TcpListener::bind(listener.bind).await.map_err(bind)?);
        }
        let mut bound = Vec::new();
        for (socket, listener) in sockets.iter().zip(&options.listeners) {
            bound.push(socket.local_addr().map_err(|source| Error::Bind { address: listener.bind, source })?);
        }
        let (options, parts) = tokio::task::spawn_blocking(move || {
            let parts = open(&options);
            (options, parts)
        })
        .await
        .map_err(lost)?;
        let Parts { topics, offsets, transactions, lock } = parts?;
        let groups = Arc::new(Groups::new(offsets, options.initial_rebalance_delay));
        let stop = watch::Sender::new(false);
        let broker = Arc::new(Broker { options, topics, groups, transactions, authenticator, authorizer, bound, stop });
        let limit = Arc::new(Semaphore::new(broker.options.max_connections));
        let mut tasks = JoinSet::new();
        for (at, socket) in sockets.into_iter().enumerate() {
            tasks.spawn(net::accept(Arc::clone(&broker), socket, at, Arc::clone(&limit)));
        }
        tasks.spawn(until_stop(Arc::clone(&broker), keep_groups(Arc::clone(&broker))));
        tasks.spawn(until_stop(Arc::clone(&broker), keep_transactions(Arc::clone(&broker))));
        tasks.spawn(until_stop(Arc::clone(&broker), keep_logs(Arc::clone(&broker))));
        let (ended, end) = watch::channel(false);
        let handle = Handle { broker: Arc::clone(&broker), ended: end };
        Ok((Self { broker, tasks, lock, ended }, handle))
    }

    /// Serves until [`Handle::shutdown`]; the listeners answer from [`Service::start`] on. Dropping the future stops
    /// everything at once, which the next start treats as a crash.
    pub async fn run(mut self) {
        while self.tasks.join_next().await.is_some() {}
        let topics = Arc::clone(&self.broker.topics);
        let closed = tokio::task::spawn_blocking(move || {
            for partition in topics.all().iter().flat_map(|topic| &topic.partitions) {
                if let Err(error) = partition.close() {
                    tracing::error!(topic = partition.topic, partition = partition.index, %error,
                        "a log could not be closed; it is checked at the next start");
                }
            }
        });
        let _ = closed.await;
        drop(self.lock);
        self.ended.send_replace(true);
    }
}

async fn until_stop(broker: Arc<Broker>, work: impl Future<Output = ()>) {
    let mut stop = broker.stopping();
    tokio::select! {
        () = work => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

async fn keep_groups(broker: Arc<Broker>) {
    broker.groups.run().await;
}

async fn keep_transactions(broker: Arc<Broker>) {
    loop {
        tokio::time::sleep(Duration::from_millis(250)).await;
        broker.transactions.tick().await;
    }
}

async fn keep_logs(broker: Arc<Broker>) {
    loop {
        tokio::time::sleep(broker.options.maintenance_interval).await;
        let shared = Arc::clone(&broker);
        let done = tokio::task::spawn_blocking(move || {
            shared.transactions.expire();
            for partition in shared.topics.all().iter().flat_map(|topic| &topic.partitions) {
                if *shared.stop.borrow() {
                    return;
                }
                if partition.is_available()
                    && let Err(error) = partition.maintain(shared.options.fsync, now_ms())
                {
                    tracing::warn!(topic = partition.topic, partition = partition.index, %error,
                        "a log could not be maintained, trying again later");
                }
            }
        });
        let _ = done.await;
    }
}

impl Handle {
    /// Where the listeners are bound, in the order of the options.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.broker.bound
    }

    /// The cluster's id.
    pub fn cluster_id(&self) -> &str {
        &self.broker.options.cluster_id
    }

    /// Stops: requests in work are answered, logs are closed so that the next start reads none of them.
    pub async fn shutdown(&self) {
        self.broker.stop.send_replace(true);
        self.ended().await;
    }

    /// Waits until the broker has stopped.
    pub async fn ended(&self) {
        // An error means that the service is gone, which is the end too.
        let _ = self.ended.clone().wait_for(|ended| *ended).await;
    }

    /// Makes a topic.
    pub async fn create_topic(
        &self,
        name: &str,
        partitions: i32,
        replication: i16,
        configs: BTreeMap<String, String>,
    ) -> Result<TopicInfo, Error> {
        let new = NewTopic { name: name.to_owned(), partitions, replication, overrides: configs };
        let topics = Arc::clone(&self.broker.topics);
        let made = tokio::task::spawn_blocking(move || topics.create(new)).await.map_err(lost)?;
        made.map(|topic| TopicInfo::of(&topic)).map_err(refused)
    }

    /// Deletes a topic with its records and the offsets of groups in it.
    pub async fn delete_topic(&self, name: &str) -> Result<(), Error> {
        let (topics, offsets) = (Arc::clone(&self.broker.topics), Arc::clone(&self.broker.groups.offsets));
        let name = name.to_owned();
        let deleted = tokio::task::spawn_blocking(move || {
            topics.delete(&name)?;
            // Positions in a topic that is gone do no harm beyond their bytes.
            let _ = offsets.remove_topic(&name);
            Ok(())
        });
        deleted.await.map_err(lost)?.map_err(refused)
    }

    /// Every topic, by name.
    pub fn topics(&self) -> Vec<TopicInfo> {
        self.broker.topics.all().iter().map(|topic| TopicInfo::of(topic)).collect()
    }

    /// One topic.
    pub fn topic(&self, name: &str) -> Option<TopicInfo> {
        self.broker.topics.get(name).map(|topic| TopicInfo::of(&topic))
    }

    /// Sets (`Some`) and resets (`None`) settings of a topic.
    pub async fn alter_configs(&self, name: &str, changes: BTreeMap<String, Option<String>>) -> Result<(), Error> {
        let topics = Arc::clone(&self.broker.topics);
        let name = name.to_owned();
        let altered = tokio::task::spawn_blocking(move || {
            topics.configure(&name, false, |overrides| {
                for (key, value) in changes {
                    match value {
                        Some(value) => overrides.insert(key, value),
                        None => overrides.remove(&key),
                    };
                }
                Ok(())
            })
        });
        altered.await.map_err(lost)?.map_err(refused)
    }
}

impl TopicInfo {
    fn of(topic: &crate::topics::Topic) -> Self {
        Self {
            name: topic.name.clone(),
            id: topic.id,
            partitions: topic.partitions.len() as i32,
            replication: topic.replication,
            configs: topic.overrides.clone(),
        }
    }
}
