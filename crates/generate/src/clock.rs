//! [`Clock`]: how many rows a table has at a time, and when each row came.
//!
//! Tables with a key emit every key once, evenly, within their first second, so that joins find their partner; after that,
//! and for the other tables from the start, rows come at the rate.

use crate::table::Table;

/// The time of a table's rows since its source started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    table: Table,
    start_millis: i64,
    rows_per_second: u32,
}

impl Clock {
    /// A table whose row 0 comes at `start_millis` (epoch milliseconds). A rate of 0 counts as 1.
    pub fn new(table: Table, start_millis: i64, rows_per_second: u32) -> Clock {
        Clock { table, start_millis, rows_per_second: rows_per_second.max(1) }
    }

    /// Number of rows that have come at `now_millis`: rows 0 up to this are due.
    pub fn rows_until(&self, now_millis: i64) -> u64 {
        if now_millis < self.start_millis {
            return 0;
        }
        let elapsed = now_millis.abs_diff(self.start_millis);
        let (keys, burst) = (self.table.keys(), self.burst_millis());
        if elapsed < burst {
            return (elapsed * keys / burst + 1).min(keys);
        }
        keys + (elapsed - burst) * u64::from(self.rows_per_second) / 1000 + 1
    }

    /// Epoch milliseconds at which row `row` comes. Never decreases with `row`.
    pub fn timestamp(&self, row: u64) -> i64 {
        let (keys, burst) = (self.table.keys(), self.burst_millis());
        let offset = if row < keys {
            // Rounded up, so that the row is due exactly then.
            (row * burst).div_ceil(keys)
        } else {
            burst + ((row - keys) * 1000).div_ceil(u64::from(self.rows_per_second))
        };
        self.start_millis.saturating_add_unsigned(offset)
    }

    /// Length of the first phase, in which every key comes once.
    fn burst_millis(&self) -> u64 {
        if self.table.keys() == 0 { 0 } else { 1000 }
    }
}
