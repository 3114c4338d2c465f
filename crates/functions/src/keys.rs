//! Keys of groups: canonical bytes, the stable hash that picks the key group, and the fast hash of hash tables.
//!
//! Two hashes, because they serve two masters. [`key_group`] decides which task owns a key and is written into checkpoints:
//! it is XXH64 over canonical bytes and must never change ([`KEY_HASH_VERSION`]). [`hash_keys`] only spreads keys within one
//! process's tables and may change at any time.

mod encoder;
mod hash;
mod xxhash;

pub use encoder::KeyEncoder;
pub(crate) use encoder::write as write_value;
pub(crate) use encoder::{canonical_f32, canonical_f64};
pub use hash::hash_keys;
pub use xxhash::xxh64;

/// Number of key groups of every statement, fixed for its life (design "Engine").
pub const KEY_GROUPS: usize = 256;

/// Version of the canonical encoding and of the hash below; stored with checkpoints.
pub const KEY_HASH_VERSION: u32 = 1;

/// The key group of a key in canonical bytes: the top byte of XXH64 with seed 0.
pub fn key_group(bytes: &[u8]) -> u8 {
    (xxh64(bytes, 0) >> 56) as u8
}
