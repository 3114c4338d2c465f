//! Every property this client knows, with what it sets.

use std::time::Duration;

use super::{ClientConfig, Pem, Sasl, SaslMechanism, Secret, Tls, jaas, split_servers};
use crate::{Error, Result};

/// What was read so far; checked as a whole by [`Draft::finish`].
#[derive(Default)]
pub(super) struct Draft {
    config: Option<ClientConfig>,
    protocol: Protocol,
    mechanism: Option<SaslMechanism>,
    username: Option<String>,
    password: Option<Secret>,
    tls: Tls,
    tls_property: Option<&'static str>,
}

#[derive(Default, Clone, Copy)]
struct Protocol {
    tls: bool,
    sasl: bool,
}

impl Draft {
    fn config(&mut self) -> &mut ClientConfig {
        self.config.get_or_insert_with(|| ClientConfig::new(""))
    }

    pub fn finish(mut self) -> Result<ClientConfig> {
        let mut config = self.config.take().unwrap_or_else(|| ClientConfig::new(""));
        if self.protocol.sasl {
            let missing = |name: &str| Error::config(name, "is missing, and security.protocol asks for SASL");
            config.sasl = Some(Sasl {
                mechanism: self.mechanism.ok_or_else(|| missing("sasl.mechanism"))?,
                username: self.username.ok_or_else(|| missing("sasl.jaas.config"))?,
                password: self.password.ok_or_else(|| missing("sasl.jaas.config"))?,
            });
        } else if self.mechanism.is_some() || self.username.is_some() || self.password.is_some() {
            return Err(Error::config(
                "security.protocol",
                "SASL properties are given; set it to SASL_SSL or SASL_PLAINTEXT",
            ));
        }
        if self.protocol.tls {
            config.tls = Some(self.tls);
        } else if let Some(property) = self.tls_property {
            return Err(Error::config(property, "has no effect without TLS; set security.protocol to SSL or SASL_SSL"));
        }
        config.validate()?;
        Ok(config)
    }
}

type Setter = fn(&mut Draft, &'static str, &str) -> Result<()>;

const PROPERTIES: &[(&str, Setter)] = &[
    ("bootstrap.servers", |d, _, v| {
        d.config().bootstrap_servers = split_servers(v);
        Ok(())
    }),
    ("client.id", |d, _, v| {
        d.config().client_id = v.to_owned();
        Ok(())
    }),
    ("security.protocol", protocol),
    ("sasl.mechanism", mechanism),
    ("sasl.mechanisms", mechanism),
    ("sasl.jaas.config", |d, _, v| {
        let (username, password) = jaas::parse(v)?;
        d.username = Some(username);
        d.password = Some(password);
        Ok(())
    }),
    ("sasl.username", |d, _, v| {
        d.username = Some(v.to_owned());
        Ok(())
    }),
    ("sasl.password", |d, _, v| {
        d.password = Some(Secret::new(v));
        Ok(())
    }),
    ("ssl.ca.location", |d, n, v| trust(d, n, Pem::File(v.into()))),
    ("ssl.ca.pem", |d, n, v| trust(d, n, Pem::Text(Secret::new(v)))),
    ("ssl.truststore.location", |d, n, v| trust(d, n, Pem::File(v.into()))),
    ("ssl.truststore.certificates", |d, n, v| trust(d, n, Pem::Text(Secret::new(v)))),
    ("ssl.truststore.type", |_, n, v| only(n, v, &["PEM"])),
    ("ssl.certificate.location", |d, n, v| certificate(d, n, Pem::File(v.into()))),
    ("ssl.certificate.pem", |d, n, v| certificate(d, n, Pem::Text(Secret::new(v)))),
    ("ssl.keystore.certificate.chain", |d, n, v| certificate(d, n, Pem::Text(Secret::new(v)))),
    ("ssl.key.location", |d, n, v| key(d, n, Pem::File(v.into()))),
    ("ssl.key.pem", |d, n, v| key(d, n, Pem::Text(Secret::new(v)))),
    ("ssl.keystore.key", |d, n, v| key(d, n, Pem::Text(Secret::new(v)))),
    ("ssl.keystore.location", |d, n, v| {
        certificate(d, n, Pem::File(v.into()))?;
        key(d, n, Pem::File(v.into()))
    }),
    ("ssl.keystore.type", |_, n, v| only(n, v, &["PEM"])),
    ("ssl.endpoint.identification.algorithm", |_, n, v| only(n, v, &["https", "HTTPS"])),
    ("enable.ssl.certificate.verification", |_, n, v| only(n, v, &["true"])),
    ("request.timeout.ms", |d, n, v| millis(n, v).map(|t| d.config().request_timeout = t)),
    ("default.api.timeout.ms", |d, n, v| millis(n, v).map(|t| d.config().api_timeout = t)),
    ("delivery.timeout.ms", |d, n, v| millis(n, v).map(|t| d.config().delivery_timeout = t)),
    ("socket.connection.setup.timeout.ms", |d, n, v| millis(n, v).map(|t| d.config().connect_timeout = t)),
    ("retry.backoff.ms", |d, n, v| millis(n, v).map(|t| d.config().retry_backoff = t)),
    ("retry.backoff.max.ms", |d, n, v| millis(n, v).map(|t| d.config().retry_backoff_max = t)),
    ("metadata.max.age.ms", |d, n, v| millis(n, v).map(|t| d.config().metadata_max_age = t)),
    // What we do anyway may be asked for.
    ("acks", |_, n, v| only(n, v, &["all", "-1"])),
    ("enable.idempotence", |_, n, v| only(n, v, &["true"])),
    ("client.dns.lookup", |_, n, v| only(n, v, &["use_all_dns_ips"])),
];

/// Sets one property.
pub(super) fn set(draft: &mut Draft, name: &str, value: &str) -> Result<()> {
    match PROPERTIES.iter().find(|(known, _)| *known == name) {
        Some((known, setter)) => setter(draft, known, value.trim()),
        None => Err(Error::config(
            name,
            "is not a property of this client; remove it (connection, security, time-out and \
             retry properties are known, consumer group and producer tuning is not used)",
        )),
    }
}

fn protocol(draft: &mut Draft, name: &'static str, value: &str) -> Result<()> {
    draft.protocol = match value {
        "PLAINTEXT" => Protocol { tls: false, sasl: false },
        "SSL" => Protocol { tls: true, sasl: false },
        "SASL_PLAINTEXT" => Protocol { tls: false, sasl: true },
        "SASL_SSL" => Protocol { tls: true, sasl: true },
        other => {
            return Err(Error::config(
                name,
                format!("'{other}' is not one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL"),
            ));
        }
    };
    Ok(())
}

fn mechanism(draft: &mut Draft, _: &'static str, value: &str) -> Result<()> {
    draft.mechanism = Some(value.parse()?);
    Ok(())
}

fn trust(draft: &mut Draft, name: &'static str, pem: Pem) -> Result<()> {
    draft.tls.trust = Some(pem);
    draft.tls_property = Some(name);
    Ok(())
}

fn certificate(draft: &mut Draft, name: &'static str, pem: Pem) -> Result<()> {
    draft.tls.certificate = Some(pem);
    draft.tls_property = Some(name);
    Ok(())
}

fn key(draft: &mut Draft, name: &'static str, pem: Pem) -> Result<()> {
    draft.tls.key = Some(pem);
    draft.tls_property = Some(name);
    Ok(())
}

fn only(name: &str, value: &str, allowed: &[&str]) -> Result<()> {
    if allowed.contains(&value) {
        return Ok(());
    }
    Err(Error::config(name, format!("'{value}' is not supported; only {}", allowed.join(" or "))))
}

fn millis(name: &str, value: &str) -> Result<Duration> {
    value
        .parse()
        .ok()
        .filter(|ms| *ms > 0)
        .map(Duration::from_millis)
        .ok_or_else(|| Error::config(name, format!("'{value}' is not a number of milliseconds")))
}
