//! [`Clock`]: how many rows a table has at a time, and when each row came.
//!
//! Row n comes at a fixed instant plus n divided by the rate, so every statement that reads a table sees the same row at the
//! same time, whenever it was started. A source begins with the row that is due next; on a table with a key it begins as many
//! rows earlier as there are keys, which come in turn, so that a join finds every partner at once.

use crate::table::Table;

/// When row 0 of every table came: 2020-01-01T00:00:00Z.
pub const EPOCH_MILLIS: i64 = 1_577_836_800_000;

/// The time of a table's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    table: Table,
    rows_per_second: u32,
}

impl Clock {
    /// The rows of `table` at this rate. A rate of 0 counts as 1.
    pub fn new(table: Table, rows_per_second: u32) -> Clock {
        Clock { table, rows_per_second: rows_per_second.max(1) }
    }

    /// Number of rows that have come at `now_millis` (epoch milliseconds): rows 0 up to this are due.
    pub fn rows_until(&self, now_millis: i64) -> u64 {
        if now_millis < EPOCH_MILLIS {
            return 0;
        }
        now_millis.abs_diff(EPOCH_MILLIS).saturating_mul(u64::from(self.rows_per_second)) / 1000 + 1
    }

    /// Epoch milliseconds at which row `row` comes. Never decreases with `row`.
    pub fn timestamp(&self, row: u64) -> i64 {
        // Rounded up, so that the row is due exactly then.
        EPOCH_MILLIS.saturating_add_unsigned(row.saturating_mul(1000).div_ceil(u64::from(self.rows_per_second)))
    }

    /// The first row of a source that starts at `start_millis`: the first that is not due before, less one row per key.
    pub fn first_row(&self, start_millis: i64) -> u64 {
        self.rows_until(start_millis.saturating_sub(1)).saturating_sub(self.table.keys())
    }
}
