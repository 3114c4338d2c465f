//! Random moments from a seed that is printed, so that a failure can be tried again: `NUTKIN_SEED=<n>`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// SplitMix64: small, and the same everywhere.
pub struct Chance(u64);

impl Chance {
    /// From `NUTKIN_SEED`, else from the clock.
    pub fn new(what: &str) -> Chance {
        let clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64 & 0xffff_ffff;
        let seed = std::env::var("NUTKIN_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(clock);
        println!("{what}: NUTKIN_SEED={seed}");
        Chance(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let span = (most - least).as_millis() as u64;
        least + Duration::from_millis(self.below(span + 1))
    }
}
