//! `nutkin serve`: the service alone.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::Result;
use crate::logging;
use crate::runtime;
use crate::service::{self, Settings};

/// MiB per CFU without another setting.
pub const DEFAULT_MEMORY_MIB: usize = nutkin_engine::DEFAULT_MEMORY_PER_CFU >> 20;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  nutkin serve\n  nutkin serve --data-dir /srv/nutkin --listen 0.0.0.0 --advertised-host nutkin.example.com \\\n      --external-url https://nutkin.example.com\n  AWS_REGION=eu-central-1 nutkin serve --checkpoints s3://bucket/nutkin\n  AWS_ENDPOINT_URL=http://minio:9000 nutkin serve --checkpoints s3://bucket"
)]
pub struct Arguments {
    /// Where everything durable is kept
    #[arg(long, value_name = "DIR", env = "NUTKIN_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// Address to listen on; anything but loopback lets other machines in
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    listen: IpAddr,
    /// Port of the API
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    http_port: u16,
    /// Port of the API over TLS
    #[arg(long, value_name = "PORT", default_value_t = 8443)]
    https_port: u16,
    /// Port with the first Schema Registry at its root
    #[arg(long, value_name = "PORT", default_value_t = 8081)]
    registry_port: u16,
    /// First port of embedded Kafka clusters
    #[arg(long, value_name = "PORT", default_value_t = 9092)]
    kafka_port: u16,
    /// Take free ports where the given ones are taken
    #[arg(long)]
    any_port: bool,
    /// URL by which clients reach the API, for links in answers
    #[arg(long, value_name = "URL")]
    external_url: Option<String>,
    /// Host that Kafka clients are told to connect to [default: the address to listen on]
    #[arg(long, value_name = "HOST")]
    advertised_host: Option<String>,
    /// PostgreSQL database for the state, postgres://user:password@host/name; by the environment, because arguments are
    /// visible to everybody on the machine [default: a file in the data directory]
    #[arg(long, hide = true, env = "NUTKIN_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Let Kafka and Schema Registry clients on this machine in without credentials
    #[arg(long)]
    anonymous_kafka: bool,
    /// Where checkpoints are kept: a directory, or s3://bucket/prefix of an S3-compatible store, with AWS_ACCESS_KEY_ID,
    /// AWS_SECRET_ACCESS_KEY, AWS_REGION and AWS_ENDPOINT_URL from the environment [default: the data directory]
    #[arg(long, value_name = "DIR|URL", env = "NUTKIN_CHECKPOINTS")]
    checkpoints: Option<String>,
    /// Seconds between checkpoints, and so between commits of results
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    checkpoint_interval: u64,
    /// Subtasks of each task of a statement: the cores that one statement can keep busy
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=256))]
    parallelism: u32,
    /// MiB of state that a statement may hold for each CFU (its subtasks per task) before it fails
    #[arg(long, value_name = "MIB", default_value_t = DEFAULT_MEMORY_MIB)]
    memory_per_cfu: usize,
    /// Rows per second of each table of examples.marketplace
    #[arg(long, value_name = "N", default_value_t = 50)]
    sample_rows_per_second: u32,
    /// Allow 'connector' = 'blackhole', for measurements
    #[arg(long)]
    benchmark: bool,
}

pub fn run(arguments: Arguments) -> Result<()> {
    logging::start("info");
    let settings = Settings {
        data_dir: arguments.data_dir.unwrap_or_else(service::default_data_dir),
        listen: arguments.listen,
        http_port: arguments.http_port,
        https_port: arguments.https_port,
        registry_port: arguments.registry_port,
        kafka_port: arguments.kafka_port,
        any_port: arguments.any_port,
        external_url: arguments.external_url,
        advertised_host: arguments.advertised_host,
        database_url: arguments.database_url,
        anonymous_kafka: arguments.anonymous_kafka,
        checkpoints: arguments.checkpoints,
        checkpoint_interval: Duration::from_secs(arguments.checkpoint_interval.max(1)),
        parallelism: arguments.parallelism,
        memory_per_cfu: arguments.memory_per_cfu << 20,
        sample_rows_per_second: arguments.sample_rows_per_second,
        benchmark: arguments.benchmark,
    };
    let runtime = runtime::start("service")?;
    runtime.block_on(async {
        let warn_open = settings.anonymous_kafka;
        let running = service::start(settings).await?;
        println!("Nutkin serves {}", running.url);
        if let Some(address) = running.server.https {
            println!("  over TLS https://{address}, with the authority {}", running.authority.display());
        }
        if let Some(address) = running.server.registry {
            println!("  first Schema Registry http://{address}");
        }
        for (id, address, without_login) in running.control.clusters.addresses().await? {
            println!("  Kafka {id} {address}");
            if let Some(address) = without_login.filter(|_| warn_open) {
                println!("  Kafka {id} {address} without login");
            }
        }
        if warn_open {
            println!("Warning: Kafka and Schema Registry let everybody on this machine in (--anonymous-kafka).");
        }
        if let Some(key) = running.control.provision.first_admin_key().await? {
            println!("First administrator key, shown only this once:");
            println!("  API key     {}", key.stored.id);
            println!("  API secret  {}", key.secret);
        }
        service::interrupted().await;
        println!("Stopping; statements continue at the next start.");
        running.shutdown().await;
        Ok(())
    })
}
