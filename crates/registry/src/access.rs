//! Who may do what: the traits the control plane implements for the registry.

use std::sync::Arc;

use async_trait::async_trait;

use crate::error::Error;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The name, such as `sa-123456`; `anonymous` without authentication.
    pub name: Arc<str>,
}

impl Principal {
    /// A principal of that name.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into() }
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Read schemas and versions, check compatibility.
    Read,
    /// Register schemas.
    Write,
    /// Delete versions, subjects and contexts.
    Delete,
    /// Change compatibility levels and modes.
    Config,
}

impl Action {
    /// The word in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "Read",
            Self::Write => "Write",
            Self::Delete => "Delete",
            Self::Config => "Config",
        }
    }
}

/// Authentication and authorization of the HTTP side.
#[async_trait]
pub trait RegistryAccess: Send + Sync {
    /// The principal behind an `Authorization` header (the whole value, `Basic ...`); usually
    /// [`Error::Unauthorized`] when it is absent or wrong.
    async fn authenticate(&self, authorization: Option<&str>) -> Result<Principal, Error>;

    /// Whether `principal` may do `action` to `subject` (qualified name; empty for the registry as a whole).
    fn allowed(&self, principal: &Principal, action: Action, subject: &str) -> bool;
}

/// Everybody may do everything: for loopback listeners and tests.
#[derive(Debug, Clone, Copy, Default)]
pub struct Anonymous;

#[async_trait]
impl RegistryAccess for Anonymous {
    async fn authenticate(&self, _authorization: Option<&str>) -> Result<Principal, Error> {
        Ok(Principal::new("anonymous"))
    }

    fn allowed(&self, _principal: &Principal, _action: Action, _subject: &str) -> bool {
        true
    }
}
