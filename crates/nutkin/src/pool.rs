//! `nutkin pool`: the process of one compute pool.

use std::sync::Arc;

use nutkin_pool::Service;
use nutkin_pool::host::adopt_socket;

use crate::error::Result;
use crate::logging;
use crate::runtime;
use crate::schemas::RegistrySchemas;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Id of the compute pool, for process lists and logs
    pool: String,
}

pub fn run(arguments: Arguments) -> Result<()> {
    logging::start("warn");
    let runtime = runtime::start("pool")?;
    runtime.block_on(async {
        ignore_interrupts();
        let stream = adopt_socket()?;
        tracing::debug!(pool = arguments.pool, "serving");
        Ok(Service::new(Arc::new(RegistrySchemas)).run(stream).await?)
    })
}

/// Ctrl-C on a terminal goes to every process of the group; a pool ends with its service, which stops in order.
fn ignore_interrupts() {
    use tokio::signal::unix::{SignalKind, signal};
    if let Ok(mut interrupts) = signal(SignalKind::interrupt()) {
        tokio::spawn(async move { while interrupts.recv().await.is_some() {} });
    }
}
