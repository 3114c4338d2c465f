//! Changes to valid samples, at three levels: bytes, tokens of a text, nodes of a JSON value.

pub mod bytes;
pub mod json;
pub mod text;

use crate::random::Random;

/// Changes an input in place; the samples are there to take pieces from.
pub type Mutation = fn(&mut Random, &[Vec<u8>], &mut Vec<u8>);

/// For binary formats.
pub const BINARY: &[Mutation] = &[bytes::mutate];
/// For languages.
pub const TEXT: &[Mutation] = &[text::mutate, text::mutate, text::mutate, bytes::mutate];
/// For JSON with a meaning.
pub const JSON: &[Mutation] = &[json::mutate, json::mutate, json::mutate, text::mutate, bytes::mutate];

/// Inputs do not grow beyond this.
pub const MAX_INPUT: usize = 64 * 1024;

/// An input made of `samples`: mostly a changed one, sometimes one as it is cut off, sometimes noise.
pub fn input(random: &mut Random, samples: &[Vec<u8>], mutations: &[Mutation]) -> Vec<u8> {
    if random.once_in(32) {
        return bytes::noise(random, 256);
    }
    let mut input = random.pick(samples).clone();
    if random.once_in(16) {
        input.truncate(random.below(input.len() + 1));
    }
    // One change mostly, or little of it would be read at all.
    let changes = if random.once_in(3) { random.length(24) } else { 1 };
    for _ in 0..changes {
        random.pick(mutations)(random, samples, &mut input);
        input.truncate(MAX_INPUT);
    }
    input
}
