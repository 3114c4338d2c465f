//! Client configuration, in the words of Kafka's own client properties.
//!
//! What a user has in a `client.properties` for the Java tools or librdkafka is what is read here.
//! A property that this client would not honour is refused by name: silently ignoring
//! `ssl.endpoint.identification.algorithm=` would be a security hole, ignoring
//! `session.timeout.ms` a surprise. One table lists every property with its setter. Secrets are
//! wrapped so that no `Debug` output or log line can show them.

mod jaas;
mod properties;
mod table;

use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

use crate::{Error, Result};

/// A string that is never shown.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for the wire only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

/// How a client proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaslMechanism {
    /// User and password, RFC 4616.
    Plain,
    /// SCRAM with SHA-256, RFC 7677.
    ScramSha256,
    /// SCRAM with SHA-512.
    ScramSha512,
}

impl SaslMechanism {
    /// The registered name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

impl FromStr for SaslMechanism {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        [Self::Plain, Self::ScramSha256, Self::ScramSha512].into_iter().find(|m| m.name() == name).ok_or_else(|| {
            Error::config("sasl.mechanism", format!("'{name}' is not one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512"))
        })
    }
}

/// SASL user and secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sasl {
    /// The mechanism.
    pub mechanism: SaslMechanism,
    /// The user, or the id of an API key.
    pub username: String,
    /// Its password, or the secret of the API key.
    pub password: Secret,
}

/// PEM data in a file or given in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pem {
    /// A file.
    File(PathBuf),
    /// The text itself.
    Text(Secret),
}

/// TLS settings. The broker's name is always verified.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tls {
    /// Certificates to trust instead of the public ones.
    pub trust: Option<Pem>,
    /// Own certificate chain, for mutual TLS.
    pub certificate: Option<Pem>,
    /// Its private key (not encrypted).
    pub key: Option<Pem>,
}

/// Everything a client needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientConfig {
    /// `host:port` of brokers to start from; at least one.
    pub bootstrap_servers: Vec<String>,
    /// Name in the broker's logs and quotas.
    pub client_id: String,
    /// Encrypt, and with which certificates.
    pub tls: Option<Tls>,
    /// Authenticate, and as whom.
    pub sasl: Option<Sasl>,
    /// Longest wait for one answer.
    pub request_timeout: Duration,
    /// Longest time for one call with all its retries.
    pub api_timeout: Duration,
    /// Longest time to deliver a batch with all its retries.
    pub delivery_timeout: Duration,
    /// Longest wait for a connection to be up.
    pub connect_timeout: Duration,
    /// First pause before a retry; it doubles up to `retry_backoff_max`.
    pub retry_backoff: Duration,
    /// Longest pause before a retry.
    pub retry_backoff_max: Duration,
    /// How long metadata is used before it is asked for again.
    pub metadata_max_age: Duration,
    /// Largest answer that is accepted, in bytes.
    pub max_response: usize,
}

impl ClientConfig {
    /// Plain text, no authentication, default times.
    pub fn new(bootstrap_servers: impl Into<String>) -> Self {
        let servers: String = bootstrap_servers.into();
        Self {
            bootstrap_servers: split_servers(&servers),
            client_id: "nutkin".to_owned(),
            tls: None,
            sasl: None,
            request_timeout: Duration::from_secs(30),
            api_timeout: Duration::from_secs(60),
            delivery_timeout: Duration::from_secs(120),
            connect_timeout: Duration::from_secs(10),
            retry_backoff: Duration::from_millis(20),
            retry_backoff_max: Duration::from_secs(1),
            metadata_max_age: Duration::from_secs(300),
            max_response: 256 << 20,
        }
    }

    /// Reads the text of a `client.properties` file.
    ///
    /// # Errors
    /// [`Error::Config`] that names the property and what to do about it.
    pub fn from_properties(text: &str) -> Result<Self> {
        Self::from_pairs(&properties::parse(text)?)
    }

    /// The same from name and value pairs; of a name given twice the last value holds.
    ///
    /// # Errors
    /// [`Error::Config`] that names the property and what to do about it.
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(pairs: &[(N, V)]) -> Result<Self> {
        let mut draft = table::Draft::default();
        for (name, value) in pairs {
            table::set(&mut draft, name.as_ref(), value.as_ref())?;
        }
        draft.finish()
    }

    /// Checks what the type system does not.
    ///
    /// # Errors
    /// [`Error::Config`].
    pub fn validate(&self) -> Result<()> {
        if self.bootstrap_servers.is_empty() {
            return Err(Error::config("bootstrap.servers", "is missing; give host:port, ..."));
        }
        for server in &self.bootstrap_servers {
            split_address(server)
                .ok_or_else(|| Error::config("bootstrap.servers", format!("'{server}' is not host:port")))?;
        }
        if let Some(tls) = &self.tls
            && tls.certificate.is_some() != tls.key.is_some()
        {
            return Err(Error::config("ssl.keystore.location", "mutual TLS needs both a certificate and a key"));
        }
        Ok(())
    }
}

pub(crate) fn split_servers(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect()
}

/// Host and port of `host:port` or `[v6]:port`.
pub(crate) fn split_address(address: &str) -> Option<(&str, u16)> {
    let (host, port) = address.rsplit_once(':')?;
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    let port = port.parse().ok().filter(|p| *p > 0)?;
    (!host.is_empty()).then_some((host, port))
}
