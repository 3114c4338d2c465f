//! [`Sealer`]: secrets that the service must read again, encrypted in the store with a key that is not in it.
//!
//! AES-256-GCM with a random nonce for each text. The id of the resource is authenticated with it, so that a sealed text does
//! not open as that of another resource. It names its key, so that a wrong key is told from damage. The key comes from the
//! environment, where several services share a database, else from a file of the data directory. Trade-off: there is one key
//! and no rotation; under a new key the secrets are given again.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nutkin_kafka::config::Secret;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::error::ControlError;
use crate::key_file;

/// Variable with the key, 64 hexadecimal digits.
pub const KEY_VARIABLE: &str = "NUTKIN_SEAL_KEY";
/// File of the data directory with the key where the variable is not set.
pub const KEY_FILE: &str = "seal.key";

/// Form of sealed texts.
const FORM: &str = "1";

/// Why a text was not sealed or opened. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error(
        "NUTKIN-6007: the credentials of {id} were sealed with another key ({sealed_with}) than this service has ({own}). \
         Restore {KEY_FILE} of the data directory from a backup, set {KEY_VARIABLE} to the key, or attach the cluster again."
    )]
    OtherKey { id: String, sealed_with: String, own: String },
    #[error(
        "NUTKIN-6007: the sealed credentials of {id} are damaged or belong to another resource. Attach the cluster again."
    )]
    Damaged { id: String },
    #[error("NUTKIN-6006: {KEY_VARIABLE} is not 64 hexadecimal digits. Make a key with: openssl rand -hex 32")]
    Variable,
    #[error("{0}")]
    Unavailable(&'static str),
}

impl From<SealError> for ControlError {
    fn from(error: SealError) -> ControlError {
        ControlError::Internal(error.to_string())
    }
}

/// Seals and opens secrets. Cheap to clone; its key never leaves it.
#[derive(Clone)]
pub struct Sealer {
    key: Arc<LessSafeKey>,
    /// Names the key without giving it away.
    key_id: Arc<str>,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Sealer").field(&self.key_id).finish()
    }
}

impl Sealer {
    /// With the key that `variable` (the value of [`KEY_VARIABLE`]) gives, else that of [`KEY_FILE`] in `directory`, which is
    /// made if it is missing.
    pub fn open(directory: &Path, variable: Option<&str>) -> Result<Sealer, ControlError> {
        let key = match variable.map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => {
                let bytes = hex::decode(text).map_err(|_| SealError::Variable)?;
                bytes.try_into().map_err(|_| SealError::Variable)?
            }
            None => key_file::open(directory, KEY_FILE)?,
        };
        Ok(Sealer::new(&key)?)
    }

    pub fn new(key: &[u8; 32]) -> Result<Sealer, SealError> {
        let unusable = |_| SealError::Unavailable("the cipher of sealed credentials is not available");
        let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).map_err(unusable)?);
        let name = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key), b"nutkin seal key id");
        let key_id = hex::encode(name.as_ref().get(..4).unwrap_or_default());
        Ok(Sealer { key: Arc::new(cipher), key_id: key_id.into() })
    }

    /// `secret` of the resource `id` for the store: form, name of the key, and in base 64 nonce, ciphertext and tag.
    pub fn seal(&self, id: &str, secret: &str) -> Result<String, SealError> {
        let mut nonce = [0u8; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| SealError::Unavailable("no random numbers"))?;
        let mut sealed = secret.as_bytes().to_vec();
        let whole = Nonce::assume_unique_for_key(nonce);
        self.key
            .seal_in_place_append_tag(whole, Aad::from(id.as_bytes()), &mut sealed)
            .map_err(|_| SealError::Unavailable("the credentials are too long to be sealed"))?;
        let text = URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat());
        Ok(format!("{FORM}.{}.{text}", self.key_id))
    }

    /// What was sealed for the resource `id`.
    pub fn unseal(&self, id: &str, sealed: &str) -> Result<Secret, SealError> {
        let damaged = || SealError::Damaged { id: id.to_owned() };
        let mut parts = sealed.splitn(3, '.');
        let (Some(FORM), Some(key_id), Some(text)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(damaged());
        };
        if key_id != &*self.key_id {
            let own = self.key_id.to_string();
            return Err(SealError::OtherKey { id: id.to_owned(), sealed_with: key_id.to_owned(), own });
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| damaged())?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN).ok_or_else(damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
        let mut sealed = sealed.to_vec();
        let secret = self.key.open_in_place(nonce, Aad::from(id.as_bytes()), &mut sealed).map_err(|_| damaged())?;
        Ok(Secret::new(String::from_utf8(secret.to_vec()).map_err(|_| damaged())?))
    }
}
