//! The hash of a text, as `%h` prints it: Flink's own text class hashes its UTF-8 bytes with 32-bit Murmur3, seed 42, and takes each of
//! the bytes after the last whole word by itself.

fn scramble(word: u32) -> u32 {
    word.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593)
}

fn mix(hash: u32, word: u32) -> u32 {
    (hash ^ scramble(word)).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64)
}

pub(super) fn text(text: &str) -> u32 {
    let (words, rest) = text.as_bytes().as_chunks::<4>();
    let hash = words.iter().fold(42, |hash, word| mix(hash, u32::from_le_bytes(*word)));
    let hash = rest.iter().fold(hash, |hash, &byte| mix(hash, i32::from(byte as i8) as u32));
    let hash = hash ^ text.len() as u32;
    let hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    let hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}
