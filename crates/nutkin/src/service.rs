//! The service put together: listeners, control plane, pools as processes.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use nutkin_control::{Control, DataDir, Options as ControlOptions};
use nutkin_pool::ProcessHost;
use nutkin_server::{AppState, Handle, Service as Server, tls};
use nutkin_state::CheckpointLocation;

use crate::error::{Context, Error, Result};

/// What both `serve` and `quickstart` need to know.
#[derive(Clone)]
pub struct Settings {
    pub data_dir: PathBuf,
    pub listen: IpAddr,
    pub http_port: u16,
    pub https_port: u16,
    pub registry_port: u16,
    pub kafka_port: u16,
    /// Takes free ports where the given ones are taken.
    pub any_port: bool,
    pub external_url: Option<String>,
    /// Host that clients are told; the listen address when None.
    pub advertised_host: Option<String>,
    /// Address of a PostgreSQL database for the state, instead of a file in the data directory.
    pub database_url: Option<String>,
    pub anonymous_kafka: bool,
    /// Directory or URL of the checkpoints; None keeps them in the data directory.
    pub checkpoints: Option<String>,
    pub checkpoint_interval: Duration,
    pub parallelism: u32,
    /// Bytes.
    pub memory_per_cfu: usize,
    pub sample_rows_per_second: u32,
    pub benchmark: bool,
}

/// A service that answers.
pub struct Running {
    pub control: Control,
    pub server: Handle,
    /// URL of the API.
    pub url: String,
    /// Certificate of the authority behind the TLS listener.
    pub authority: PathBuf,
}

/// Settings that would open the service further than they say are refused.
fn check(settings: &Settings) -> Result<()> {
    if settings.anonymous_kafka && !settings.listen.is_loopback() {
        return Err(Error::Message(format!(
            "--anonymous-kafka lets clients in without a login and is allowed only on loopback, not with --listen {}. Leave it \
             out and give clients API keys.",
            settings.listen
        )));
    }
    if settings.listen.is_unspecified() && settings.advertised_host.is_none() {
        return Err(Error::Message(format!(
            "--listen {} says nothing that Kafka clients could be told to connect to. Name this machine with \
             --advertised-host.",
            settings.listen
        )));
    }
    Ok(())
}

/// Starts everything; statements that were running continue.
pub async fn start(settings: Settings) -> Result<Running> {
    check(&settings)?;
    // First: a second service must neither take this one's ports nor write into its directory.
    let data_dir = DataDir::lock(&settings.data_dir)?;
    let server = Server::bind(&nutkin_server::Options {
        http: SocketAddr::new(settings.listen, settings.http_port),
        https: Some(SocketAddr::new(settings.listen, settings.https_port)),
        registry: Some(SocketAddr::new(settings.listen, settings.registry_port)),
        any_port: settings.any_port,
    })
    .await?;
    let http = server.http_address().ok_or_else(|| Error::Message("the HTTP listener has no address".to_owned()))?;
    let host = settings.advertised_host.unwrap_or_else(|| settings.listen.to_string());
    let url = settings.external_url.unwrap_or_else(|| format!("http://{host}:{}", http.port()));
    let url = url.trim_end_matches('/').to_owned();

    let mut options = ControlOptions::new(&settings.data_dir, &url);
    options.listen = settings.listen;
    options.advertised_host = host.clone();
    options.first_kafka_port = settings.kafka_port;
    options.anonymous_kafka = settings.anonymous_kafka;
    if let Some(place) = &settings.checkpoints {
        options.checkpoints = CheckpointLocation::parse(place, |name| std::env::var(name).ok())?;
    }
    options.checkpoint_interval = settings.checkpoint_interval;
    options.parallelism = settings.parallelism;
    options.memory_per_cfu = settings.memory_per_cfu;
    options.sample_rows_per_second = settings.sample_rows_per_second;
    options.benchmark = settings.benchmark;
    options.database_url = settings.database_url;
    // Where clients from this machine reach the service, also while an external URL points elsewhere.
    options.internal_url = format!("http://{}", reachable(http));
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "flink.us-east-1.aws.localhost"].map(str::to_owned).into();
    if !names.contains(&host) {
        names.push(host);
    }
    let tls = tls::server_config(&settings.data_dir.join("tls"), &names)?;
    options.kafka_tls = Some(tls.clone());
    let binary = std::env::current_exe().context("the path of this program")?;
    let control = Control::open(options, data_dir, Arc::new(ProcessHost::new(binary))).await?;
    let state = AppState { control: control.clone(), external_url: url.as_str().into() };
    let handle = server.serve(state, Some(tls));
    control.start().await?;
    let authority = settings.data_dir.join("tls").join("ca.pem");
    Ok(Running { control, server: handle, url, authority })
}

fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        ip if ip.is_unspecified() => SocketAddr::new(IpAddr::from([127, 0, 0, 1]), address.port()),
        _ => address,
    }
}

impl Running {
    /// Ends everything in order; running statements continue after the next start.
    pub async fn shutdown(self) {
        self.server.shutdown();
        self.control.shutdown().await;
    }
}

/// Completes at Ctrl-C or a request to end.
pub async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}

/// `~/.nutkin`, or the directory that `NUTKIN_DATA_DIR` names.
pub fn default_data_dir() -> PathBuf {
    let home = std::env::var_os("HOME").map_or_else(|| PathBuf::from("."), PathBuf::from);
    std::env::var_os("NUTKIN_DATA_DIR").map_or_else(|| home.join(".nutkin"), PathBuf::from)
}
