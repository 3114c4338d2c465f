//! Rows as text: a table, JSON lines or CSV.

mod cell;
mod csv;
mod json;
pub(crate) mod table;

use std::io::{self, Write};

use nutkin_api::sql::{ResultColumn, ResultRow};

pub use cell::cell_text;
pub(crate) use cell::{clip, printable, width};
pub use csv::CsvWriter;
pub use json::JsonWriter;
pub use table::TableWriter;

/// How rows are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Table,
    /// One JSON object per line
    Json,
    /// With a line of column names
    Csv,
}

/// Writes rows as they come. Every call leaves whole lines behind.
pub trait RowWriter {
    /// Writes rows; of updating results each with its kind of change.
    fn rows(&mut self, rows: &[ResultRow], out: &mut dyn Write) -> io::Result<()>;
    /// Writes what comes after the last row.
    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()>;
}

/// The writer of a format. `with_op` adds the kind of change to each row.
pub fn writer(format: Format, columns: &[ResultColumn], with_op: bool) -> Box<dyn RowWriter + Send> {
    match format {
        Format::Table => Box::new(TableWriter::new(columns, with_op)),
        Format::Json => Box::new(JsonWriter::new(columns, with_op)),
        Format::Csv => Box::new(CsvWriter::new(columns, with_op)),
    }
}

/// Short name of a kind of change.
pub fn op_name(op: u8) -> &'static str {
    match op {
        0 => "+I",
        1 => "-U",
        2 => "+U",
        3 => "-D",
        _ => "??",
    }
}
