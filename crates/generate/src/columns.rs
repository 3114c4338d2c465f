//! The values of each column of each table.
//!
//! What belongs to a key (a customer's name, a product's name) depends on the key alone; what may change (address, brand)
//! on the row, so that updates of a key show.

use std::fmt::Write;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, Float64Array, Int32Array};

use crate::random::Stream;
use crate::table::{CUSTOMERS, PRODUCTS, Table, USERS};
use crate::words;

/// Where the values of a table's columns come from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source {
    pub seed: u64,
    pub table: Table,
}

impl Source {
    /// Column `column` of the rows; None past the last column.
    pub fn column(self, column: usize, rows: Range<u64>) -> Option<ArrayRef> {
        let stream = self.stream(column);
        Some(match (self.table, column) {
            (Table::Clicks, 0) | (Table::Orders, 0) => texts(rows, |row, out| uuid(stream, row, out)),
            (Table::Clicks, 1) => ints(rows, |row| stream.between(row, 0, &USERS)),
            (Table::Clicks, 2) => texts(rows, |row, out| {
                out.push_str("https://www.acme.com/product/");
                out.extend((0..5).map(|i| char::from(b'a' + (stream.draw(row, i) % 26) as u8)));
            }),
            (Table::Clicks, 3) => texts(rows, |row, out| out.push_str(stream.pick(row, 0, words::USER_AGENTS))),
            (Table::Clicks, 4) => ints(rows, |row| stream.between(row, 0, &(10..=120))),
            (Table::Customers, 0) => ints(rows, |row| self.key(row)),
            (Table::Customers, 1) => texts(rows, |row, out| {
                let (first, last) = self.person(self.key(row));
                write(out, format_args!("{first} {last}"));
            }),
            (Table::Customers, 2) => texts(rows, |row, out| {
                let number = stream.between(row, 0, &(1..=999));
                let (name, kind) = (stream.pick(row, 1, words::STREETS), stream.pick(row, 2, words::STREET_KINDS));
                write(out, format_args!("{number} {name} {kind}"));
            }),
            (Table::Customers, 3) => {
                texts(rows, |row, out| write(out, format_args!("{:05}", stream.between(row, 0, &(501..=99950)))))
            }
            (Table::Customers, 4) => texts(rows, |row, out| {
                let (start, end) = (stream.pick(row, 0, words::CITY_STARTS), stream.pick(row, 1, words::CITY_ENDS));
                write(out, format_args!("{start}{end}"));
            }),
            (Table::Customers, 5) => texts(rows, |row, out| {
                let key = self.key(row);
                let (first, last) = self.person(key);
                let domain = stream.pick(key, 0, words::MAIL_DOMAINS);
                write(out, format_args!("{first}.{last}{key}@{domain}"));
                out.make_ascii_lowercase();
            }),
            (Table::Orders, 1) => ints(rows, |row| stream.between(row, 0, &CUSTOMERS)),
            (Table::Orders, 2) => {
                texts(rows, |row, out| write(out, format_args!("{}", stream.between(row, 0, &PRODUCTS))))
            }
            (Table::Orders, 3) => {
                let cents = rows.map(|row| stream.between(row, 0, &(0..=10_000)) as f64 / 100.0);
                Arc::new(Float64Array::from_iter_values(cents))
            }
            (Table::Products, 0) => texts(rows, |row, out| write(out, format_args!("{}", self.key(row)))),
            (Table::Products, 1) => texts(rows, |row, out| {
                let key = self.key(row);
                let (adjective, material) =
                    (stream.pick(key, 0, words::ADJECTIVES), stream.pick(key, 1, words::MATERIALS));
                write(out, format_args!("{adjective} {material} {}", stream.pick(key, 2, words::GOODS)));
            }),
            (Table::Products, 2) => texts(rows, |row, out| out.push_str(stream.pick(row, 0, words::BRANDS))),
            (Table::Products, 3) => texts(rows, |row, out| out.push_str(stream.pick(row, 0, words::VENDORS))),
            (Table::Products, 4) => {
                texts(rows, |row, out| out.push_str(stream.pick(self.key(row), 0, words::DEPARTMENTS)))
            }
            _ => return None,
        })
    }

    fn stream(self, column: usize) -> Stream {
        Stream::new(self.seed, self.table, column)
    }

    /// The key of a row of a table with a key: all keys in turn, so that any rows in a row, as many as there are keys, hold
    /// each of them once.
    fn key(self, row: u64) -> u64 {
        let range = if self.table == Table::Products { PRODUCTS } else { CUSTOMERS };
        range.start() + row % self.table.keys().max(1)
    }

    fn person(self, key: u64) -> (&'static str, &'static str) {
        let stream = self.stream(1);
        (stream.pick(key, 0, words::FIRST_NAMES), stream.pick(key, 1, words::LAST_NAMES))
    }
}

fn texts(rows: Range<u64>, write: impl Fn(u64, &mut String)) -> ArrayRef {
    let count = rows.end.saturating_sub(rows.start) as usize;
    let mut builder = StringBuilder::with_capacity(count, count * 24);
    let mut text = String::new();
    for row in rows {
        text.clear();
        write(row, &mut text);
        builder.append_value(&text);
    }
    Arc::new(builder.finish())
}

fn ints(rows: Range<u64>, value: impl Fn(u64) -> u64) -> ArrayRef {
    Arc::new(Int32Array::from_iter_values(rows.map(|row| value(row) as i32)))
}

fn write(out: &mut String, text: std::fmt::Arguments<'_>) {
    let written = out.write_fmt(text);
    debug_assert!(written.is_ok(), "writing to a String cannot fail");
}

/// A version 4 UUID.
fn uuid(stream: Stream, row: u64, out: &mut String) {
    let high = stream.draw(row, 0) & 0xFFFF_FFFF_FFFF_0FFF | 0x4000;
    let low = stream.draw(row, 1) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000;
    write(
        out,
        format_args!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xFFFF,
            high & 0xFFFF,
            low >> 48,
            low & 0xFFFF_FFFF_FFFF
        ),
    );
}
