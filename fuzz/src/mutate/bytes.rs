//! Changes to bytes: bits, numbers at the edges of their ranges, pieces lost, doubled, moved or taken from another sample.

use crate::random::Random;

/// Numbers that lengths, counts and offsets go wrong at; written in 1, 2, 4 or 8 bytes, big-endian.
const EDGES: &[i64] = &[
    0,
    -1,
    1,
    -2,
    127,
    128,
    255,
    256,
    0x7fff,
    0x8000,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    i64::MAX,
    i64::MIN,
];

/// The largest and a too long variable-length number.
const VARINTS: &[&[u8]] = &[
    &[0xff, 0xff, 0xff, 0xff, 0x0f],
    &[0xfe, 0xff, 0xff, 0xff, 0x0f],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
    &[0x80, 0x00],
];

/// Up to `limit` random bytes.
pub fn noise(random: &mut Random, limit: usize) -> Vec<u8> {
    (0..random.below(limit)).map(|_| random.bits() as u8).collect()
}

/// One change.
pub fn mutate(random: &mut Random, samples: &[Vec<u8>], input: &mut Vec<u8>) {
    let at = random.below(input.len());
    match random.below(9) {
        0 => flip(random, input),
        1 => overwrite(input, at, &[random.bits() as u8]),
        2 => {
            let edge = random.pick(EDGES).to_be_bytes();
            let width = 1 << random.below(4);
            overwrite(input, at, &edge[8 - width..]);
        }
        3 => overwrite(input, at, random.pick::<&[u8]>(VARINTS)),
        4 => {
            let end = (at + random.length(64)).min(input.len());
            input.drain(at..end);
        }
        5 => {
            let piece = noise(random, 9);
            input.splice(at..at, piece);
        }
        6 => {
            let end = (at + random.length(256)).min(input.len());
            let piece = input[at..end].to_vec();
            let times = random.length(64);
            let to = random.below(input.len() + 1);
            input.splice(to..to, piece.repeat(times));
        }
        7 => {
            let other = random.pick(samples);
            let start = random.below(other.len());
            let end = (start + random.length(256)).min(other.len());
            let until = if random.once_in(2) { at } else { (at + end - start).min(input.len()) };
            input.splice(at..until, other[start..end].iter().copied());
        }
        _ => input.truncate(at.max(input.len() / 2)),
    }
}

fn flip(random: &mut Random, input: &mut [u8]) {
    let at = random.below(input.len());
    if let Some(byte) = input.get_mut(at) {
        *byte ^= 1 << random.below(8);
    }
}

fn overwrite(input: &mut [u8], at: usize, piece: &[u8]) {
    for (byte, new) in input.iter_mut().skip(at).zip(piece) {
        *byte = *new;
    }
}
