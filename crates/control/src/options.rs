//! What the control plane is started with.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use nutkin_state::CheckpointLocation;

#[derive(Clone)]
pub struct Options {
    /// Everything durable lives below it, but for what the next two settings name.
    pub data_dir: PathBuf,
    pub checkpoints: CheckpointLocation,
    /// A PostgreSQL database for the state; None keeps it in a file of the data directory.
    pub database_url: Option<String>,
    /// Address that embedded brokers bind.
    pub listen: IpAddr,
    /// Host that Kafka clients are told.
    pub advertised_host: String,
    /// First port tried for an embedded cluster; the next free one is taken and kept for the cluster's life.
    pub first_kafka_port: u16,
    /// Certificate with which embedded clusters offer TLS, on the port that they serve without it; None offers none.
    pub kafka_tls: Option<Arc<rustls::ServerConfig>>,
    /// Gives every embedded cluster a second listener, on loopback, that asks for no credentials (decision 18).
    pub anonymous_kafka: bool,
    /// First port tried for those.
    pub first_anonymous_kafka_port: u16,
    /// Absolute URL of this API as clients see it, without a path at its end.
    pub external_url: String,
    /// The same as pools on this machine reach it.
    pub internal_url: String,
    pub checkpoint_interval: Duration,
    /// Subtasks of each task of a statement, at least 1. What a statement has kept is dealt out anew when it changes.
    pub parallelism: u32,
    /// Bytes of state that a statement may hold for each of its CFUs.
    pub memory_per_cfu: usize,
    /// Allows `'connector' = 'blackhole'`.
    pub benchmark: bool,
    /// Rows per second of each table of `examples.marketplace` (decision 9).
    pub sample_rows_per_second: u32,
    /// A foreground statement that nobody reads is stopped after this (spec L-12).
    pub foreground_idle: Duration,
    /// Terminal statements are deleted after this (spec L-13).
    pub statement_retention: Duration,
    /// Highest `max_cfu` of a pool (decision 5).
    pub max_cfu_ceiling: u32,
    /// A pool's process without statements ends after this.
    pub pool_idle: Duration,
}

impl Options {
    /// Defaults for a service on loopback with its data in `data_dir`.
    pub fn new(data_dir: impl Into<PathBuf>, external_url: impl Into<String>) -> Options {
        let (data_dir, external_url) = (data_dir.into(), external_url.into());
        Options {
            checkpoints: CheckpointLocation::Directory(data_dir.join(crate::checkpoints::FOLDER)),
            data_dir,
            database_url: None,
            internal_url: external_url.clone(),
            listen: IpAddr::from([127, 0, 0, 1]),
            advertised_host: "127.0.0.1".to_owned(),
            first_kafka_port: 9092,
            kafka_tls: None,
            anonymous_kafka: false,
            first_anonymous_kafka_port: 29092,
            external_url,
            checkpoint_interval: Duration::from_secs(60),
            parallelism: 1,
            memory_per_cfu: nutkin_engine::DEFAULT_MEMORY_PER_CFU,
            benchmark: false,
            sample_rows_per_second: 50,
            foreground_idle: Duration::from_secs(5 * 60),
            statement_retention: Duration::from_secs(30 * 24 * 3600),
            max_cfu_ceiling: 50,
            pool_idle: Duration::from_secs(30),
        }
    }
}
