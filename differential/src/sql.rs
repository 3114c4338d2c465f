//! Random SQL.

pub mod expressions;
pub mod leaves;
pub mod queries;
pub mod signature;
pub mod slots;
pub mod tree;

use nutkin_fuzz::random::Random;

/// Numbers for one thing that is made: of the seed, what it is and its number, and of nothing that was made before. So a change
/// of one function changes the SQL of the others as little as can be.
pub fn seeded(seed: u64, what: &str, number: usize) -> Random {
    // Far from each other: seeds side by side would share their numbers' SQL. Seed 1 stays as it is.
    let seed = (seed ^ 1) << 20 ^ 1;
    Random::new(mixed(seed ^ mixed(number as u64, ""), what))
}

/// Bits of a number and a name.
pub fn mixed_with(bits: u64, name: &str) -> u64 {
    Random::new(mixed(bits, name)).bits()
}

fn mixed(bits: u64, name: &str) -> u64 {
    // FNV-1a
    name.bytes().fold(bits ^ 0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
