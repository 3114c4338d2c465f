//! Tables for people.
//!
//! Column widths are settled by the first rows written, because what has been printed cannot be moved: later cells that are
//! wider push their line out rather than lose their end.

use std::io::{self, Write};

use nutkin_api::sql::{ResultColumn, ResultRow, ResultType};

use super::{RowWriter, cell_text, op_name, printable, width};

/// The widest that a column begins with.
const WIDEST: usize = 60;

/// A table that grows downwards.
pub struct TableWriter {
    headers: Vec<String>,
    types: Vec<ResultType>,
    with_op: bool,
    /// Empty until the first rows.
    widths: Vec<usize>,
    written: u64,
    /// The result was one text and needs no frame.
    text: bool,
}

impl TableWriter {
    pub fn new(columns: &[ResultColumn], with_op: bool) -> TableWriter {
        let mut headers: Vec<String> = columns.iter().map(|column| printable(&column.name)).collect();
        if with_op {
            headers.insert(0, "op".to_owned());
        }
        let types = columns.iter().map(|column| column.data_type.clone()).collect();
        TableWriter { headers, types, with_op, widths: Vec::new(), written: 0, text: false }
    }

    /// The only cell of a result that is a text of several lines, such as a plan or a CREATE TABLE.
    fn whole_text<'a>(&self, rows: &'a [ResultRow]) -> Option<&'a str> {
        let [ResultRow { row, .. }] = rows else { return None };
        let [serde_json::Value::String(text)] = row.as_slice() else { return None };
        (self.written == 0 && !self.with_op && text.contains('\n')).then_some(text)
    }

    fn cells(&self, row: &ResultRow) -> Vec<String> {
        let op = self.with_op.then(|| op_name(row.op).to_owned());
        op.into_iter().chain(row_cells(row, &self.types)).collect()
    }

    fn begin(&mut self, rows: &[Vec<String>], out: &mut dyn Write) -> io::Result<()> {
        let types: Vec<Option<&ResultType>> =
            (0..usize::from(self.with_op)).map(|_| None).chain(self.types.iter().map(Some)).collect();
        self.widths = widths(&self.headers, rows)
            .into_iter()
            .zip(types)
            .map(|(width, data_type)| width.max(data_type.map_or(0, usual_width)))
            .collect();
        write_rule(&self.widths, out)?;
        write_line(&self.headers, &self.widths, out)?;
        write_rule(&self.widths, out)
    }
}

impl RowWriter for TableWriter {
    fn rows(&mut self, rows: &[ResultRow], out: &mut dyn Write) -> io::Result<()> {
        if let Some(text) = self.whole_text(rows) {
            self.text = true;
            return text.trim_end().lines().try_for_each(|line| writeln!(out, "{}", printable(line)));
        }
        let lines: Vec<Vec<String>> = rows.iter().map(|row| self.cells(row)).collect();
        if self.widths.is_empty() {
            self.begin(&lines, out)?;
        }
        for line in &lines {
            write_line(line, &self.widths, out)?;
        }
        self.written += lines.len() as u64;
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.text {
            return Ok(());
        }
        if self.written == 0 {
            return writeln!(out, "Empty set");
        }
        write_rule(&self.widths, out)?;
        let plural = if self.written == 1 { "" } else { "s" };
        writeln!(out, "{} row{plural}", self.written)
    }
}

/// The cells of a row, as they are printed.
pub(crate) fn row_cells<'a>(row: &'a ResultRow, types: &'a [ResultType]) -> impl Iterator<Item = String> + 'a {
    let unknown = ResultType::default();
    let one = move |(index, value): (usize, &serde_json::Value)| {
        printable(&cell_text(value, types.get(index).unwrap_or(&unknown)))
    };
    row.row.iter().enumerate().map(one)
}

/// A whole table at once, such as that of resources.
pub fn write_table(headers: &[&str], rows: &[Vec<String>], out: &mut dyn Write) -> io::Result<()> {
    let headers: Vec<String> = headers.iter().map(|&header| header.to_owned()).collect();
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| printable(cell)).collect()).collect();
    let widths = widths(&headers, &rows);
    write_rule(&widths, out)?;
    write_line(&headers, &widths, out)?;
    write_rule(&widths, out)?;
    for row in &rows {
        write_line(row, &widths, out)?;
    }
    write_rule(&widths, out)
}

fn widths(headers: &[String], rows: &[Vec<String>]) -> Vec<usize> {
    let column = |index: usize, header: &String| {
        let widest = rows.iter().filter_map(|row| row.get(index)).map(|cell| width(cell)).max().unwrap_or(0);
        width(header).max(widest.min(WIDEST))
    };
    headers.iter().enumerate().map(|(index, header)| column(index, header)).collect()
}

/// What values of a type usually need, so that a table begun with short ones stays straight.
fn usual_width(data_type: &ResultType) -> usize {
    match data_type.type_name.as_str() {
        "TIMESTAMP_WITHOUT_TIME_ZONE" | "TIMESTAMP_WITH_LOCAL_TIME_ZONE" => 23,
        "DATE" | "INTEGER" => 10,
        "BIGINT" | "DOUBLE" | "DECIMAL" => 12,
        _ => 0,
    }
}

fn write_rule(widths: &[usize], out: &mut dyn Write) -> io::Result<()> {
    let parts: Vec<String> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
    writeln!(out, "+{}+", parts.join("+"))
}

fn write_line(cells: &[String], widths: &[usize], out: &mut dyn Write) -> io::Result<()> {
    let pad = |(cell, &limit): (&String, &usize)| format!(" {cell}{} ", " ".repeat(limit.saturating_sub(width(cell))));
    let parts: Vec<String> = cells.iter().zip(widths).map(pad).collect();
    writeln!(out, "|{}|", parts.join("|"))
}
