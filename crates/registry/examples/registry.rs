//! A registry on a port of this machine, for trying clients against it.
//!
//! `cargo run -p nutkin-registry --example registry -- 8081 [log file]`

use std::sync::Arc;

use nutkin_registry::store::{LogStore, MemoryStore, SchemaStore};
use nutkin_registry::{Options, Service};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().unwrap_or_else(|| "8081".into()).parse()?;
    let store: Arc<dyn SchemaStore> = match arguments.next() {
        Some(path) => Arc::new(LogStore::open(path)?),
        None => Arc::new(MemoryStore::default()),
    };
    let service = Service::start(Options::default(), store).await?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("schema registry at http://{}", listener.local_addr()?);
    let router = service.router();
    axum::serve(listener, router).await?;
    Ok(())
}
