//! Starts one broker: `broker DIRECTORY PORT [USER PASSWORD]`. With a user, clients need SASL/PLAIN; without, the listener is anonymous.
//!
//! For trying the broker with foreign clients; the `nutkin` binary embeds it with real access control.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use nutkin_broker::{AllowAll, Authenticator, Listener, Options, Principal, Security, Service};

struct OneUser {
    user: String,
    password: String,
}

#[async_trait]
impl Authenticator for OneUser {
    async fn authenticate(&self, _: &str, user: &str, password: &str) -> Option<Principal> {
        (user == self.user && password == self.password).then(|| Principal::user(user))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env()).init();
    let mut arguments = std::env::args().skip(1);
    let dir = arguments.next().ok_or("usage: broker DIRECTORY PORT [USER PASSWORD]")?;
    let port: u16 = arguments.next().ok_or("usage: broker DIRECTORY PORT [USER PASSWORD]")?.parse()?;
    let login = arguments.next().zip(arguments.next());
    let security = match &login {
        Some(_) => Security::SaslPlain,
        None => Security::Anonymous(Principal::user("ANONYMOUS")),
    };
    let (user, password) = login.unwrap_or_default();
    let mut options =
        Options::new("lkc-example", dir, Listener::new(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), security));
    if let Ok(seconds) = std::env::var("MAINTENANCE_MS") {
        options.maintenance_interval = std::time::Duration::from_millis(seconds.parse()?);
    }
    let (service, handle) = Service::start(options, Arc::new(OneUser { user, password }), Arc::new(AllowAll)).await?;
    println!("serving on {:?}", handle.addresses());
    let running = tokio::spawn(service.run());
    tokio::signal::ctrl_c().await?;
    handle.shutdown().await;
    running.await?;
    Ok(())
}
