//! [`CheckpointLocation`]: where checkpoints are kept, as a user names it.

use std::fmt::{Display, Formatter};
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::StateError;
use crate::storage::{DirectoryStorage, Limits, S3Options, S3Storage, Storage, prove};

/// Its text and debug form show no secrets; its serialised form holds them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CheckpointLocation {
    /// A directory of a local or shared POSIX file system.
    Directory(PathBuf),
    S3(S3Options),
}

impl CheckpointLocation {
    /// What `text` names: `s3://bucket/prefix`, or a directory. `environment` gives the variables by which every program of
    /// Amazon's store is configured; empty ones count as not set.
    ///
    /// # Errors
    /// [`StateError::Location`] with the variable or the part of the text that is missing or wrong.
    pub fn parse(text: &str, environment: impl Fn(&str) -> Option<String>) -> Result<CheckpointLocation, StateError> {
        let text = text.trim();
        let refuse = |location: &str, problem: &str| StateError::Location {
            location: location.to_owned(),
            problem: problem.to_owned(),
        };
        if text.contains('@') && text.contains("://") {
            // What stands before it may be a secret.
            return Err(refuse(
                "the URL",
                "credentials do not belong in it; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            ));
        }
        let Some(rest) = text.strip_prefix("s3://") else {
            return match text {
                "" => Err(refuse("''", "name a directory or s3://bucket/prefix")),
                url if url.contains("://") => Err(refuse(url, "only directories and s3://bucket/prefix are known")),
                path => Ok(CheckpointLocation::Directory(PathBuf::from(path))),
            };
        };
        let variable = |name: &str| environment(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_matches('/');
        check_names(bucket, prefix).map_err(|problem| refuse(text, problem))?;
        let endpoint = variable("AWS_ENDPOINT_URL_S3").or_else(|| variable("AWS_ENDPOINT_URL"));
        if endpoint.as_ref().is_some_and(|url| !is_endpoint(url)) {
            return Err(refuse(text, "AWS_ENDPOINT_URL must look like https://host or http://host:port"));
        }
        let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
        // Only Amazon's own store has regions that matter.
        let region = region.or_else(|| endpoint.as_ref().map(|_| "us-east-1".to_owned()));
        let required = |name: &str| {
            let value = variable(name).ok_or_else(|| refuse(text, &format!("{name} is not set")))?;
            // They become header values.
            match value.bytes().all(|byte| byte.is_ascii_graphic()) {
                true => Ok(value),
                false => Err(refuse(text, &format!("{name} holds a character that no such value has"))),
            }
        };
        let session_token = variable("AWS_SESSION_TOKEN").map(|_| required("AWS_SESSION_TOKEN")).transpose()?;
        let certificate_authority = variable("AWS_CA_BUNDLE")
            .map(|path| {
                std::fs::read_to_string(&path)
                    .map_err(|error| refuse(text, &format!("AWS_CA_BUNDLE {path} cannot be read: {error}")))
            })
            .transpose()?;
        Ok(CheckpointLocation::S3(S3Options {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            region: region.ok_or_else(|| refuse(text, "AWS_REGION is not set"))?,
            endpoint,
            access_key_id: required("AWS_ACCESS_KEY_ID")?,
            secret_access_key: required("AWS_SECRET_ACCESS_KEY")?,
            session_token,
            certificate_authority,
        }))
    }

    /// The storage there. A directory is made, and tried with a file; an object store is sent nothing yet.
    pub fn open(&self) -> Result<Arc<dyn Storage>, StateError> {
        Ok(match self {
            CheckpointLocation::Directory(path) => Arc::new(DirectoryStorage::open(path)?),
            CheckpointLocation::S3(options) => Arc::new(S3Storage::new(options, Limits::default())?),
        })
    }

    /// The storage there, once it has shown that it keeps what checkpoints rest on.
    ///
    /// # Errors
    /// [`StateError::Unsuitable`] when it does not; others when it cannot be tried now.
    pub async fn open_proven(&self) -> Result<Arc<dyn Storage>, StateError> {
        let storage = self.open()?;
        prove(&*storage, &self.to_string()).await?;
        Ok(storage)
    }
}

impl Display for CheckpointLocation {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            CheckpointLocation::Directory(path) => write!(f, "{}", path.display()),
            CheckpointLocation::S3(options) => write!(f, "{options}"),
        }
    }
}

fn check_names(bucket: &str, prefix: &str) -> Result<(), &'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if bucket.is_empty() || !bucket.chars().all(plain) {
        return Err("the name of a bucket has letters, digits, '-', '_' and '.'");
    }
    let is_part = |part: &str| !part.is_empty() && part.chars().all(plain) && part.chars().any(|c| c != '.');
    if !prefix.is_empty() && !prefix.split('/').all(is_part) {
        return Err("a prefix has letters, digits, '-', '_' and '.' between single slashes");
    }
    Ok(())
}

/// Scheme, host and perhaps a port and a path; no credentials, no query.
fn is_endpoint(url: &str) -> bool {
    let uri: Result<http::Uri, _> = url.parse();
    uri.is_ok_and(|uri| {
        let authority = uri.authority().map(|authority| authority.as_str()).unwrap_or_default();
        let scheme = matches!(uri.scheme_str(), Some("http" | "https"));
        scheme && !authority.is_empty() && !authority.contains('@') && uri.query().is_none()
    })
}
