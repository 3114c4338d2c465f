use crate::{Clock, Table};

#[test]
fn a_row_is_due_exactly_when_its_timestamp_has_come() {
    for table in Table::ALL {
        for rate in [1, 7, 50, 1000, 100_000] {
            let clock = Clock::new(table, 1_700_000_000_123, rate);
            for row in [0u64, 1, 2, 49, 50, 250, 251, 500, 501, 502, 777, 12_345] {
                let due = clock.timestamp(row);
                assert!(clock.rows_until(due) > row, "{table:?} {rate} {row}");
                assert!(clock.rows_until(due - 1) <= row, "{table:?} {rate} {row}");
            }
        }
    }
}

#[test]
fn append_tables_follow_the_rate() {
    let clock = Clock::new(Table::Orders, 0, 50);
    assert_eq!(clock.rows_until(-1), 0);
    assert_eq!(clock.rows_until(0), 1);
    assert_eq!(clock.rows_until(1000), 51);
    assert_eq!(clock.timestamp(3), 60);
}

#[test]
fn every_key_comes_within_the_first_second() {
    assert!(Clock::new(Table::Customers, 0, 50).rows_until(999) >= 251);
    assert!(Clock::new(Table::Products, 0, 1).rows_until(999) >= 501);
    assert_eq!(Clock::new(Table::Products, 0, 50).timestamp(501), 1000);
}
