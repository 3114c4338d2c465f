//! Ids of resources: a prefix that names the kind and six random characters, as in the original (`env-x7k2m9`).

use crate::error::ControlError;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A new id `<prefix>-<6 characters>`; 30 random bits, and the store refuses the rare repetition.
pub fn resource_id(prefix: &str) -> Result<String, ControlError> {
    Ok(format!("{prefix}-{}", random_text(6)?))
}

/// `length` random characters of 5 bits each.
pub fn random_text(length: usize) -> Result<String, ControlError> {
    let mut bytes = vec![0u8; length];
    getrandom::fill(&mut bytes).map_err(|e| ControlError::Internal(format!("no random numbers: {e}")))?;
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
}
