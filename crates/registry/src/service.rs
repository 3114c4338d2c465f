//! The embedded registry: a state in memory over a store, behind HTTP and in process.
//!
//! Reads answer from memory. Writes go one after the other: decide on the state, commit to the
//! store, then apply to the state, so that nothing is seen before it is durable. A write runs as a
//! task of its own: a caller that goes away cannot stop it between store and state.

use std::sync::Arc;

use parking_lot::RwLock;

use crate::access::{Anonymous, RegistryAccess};
use crate::core::{Decision, State};
use crate::error::Error;
use crate::handle::Handle;
use crate::options::Options;
use crate::store::SchemaStore;

/// A running registry. Dropping it and its handles ends it; there is nothing to shut down, because
/// every answered write is in the store.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub options: Options,
    pub access: Arc<dyn RegistryAccess>,
    pub state: RwLock<State>,
    store: Arc<dyn SchemaStore>,
    writer: tokio::sync::Mutex<()>,
}

impl Service {
    /// Loads the store and starts a registry that lets everybody in.
    pub async fn start(options: Options, store: Arc<dyn SchemaStore>) -> Result<Self, Error> {
        Self::start_with(options, store, Arc::new(Anonymous)).await
    }

    /// Loads the store and starts a registry with access control on its HTTP side.
    pub async fn start_with(
        options: Options,
        store: Arc<dyn SchemaStore>,
        access: Arc<dyn RegistryAccess>,
    ) -> Result<Self, Error> {
        let state = State::of(store.load().await?);
        let inner = Inner { options, access, state: RwLock::new(state), store, writer: tokio::sync::Mutex::new(()) };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The registry for callers in this process. They are trusted: no access control.
    pub fn handle(&self) -> Handle {
        Handle::new(self.inner.clone())
    }

    /// Confluent's REST API, to be mounted at the root of a listener or nested under a prefix.
    pub fn router(&self) -> axum::Router {
        crate::http::router(self.handle())
    }
}

impl Inner {
    /// Runs one write: decide, commit, apply.
    pub async fn write<T, F>(self: &Arc<Self>, decide: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&State, &Options) -> Result<Decision<T>, Error> + Send + 'static,
    {
        let inner = self.clone();
        let task = tokio::spawn(async move {
            let _only = inner.writer.lock().await;
            let decision = inner.blocking(decide).await?;
            if !decision.entries.is_empty() {
                inner.store.commit(decision.entries.clone()).await?;
                let mut state = inner.state.write();
                decision.entries.into_iter().for_each(|entry| state.apply(entry));
            }
            Ok(decision.output)
        });
        task.await.map_err(|e| Error::Internal(e.to_string()))?
    }

    /// Runs work that may take long (parsing, compatibility) off the threads that serve requests.
    pub async fn blocking<T, F>(self: &Arc<Self>, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&State, &Options) -> Result<T, Error> + Send + 'static,
    {
        let inner = self.clone();
        let task = tokio::task::spawn_blocking(move || work(&inner.state.read(), &inner.options));
        task.await.map_err(|e| Error::Internal(e.to_string()))?
    }
}
