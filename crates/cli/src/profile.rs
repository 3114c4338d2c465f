//! [`Profile`]: the service that commands talk to when nothing else is said.
//!
//! A JSON file that `serve` and `quickstart` write and only its owner may read, because it holds the secret of an API key.
//! It is replaced as a whole, by a rename, so that a reader never meets half of it.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Context, Error, Result};

/// How to reach a service, and where its statements go. Ids are those of the API.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// `http://127.0.0.1:8080`
    pub url: String,
    pub api_key: String,
    pub api_secret: String,
    /// PEM file with the authority of an https service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// `env-...`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Name or id of the Kafka cluster that is the current database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// `lfcp-...`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compute_pool: Option<String>,
}

impl Profile {
    /// `nutkin/profile.json` in the person's configuration directory; `NUTKIN_PROFILE` names another file.
    pub fn default_path() -> Option<PathBuf> {
        if let Some(path) = std::env::var_os("NUTKIN_PROFILE").filter(|path| !path.is_empty()) {
            return Some(PathBuf::from(path));
        }
        Some(config_dir()?.join("profile.json"))
    }

    /// The profile at its usual place; `None` when there is none.
    pub fn load() -> Result<Option<Profile>> {
        Profile::default_path().map_or(Ok(None), |path| Profile::load_from(&path))
    }

    /// The profile in a file; `None` when there is no such file.
    pub fn load_from(path: &Path) -> Result<Option<Profile>> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(Error::Io { context: format!("cannot read {}", path.display()), source }),
        };
        let unusable = |reason: serde_json::Error| {
            Error::Configuration(format!("{} is not a profile ({reason}). Delete it or mend it.", path.display()))
        };
        serde_json::from_str(&text).map(Some).map_err(unusable)
    }

    /// Writes the profile to its usual place and says where that is.
    pub fn save(&self) -> Result<PathBuf> {
        let unknown = || {
            Error::Configuration("there is no configuration directory: neither HOME nor NUTKIN_PROFILE is set.".into())
        };
        let path = Profile::default_path().ok_or_else(unknown)?;
        self.save_to(&path)?;
        Ok(path)
    }

    /// Writes the profile to a file that only its owner may read.
    pub fn save_to(&self, path: &Path) -> Result<()> {
        let context = || format!("cannot write {}", path.display());
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(directory).context(context())?;
        let temporary = directory.join(format!(".profile-{}", uuid::Uuid::new_v4().simple()));
        let text = serde_json::to_string_pretty(self).map_err(|e| Error::Configuration(e.to_string()))?;
        let written = write_private(&temporary, &text).and_then(|()| std::fs::rename(&temporary, path));
        if written.is_err() {
            let _ = std::fs::remove_file(&temporary);
        }
        written.context(context())
    }
}

/// The directory of this program in the person's configuration.
pub(crate) fn config_dir() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")))?;
    Some(base.join("nutkin"))
}

/// Makes a file that nobody else can open, not even for a moment.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}
