//! [`Connection`]: which service, and with which key.
//!
//! Flags come first, then environment variables, then the profile. The key of the profile goes only to the service of the
//! profile: `--url` of another one does not get it.

use std::path::PathBuf;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::profile::Profile;

/// Where a service listens unless told otherwise.
pub const DEFAULT_URL: &str = "http://127.0.0.1:8080";

/// Flags that every client command has.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Connection")]
pub struct ConnectionArguments {
    /// URL of the service, http or https [default: that of the profile, else http://127.0.0.1:8080]
    #[arg(long, value_name = "URL", env = "NUTKIN_URL")]
    pub url: Option<String>,
    /// API key
    #[arg(long, value_name = "KEY", env = "NUTKIN_API_KEY")]
    pub api_key: Option<String>,
    /// Its secret; the environment variable keeps it out of the list of processes
    #[arg(long, value_name = "SECRET", env = "NUTKIN_API_SECRET", hide_env_values = true)]
    pub api_secret: Option<String>,
    /// PEM file with the certificate authority of an https service, instead of the system's
    #[arg(long, value_name = "FILE", env = "NUTKIN_CA_FILE")]
    pub ca_file: Option<PathBuf>,
    /// File with what the flags above leave out [default: nutkin/profile.json of the configuration directory]
    #[arg(long, value_name = "FILE", env = "NUTKIN_PROFILE")]
    pub profile: Option<PathBuf>,
}

/// A service and the key to it.
#[derive(Clone, Default)]
pub struct Connection {
    pub url: String,
    /// Key and secret. A service refuses most requests without.
    pub credentials: Option<(String, String)>,
    pub ca_file: Option<PathBuf>,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = self.credentials.as_ref().map(|(key, _)| key);
        f.debug_struct("Connection").field("url", &self.url).field("api_key", &key).finish_non_exhaustive()
    }
}

impl ConnectionArguments {
    /// The profile that applies, empty when there is none.
    pub fn load_profile(&self) -> Result<Profile> {
        let Some(path) = &self.profile else { return Ok(Profile::load()?.unwrap_or_default()) };
        let missing = || Error::Configuration(format!("the profile {} does not exist.", path.display()));
        Profile::load_from(path)?.ok_or_else(missing)
    }

    /// Flags and environment over the profile.
    pub fn resolve(&self, profile: &Profile) -> Result<Connection> {
        let given = self.url.as_deref().map(normal);
        let own = normal(if profile.url.is_empty() { DEFAULT_URL } else { &profile.url });
        let url = given.clone().unwrap_or_else(|| own.clone());
        let same_service = url == own;
        let credentials = match (&self.api_key, &self.api_secret) {
            (Some(key), Some(secret)) => Some((key.clone(), secret.clone())),
            (None, None) if same_service && !profile.api_key.is_empty() => {
                Some((profile.api_key.clone(), profile.api_secret.clone()))
            }
            (None, None) => None,
            _ => {
                let text = "an API key needs its secret and a secret its key: give both --api-key and --api-secret, or \
                            NUTKIN_API_KEY and NUTKIN_API_SECRET.";
                return Err(Error::Configuration(text.to_owned()));
            }
        };
        let ca_file = self.ca_file.clone().or_else(|| profile.ca_file.clone().filter(|_| same_service));
        Ok(Connection { url, credentials, ca_file })
    }

    /// A client, and the profile for what else it says. The profile of another service counts as none.
    pub fn connect(&self) -> Result<(Client, Profile)> {
        let profile = self.load_profile()?;
        let connection = self.resolve(&profile)?;
        let other = !profile.url.is_empty() && normal(&profile.url) != connection.url;
        Ok((Client::new(&connection)?, if other { Profile::default() } else { profile }))
    }
}

fn normal(url: &str) -> String {
    url.trim().trim_end_matches('/').to_owned()
}
