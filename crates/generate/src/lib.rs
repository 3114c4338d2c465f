//! Rows of examples.marketplace: a pure function of seed, table and row number.
//!
//! Row n of a table never depends on who reads it or when, so every statement sees the same data and a source's position
//! is one number (spec sample-data, S002-043). [`Clock`] says how many rows there are at a time and when each came;
//! [`Generator`] makes Arrow batches of any range of rows, computing only the columns asked for: each column draws from its
//! own random stream, so projection changes no value.

pub mod clock;
mod columns;
pub mod generator;
mod random;
pub mod table;
mod words;

pub use clock::Clock;
pub use generator::{GenerateError, Generator, timestamps};
pub use table::Table;

/// Rows per second and table, unless configured otherwise.
pub const DEFAULT_ROWS_PER_SECOND: u32 = 50;

#[cfg(test)]
mod tests;
