//! What a broker is started with.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::access::Principal;

/// When written data is forced to the disk itself. A killed process loses nothing under any of them; they matter when
/// the machine loses power.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fsync {
    /// Left to the operating system, coordinators and metadata included.
    Never,
    /// Coordinator and metadata files at each change, data at transaction markers and when a segment is closed.
    #[default]
    OnCommit,
    /// Also every append before it is answered.
    Always,
}

/// How a listener knows who speaks.
#[derive(Clone, Debug)]
pub enum Security {
    /// Everybody who connects is this principal.
    Anonymous(Principal),
    /// SASL/PLAIN against the [`Authenticator`](crate::Authenticator).
    SaslPlain,
}

/// Whether the connections of a listener are encrypted.
#[derive(Clone, Debug, Default)]
pub enum Encryption {
    /// None is.
    #[default]
    Plain,
    /// Those of clients that begin with a TLS handshake; others speak Kafka at once on the same port.
    Offered(Arc<rustls::ServerConfig>),
    /// All are; whoever begins otherwise is turned away.
    Required(Arc<rustls::ServerConfig>),
}

/// An address that clients connect to.
#[derive(Clone, Debug)]
pub struct Listener {
    /// Where to bind; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Host that clients are told to connect to; the bound address's if `None`.
    pub advertised_host: Option<String>,
    /// Port that clients are told to connect to; the bound one if `None`.
    pub advertised_port: Option<u16>,
    /// Who speaks.
    pub security: Security,
    /// TLS: with which certificate, and whether it is the client's choice.
    pub encryption: Encryption,
}

impl Listener {
    /// An unencrypted listener that advertises what it binds.
    pub fn new(bind: SocketAddr, security: Security) -> Self {
        Self { bind, advertised_host: None, advertised_port: None, security, encryption: Encryption::Plain }
    }
}

/// The configuration of one embedded cluster: a broker with its own directory.
#[derive(Clone, Debug)]
pub struct Options {
    /// Cluster id that clients are shown, for example `lkc-abc123`; also what keys must belong to.
    pub cluster_id: String,
    /// Directory of everything the broker stores; made when missing, locked while it runs.
    pub dir: PathBuf,
    /// Where clients connect.
    pub listeners: Vec<Listener>,
    /// When data is forced to the disk.
    pub fsync: Fsync,
    /// Partitions of a topic that is created without a number.
    pub default_partitions: i32,
    /// Whether asking for the metadata of a topic creates it (`auto.create.topics.enable`).
    pub auto_create_topics: bool,
    /// Connections at one time over all listeners.
    pub max_connections: usize,
    /// Largest Produce request, bytes (`socket.request.max.bytes`); others are limited to 16 MiB.
    pub max_request_bytes: usize,
    /// Longest transaction time-out a producer may ask for (`transaction.max.timeout.ms`).
    pub max_transaction_timeout: Duration,
    /// How often retention and compaction look at the logs.
    pub maintenance_interval: Duration,
    /// How long a group that gets its first member waits for more (`group.initial.rebalance.delay.ms`).
    pub initial_rebalance_delay: Duration,
}

impl Options {
    /// Defaults for a cluster in `dir` with one listener.
    pub fn new(cluster_id: impl Into<String>, dir: impl Into<PathBuf>, listener: Listener) -> Self {
        Self {
            cluster_id: cluster_id.into(),
            dir: dir.into(),
            listeners: vec![listener],
            fsync: Fsync::default(),
            default_partitions: 1,
            auto_create_topics: false,
            max_connections: 2000,
            max_request_bytes: 100 << 20,
            max_transaction_timeout: Duration::from_secs(15 * 60),
            maintenance_interval: Duration::from_secs(15),
            initial_rebalance_delay: Duration::from_millis(200),
        }
    }
}
