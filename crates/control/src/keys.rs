//! API keys: random secrets, kept as a keyed hash, compared in constant time.
//!
//! A secret has 256 random bits, so a plain keyed SHA-256 is as good as a slow password hash and costs microseconds: every
//! request of every client is checked with it. The hash key is the service's own secret and lives outside the database.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::error::ControlError;

/// Hashes and checks secrets. Its own key never leaves it.
#[derive(Clone)]
pub struct SecretHasher {
    key: [u8; 32],
}

impl std::fmt::Debug for SecretHasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretHasher")
    }
}

impl SecretHasher {
    pub fn new(key: [u8; 32]) -> SecretHasher {
        SecretHasher { key }
    }

    /// Hash of `secret` as stored, in hex. The key's id is part of it, so a hash moved to another key is worthless.
    pub fn hash(&self, key_id: &str, secret: &str) -> Result<String, ControlError> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).map_err(|e| ControlError::Internal(e.to_string()))?;
        mac.update(key_id.as_bytes());
        mac.update(&[0]);
        mac.update(secret.as_bytes());
        Ok(hex::encode(mac.finalize().into_bytes()))
    }

    pub fn matches(&self, key_id: &str, secret: &str, stored: &str) -> Result<bool, ControlError> {
        let hash = self.hash(key_id, secret)?;
        Ok(hash.as_bytes().ct_eq(stored.as_bytes()).into())
    }
}

/// A new key id (16 capital characters) and secret (`cflt` and 60 characters of base 64), in the original's shapes.
pub fn generate() -> Result<(String, String), ControlError> {
    use base64::Engine;
    let id = crate::ids::random_text(16)?.to_uppercase();
    let mut bytes = [0u8; 45];
    getrandom::fill(&mut bytes).map_err(|e| ControlError::Internal(format!("no random numbers: {e}")))?;
    Ok((id, format!("cflt{}", base64::engine::general_purpose::STANDARD.encode(bytes))))
}
