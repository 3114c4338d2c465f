//! Random numbers by address: (seed, table, column, row) gives 64 bits, whatever was drawn before.

use crate::table::Table;

/// The stream of one column of one table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stream(u64);

impl Stream {
    pub fn new(seed: u64, table: Table, column: usize) -> Stream {
        Stream(mix(mix(seed ^ ((table as u64) << 32)).wrapping_add(column as u64)))
    }

    /// Draw number `index` (a row may need several) of row `row`.
    pub fn draw(self, row: u64, index: u64) -> u64 {
        mix(self.0 ^ mix(row.wrapping_mul(16).wrapping_add(index)))
    }

    /// A number of the range, both ends included.
    pub fn between(self, row: u64, index: u64, range: &std::ops::RangeInclusive<u64>) -> u64 {
        range.start() + self.draw(row, index) % (range.end() - range.start() + 1)
    }

    /// One of `items`.
    pub fn pick(self, row: u64, index: u64, items: &'static [&'static str]) -> &'static str {
        let at = self.draw(row, index) % items.len().max(1) as u64;
        items.get(at as usize).copied().unwrap_or("")
    }
}

/// The finaliser of SplitMix64: every input bit changes about half of the output bits.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
