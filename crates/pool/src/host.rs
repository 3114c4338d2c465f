//! [`PoolHost`]: where pools run. A child process in production; a task of the same process in tests.

use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

use crate::connection::{PoolConnection, PoolError};
use crate::protocol::PoolEvent;
use crate::service::{SchemaSources, Service};

/// A pool that runs. Dropping it ends the pool.
pub struct StartedPool {
    pub connection: PoolConnection,
    /// Closes when the pool is gone.
    pub events: mpsc::UnboundedReceiver<PoolEvent>,
    /// None for a pool in this process.
    pub pid: Option<u32>,
    /// Held only so that the pool ends when this is dropped.
    pub guard: PoolGuard,
}

/// Ends the pool when dropped.
pub enum PoolGuard {
    Process(Box<Child>),
    Task(tokio::task::JoinHandle<()>),
}

impl PoolGuard {
    /// Ends the pool, whatever it is doing, and waits until it is gone.
    pub async fn end(&mut self) {
        match self {
            PoolGuard::Process(child) => {
                if let Err(error) = child.kill().await {
                    tracing::warn!(%error, "a pool's process could not be ended");
                }
            }
            PoolGuard::Task(task) => task.abort(),
        }
    }
}

impl Drop for PoolGuard {
    fn drop(&mut self) {
        // A child was started with kill_on_drop.
        if let PoolGuard::Task(task) = self {
            task.abort();
        }
    }
}

#[async_trait]
pub trait PoolHost: Send + Sync {
    /// Starts a pool and greets it.
    async fn start(&self, pool_id: &str) -> Result<StartedPool, PoolError>;
}

/// The part of the environment that pools inherit; the rest may hold secrets of the service.
const PASSED_ON: [&str; 4] = ["NUTKIN_LOG", "RUST_BACKTRACE", "TMPDIR", "TZ"];

/// Runs each pool as `<binary> pool <id>` with the socket as its standard input: no path in the file system, nothing in
/// arguments or environment that a stranger could read.
#[derive(Debug, Clone)]
pub struct ProcessHost {
    binary: PathBuf,
}

impl ProcessHost {
    /// `binary`: usually the running executable.
    pub fn new(binary: PathBuf) -> ProcessHost {
        ProcessHost { binary }
    }
}

#[async_trait]
impl PoolHost for ProcessHost {
    async fn start(&self, pool_id: &str) -> Result<StartedPool, PoolError> {
        let failed = |e: std::io::Error| PoolError::Start(format!("{}: {e}", self.binary.display()));
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().map_err(failed)?;
        let child = Command::new(&self.binary)
            .arg("pool")
            .arg(pool_id)
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| PASSED_ON.iter().any(|passed| name == passed)))
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        ours.set_nonblocking(true).map_err(failed)?;
        let stream = UnixStream::from_std(ours).map_err(failed)?;
        let (connection, events) = PoolConnection::open(stream).await?;
        Ok(StartedPool { connection, events, pid: child.id(), guard: PoolGuard::Process(Box::new(child)) })
    }
}

/// Runs each pool as a task of this process, for tests.
#[derive(Clone)]
pub struct TaskHost {
    schemas: Arc<dyn SchemaSources>,
}

impl TaskHost {
    pub fn new(schemas: Arc<dyn SchemaSources>) -> TaskHost {
        TaskHost { schemas }
    }
}

#[async_trait]
impl PoolHost for TaskHost {
    async fn start(&self, _pool_id: &str) -> Result<StartedPool, PoolError> {
        let (ours, theirs) = UnixStream::pair().map_err(|e| PoolError::Start(e.to_string()))?;
        let service = Service::new(self.schemas.clone());
        let task = tokio::spawn(async move {
            if let Err(error) = service.run(theirs).await {
                tracing::warn!(%error, "pool ended");
            }
        });
        let (connection, events) = PoolConnection::open(ours).await?;
        Ok(StartedPool { connection, events, pid: None, guard: PoolGuard::Task(task) })
    }
}

/// Called first in a pool's process: asks the kernel to end it with its parent, and takes the socket that is its standard
/// input.
pub fn adopt_socket() -> Result<UnixStream, PoolError> {
    use std::os::fd::AsFd;
    let failed = |e: std::io::Error| PoolError::Start(e.to_string());
    let signal = rustix::process::Signal::KILL;
    rustix::process::set_parent_process_death_signal(Some(signal)).map_err(|e| failed(e.into()))?;
    let socket = std::io::stdin().as_fd().try_clone_to_owned().map_err(failed)?;
    let stream = std::os::unix::net::UnixStream::from(socket);
    stream.set_nonblocking(true).map_err(failed)?;
    UnixStream::from_std(stream).map_err(failed)
}
