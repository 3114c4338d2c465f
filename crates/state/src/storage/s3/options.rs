//! [`S3Options`]: which bucket, where, and as whom.

use std::fmt::{Debug, Display, Formatter};

use serde::{Deserialize, Serialize};

/// Holds secrets: neither its text nor its debug form shows any.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct S3Options {
    pub bucket: String,
    /// Folder in the bucket, without slashes at its ends; empty for the whole bucket.
    pub prefix: String,
    pub region: String,
    /// URL of the store, which then finds the bucket by the path; None for Amazon's own.
    pub endpoint: Option<String>,
    pub access_key_id: String,
    pub secret_access_key: String,
    /// Of temporary credentials.
    pub session_token: Option<String>,
    /// PEM text of the authorities to trust instead of the system's.
    pub certificate_authority: Option<String>,
}

impl Display for S3Options {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "s3://{}", self.bucket)?;
        if !self.prefix.is_empty() {
            write!(f, "/{}", self.prefix)?;
        }
        Ok(())
    }
}

impl Debug for S3Options {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Options")
            .field("bucket", &self.bucket)
            .field("prefix", &self.prefix)
            .field("region", &self.region)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}
