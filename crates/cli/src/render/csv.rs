//! CSV as in RFC 4180, with `\n` between lines. NULL is an empty field, an empty text is `""`.

use std::io::{self, Write};

use nutkin_api::sql::{ResultColumn, ResultRow, ResultType};
use serde_json::Value;

use super::{RowWriter, cell_text, op_name};

pub struct CsvWriter {
    columns: Vec<ResultColumn>,
    with_op: bool,
    begun: bool,
}

impl CsvWriter {
    pub fn new(columns: &[ResultColumn], with_op: bool) -> CsvWriter {
        CsvWriter { columns: columns.to_vec(), with_op, begun: false }
    }

    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        let op = self.with_op.then(|| "op".to_owned());
        let names: Vec<String> = op.into_iter().chain(self.columns.iter().map(|column| field(&column.name))).collect();
        writeln!(out, "{}", names.join(","))
    }
}

impl RowWriter for CsvWriter {
    fn rows(&mut self, rows: &[ResultRow], out: &mut dyn Write) -> io::Result<()> {
        self.begin(out)?;
        let unknown = ResultType::default();
        for row in rows {
            let cell = |(index, value): (usize, &Value)| match value {
                Value::Null => String::new(),
                value => field(&cell_text(value, self.columns.get(index).map_or(&unknown, |column| &column.data_type))),
            };
            let op = self.with_op.then(|| op_name(row.op).to_owned());
            let fields: Vec<String> = op.into_iter().chain(row.row.iter().enumerate().map(cell)).collect();
            writeln!(out, "{}", fields.join(","))?;
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.begin(out)
    }
}

fn field(text: &str) -> String {
    if text.is_empty() || text.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}
