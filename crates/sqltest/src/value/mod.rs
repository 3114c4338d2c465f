//! Values in files: JSON in the encoding of the recorded cases, and the texts that Flink prints.
//!
//! The encoding by SQL type is written down in `docs/testing.md`. It is read by the type that a column has, so a number can
//! stand for a DECIMAL and a text for a timestamp.

mod equal;
mod flink_text;
mod read;
mod write;

pub use equal::equal;
pub use flink_text::change_text;
pub use read::read;
pub use write::write;

#[cfg(test)]
mod tests;
