//! What all requests share: topics, coordinators, access, addresses.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::watch;

use crate::access::{Authenticator, Authorizer};
use crate::groups::Groups;
use crate::options::Options;
use crate::topics::Topics;
use crate::txn::Coordinator;

/// Id of the only node.
pub const NODE_ID: i32 = 1;

/// The shared state of one cluster.
pub struct Broker {
    /// What it was started with.
    pub options: Options,
    /// The topics.
    pub topics: Arc<Topics>,
    /// The groups.
    pub groups: Arc<Groups>,
    /// The transactions.
    pub transactions: Arc<Coordinator>,
    /// Checks credentials.
    pub authenticator: Arc<dyn Authenticator>,
    /// Decides what is allowed.
    pub authorizer: Arc<dyn Authorizer>,
    /// Bound addresses by listener.
    pub bound: Vec<SocketAddr>,
    /// Becomes true at shutdown.
    pub stop: watch::Sender<bool>,
}

impl Broker {
    /// Becomes true when the broker stops.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// Host and port that clients of a listener are told to connect to.
    pub fn advertised(&self, listener: usize) -> (String, i32) {
        let bound = self.bound.get(listener);
        let asked = self.options.listeners.get(listener);
        let host = asked
            .and_then(|listener| listener.advertised_host.clone())
            .or_else(|| bound.map(|bound| bound.ip().to_string()))
            .unwrap_or_default();
        let port = asked
            .and_then(|listener| listener.advertised_port)
            .or_else(|| bound.map(SocketAddr::port))
            .unwrap_or_default();
        (host, i32::from(port))
    }
}
