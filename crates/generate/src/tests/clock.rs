use std::collections::BTreeSet;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;

use crate::clock::EPOCH_MILLIS;
use crate::{Clock, Generator, Table};

#[test]
fn a_row_is_due_exactly_when_its_timestamp_has_come() {
    for table in Table::ALL {
        for rate in [1, 7, 50, 1000, 100_000] {
            let clock = Clock::new(table, rate);
            for row in [0u64, 1, 2, 49, 50, 250, 251, 500, 501, 502, 777, 12_345, 9_999_999_999] {
                let due = clock.timestamp(row);
                assert!(clock.rows_until(due) > row, "{table:?} {rate} {row}");
                assert!(clock.rows_until(due - 1) <= row, "{table:?} {rate} {row}");
            }
        }
    }
}

#[test]
fn rows_follow_the_rate_from_a_fixed_instant() {
    let clock = Clock::new(Table::Orders, 50);
    assert_eq!(clock.rows_until(EPOCH_MILLIS - 1), 0);
    assert_eq!(clock.rows_until(EPOCH_MILLIS), 1);
    assert_eq!(clock.rows_until(EPOCH_MILLIS + 1000), 51);
    assert_eq!(clock.timestamp(3), EPOCH_MILLIS + 60);
    // 2026-01-01: every statement that starts then begins with this row.
    assert_eq!(clock.first_row(1_767_225_600_000), 9_469_440_000);
}

#[test]
fn a_source_has_every_key_at_its_start() {
    let start = 1_767_225_600_123;
    let clock = Clock::new(Table::Customers, 50);
    let rows = clock.first_row(start)..clock.rows_until(start);
    let customers = Generator::new(Table::Customers, 9).rows(rows).unwrap();
    let keys: BTreeSet<i32> = customers.column(0).as_primitive::<Int32Type>().values().iter().copied().collect();
    assert_eq!(keys.len(), 251);
}
