//! Who asks, and what they may.
//!
//! An API key has an owner and a scope. The scope says which doors the key opens at all; behind them the owner's rights
//! count. Until role bindings are built, users have all rights, and a service account has those that its key's own resource
//! needs (read and write a cluster's topics, a registry's subjects, run statements in an environment and region) and none in
//! the control plane.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine;
use subtle::ConstantTimeEq;

use crate::error::ControlError;
use crate::keys::SecretHasher;
use crate::resources::{ApiKey, KeyScope, Resources, User};

/// Who is behind a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// `u-...` or `sa-...`
    pub id: String,
    pub is_admin: bool,
    /// Of the key that was used.
    pub scope: KeyScope,
}

/// A door that a key may open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door<'a> {
    /// Organization, environments, clusters, pools, keys.
    ControlPlane,
    /// Statements of an environment.
    Statements {
        environment: &'a str,
    },
    Kafka {
        cluster: &'a str,
    },
    Registry {
        cluster: &'a str,
    },
}

/// Checks keys. Cheap to clone.
#[derive(Clone)]
pub struct Access {
    resources: Resources,
    hasher: SecretHasher,
    /// The service's own connections to its brokers and registries; new with each start, never written down.
    internal: Arc<(String, String)>,
}

impl Access {
    pub fn new(resources: Resources, hasher: SecretHasher) -> Result<Access, ControlError> {
        let (_, secret) = crate::keys::generate()?;
        Ok(Access { resources, hasher, internal: Arc::new(("nutkin-internal".to_owned(), secret)) })
    }

    /// User and password of the service's own connections.
    pub fn internal_credentials(&self) -> (&str, &str) {
        (&self.internal.0, &self.internal.1)
    }

    pub fn hasher(&self) -> &SecretHasher {
        &self.hasher
    }

    /// The principal behind key `id` and its secret.
    pub async fn authenticate(&self, id: &str, secret: &str) -> Result<Principal, ControlError> {
        let wrong = || {
            let text = "The API key or its secret is wrong. Keys are shown once when they are made; make a new one if it is lost.";
            ControlError::Unauthenticated(text.to_owned())
        };
        let key = self.resources.get::<ApiKey>(id).await?.ok_or_else(wrong)?;
        if !self.hasher.matches(id, secret, &key.resource.secret_hash)? {
            return Err(wrong());
        }
        let owner = self.resources.get::<User>(&key.resource.owner).await?;
        let is_admin = owner.is_some_and(|user| user.resource.is_admin);
        Ok(Principal { id: key.resource.owner, is_admin, scope: key.resource.scope })
    }

    /// The principal behind an `Authorization: Basic ...` header.
    pub async fn authenticate_header(&self, header: Option<&str>) -> Result<Principal, ControlError> {
        let missing = || {
            let text = "Credentials are missing. Send an API key and its secret by HTTP basic authentication.";
            ControlError::Unauthenticated(text.to_owned())
        };
        let encoded = header.and_then(|h| h.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
        let (_, encoded) = encoded.ok_or_else(missing)?;
        let decoded = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).map_err(|_| missing())?;
        let text = String::from_utf8(decoded).map_err(|_| missing())?;
        let (id, secret) = text.split_once(':').ok_or_else(missing)?;
        if self.is_internal(id, secret) {
            return Ok(internal_principal());
        }
        self.authenticate(id, secret).await
    }

    fn is_internal(&self, user: &str, password: &str) -> bool {
        user == self.internal.0 && bool::from(password.as_bytes().ct_eq(self.internal.1.as_bytes()))
    }
}

fn internal_principal() -> Principal {
    Principal { id: "nutkin-internal".to_owned(), is_admin: true, scope: KeyScope::Global }
}

impl Principal {
    /// Error 403 unless this principal's key opens `door`.
    pub fn check(&self, door: Door<'_>) -> Result<(), ControlError> {
        let opens = match (&self.scope, door) {
            (KeyScope::Global, Door::ControlPlane) => self.is_admin,
            (KeyScope::Cloud, Door::ControlPlane) => self.is_admin,
            (KeyScope::Global, _) => true,
            (KeyScope::Flink { environment, .. }, Door::Statements { environment: asked }) => environment == asked,
            (KeyScope::Kafka { cluster }, Door::Kafka { cluster: asked }) => cluster == asked,
            (KeyScope::Registry { cluster }, Door::Registry { cluster: asked }) => cluster == asked,
            _ => false,
        };
        if opens {
            return Ok(());
        }
        let what = match door {
            Door::ControlPlane => "the control plane; use a Cloud or global API key of an administrator".to_owned(),
            Door::Statements { environment } => {
                format!("statements of {environment}; use a Flink API key of that environment")
            }
            Door::Kafka { cluster } => format!("Kafka cluster {cluster}; use an API key of that cluster"),
            Door::Registry { cluster } => format!("Schema Registry {cluster}; use an API key of that registry"),
        };
        Err(ControlError::Forbidden(format!("This API key does not open {what}.")))
    }
}

#[async_trait]
impl nutkin_broker::Authenticator for Access {
    async fn authenticate(&self, cluster: &str, user: &str, password: &str) -> Option<nutkin_broker::Principal> {
        if self.is_internal(user, password) {
            return Some(nutkin_broker::Principal::user(user));
        }
        let principal = Access::authenticate(self, user, password).await.ok()?;
        principal.check(Door::Kafka { cluster }).ok()?;
        Some(nutkin_broker::Principal::user(&principal.id))
    }
}

/// Whoever passed the door of a cluster may use it; finer rights come with role bindings.
impl nutkin_broker::Authorizer for Access {
    fn allowed(
        &self,
        _principal: &nutkin_broker::Principal,
        _operation: nutkin_broker::Operation,
        _resource: nutkin_broker::Resource<'_>,
    ) -> bool {
        true
    }
}

/// Access to one registry.
pub struct RegistryDoor {
    pub access: Access,
    /// `lsrc-...`
    pub cluster: String,
    /// Lets requests without credentials in (decision 18).
    pub anonymous: bool,
}

#[async_trait]
impl nutkin_registry::access::RegistryAccess for RegistryDoor {
    async fn authenticate(
        &self,
        authorization: Option<&str>,
    ) -> Result<nutkin_registry::access::Principal, nutkin_registry::Error> {
        if authorization.is_none() && self.anonymous {
            return Ok(nutkin_registry::access::Principal::new("anonymous"));
        }
        let principal = match self.access.authenticate_header(authorization).await {
            Ok(principal) => principal,
            Err(_) => return Err(nutkin_registry::Error::Unauthorized),
        };
        match principal.check(Door::Registry { cluster: &self.cluster }) {
            Ok(()) => Ok(nutkin_registry::access::Principal::new(principal.id)),
            Err(_) => Err(nutkin_registry::Error::Unauthorized),
        }
    }

    fn allowed(
        &self,
        _: &nutkin_registry::access::Principal,
        _: nutkin_registry::access::Action,
        _subject: &str,
    ) -> bool {
        true
    }
}
