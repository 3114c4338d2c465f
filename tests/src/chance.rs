//! Random moments from a seed that is printed, so that a failure can be tried again: `NUTKIN_SEED=<n>`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nutkin_fuzz::random::Random;

pub struct Chance(Random);

impl Chance {
    /// From `NUTKIN_SEED`, else from the clock.
    pub fn new(what: &str) -> Chance {
        let clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64 & 0xffff_ffff;
        let seed = std::env::var("NUTKIN_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(clock);
        println!("{what}: NUTKIN_SEED={seed}");
        Chance(Random::new(seed))
    }

    pub fn next(&mut self) -> u64 {
        self.0.bits()
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let span = (most - least).as_millis() as u64;
        least + Duration::from_millis(self.below(span + 1))
    }
}
