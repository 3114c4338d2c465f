//! `nutkin kafka attach`
//!
//! The properties go to the service, which seals them. Files that they name are on this machine, not on the service's, so
//! their text goes in their place.

use std::path::{Path, PathBuf};

use clap::Args;
use nutkin_api::attach::AttachCluster;

use super::reply::Reply;
use super::{Common, EnvironmentFlag, Verb};
use crate::client::Client;
use crate::error::{Context, Error, Result};
use crate::profile::Profile;

pub const EXAMPLES: &str = "The file is one that Kafka's own tools read:
  bootstrap.servers=broker-1:9093,broker-2:9093
  security.protocol=SASL_SSL
  sasl.mechanism=SCRAM-SHA-512
  sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username=\"me\" password=\"...\";
  ssl.truststore.location=/etc/kafka/ca.pem

Examples:
  nutkin kafka attach production --config client.properties
  nutkin kafka attach production --config client.properties --environment env-abc123 --cloud gcp --region us-central1";

#[derive(Debug, Args)]
pub struct Attach {
    /// Name, which is also that of its database; that of an attached cluster changes how it is reached
    name: String,
    /// Client properties with address and credentials, which are kept encrypted
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// aws, azure or gcp: statements of its compute pools find it there
    #[arg(long, default_value = "aws")]
    cloud: String,
    /// Region of that cloud
    #[arg(long, default_value = "us-east-1")]
    region: String,
    #[command(flatten)]
    environment: EnvironmentFlag,
    #[command(flatten)]
    common: Common,
}

impl Verb for Attach {
    fn common(&self) -> &Common {
        &self.common
    }

    async fn call(&self, client: &Client, profile: &Profile) -> Result<Reply> {
        let text = std::fs::read_to_string(&self.config).context(self.config.display().to_string())?;
        let directory = self.config.parent().unwrap_or(Path::new(""));
        let cluster = AttachCluster {
            environment: self.environment.id(client, profile).await?,
            display_name: self.name.clone(),
            cloud: self.cloud.to_uppercase(),
            region: self.region.clone(),
            properties: with_files(&text, directory)?,
        };
        let attached = client.attach_cluster(&cluster).await?;
        let fields = vec![
            ("ID", attached.id.clone()),
            ("Name", attached.spec.display_name.clone()),
            ("Cloud", attached.spec.cloud.to_lowercase()),
            ("Region", attached.spec.region.clone()),
            ("Endpoint", attached.spec.kafka_bootstrap_endpoint.clone().unwrap_or_default()),
        ];
        Ok(Reply::record(&attached, fields))
    }
}

/// Properties whose value is a PEM file, and those that take its text.
const FILES: &[(&str, &[&str])] = &[
    ("ssl.ca.location", &["ssl.ca.pem"]),
    ("ssl.truststore.location", &["ssl.truststore.certificates"]),
    ("ssl.certificate.location", &["ssl.certificate.pem"]),
    ("ssl.key.location", &["ssl.key.pem"]),
    ("ssl.keystore.location", &["ssl.keystore.certificate.chain", "ssl.keystore.key"]),
];

/// The properties with the text of every file that they name. A relative path is one from `directory`, else from where the
/// command was started, as Kafka's tools take it.
pub(crate) fn with_files(properties: &str, directory: &Path) -> Result<String> {
    let mut whole = String::with_capacity(properties.len());
    for line in properties.lines() {
        let file = FILES.iter().find_map(|(name, texts)| Some((*name, *texts, value_of(line, name)?)));
        let Some((name, texts, value)) = file else {
            whole.push_str(line);
            whole.push('\n');
            continue;
        };
        if value.contains('\\') {
            return Err(Error::Usage(format!("{name}={value}: write the path on one line and without '\\'.")));
        }
        let near = directory.join(value);
        let path = if near.exists() { near } else { PathBuf::from(value) };
        let bytes = std::fs::read(&path).context(format!("{name}={value}"))?;
        let pem = String::from_utf8(bytes).ok().filter(|text| text.contains("-----BEGIN"));
        let pem = pem.ok_or_else(|| {
            Error::Usage(format!("{name}={value}: the file is not PEM. Export a Java key store as PEM."))
        })?;
        for text in texts {
            whole.push_str(&format!("{text}={}\n", escape(&pem)));
        }
    }
    Ok(whole)
}

/// The value in `line` if it sets the property `name`.
fn value_of<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let rest = line.trim_start().strip_prefix(name)?;
    let value = rest.trim_start();
    let separated = value.strip_prefix(['=', ':']);
    // A longer name, unless a separator or a blank follows.
    if separated.is_none() && rest.len() == value.len() {
        return None;
    }
    Some(separated.unwrap_or(value).trim())
}

/// A text of several lines as the value of a property.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\r', "").replace('\n', "\\n")
}
