//! What a run says.

use std::fmt::Write as _;
use std::io::Write as _;

use crate::compare::Difference;
use crate::sides::json;
use crate::table::Table;

/// A line on the terminal, past the harness, which keeps what passing tests print.
pub fn tell(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// A case that differs, with all that is needed to try it again.
pub fn case(sql: &str, difference: &Difference, seed: u64, tables: &[&Table]) -> String {
    let Difference { kind, nutkin, flink } = difference;
    let mut text = format!("differs ({}), seed {seed}:\n  {sql}\n  Nutkin: {nutkin}\n  Flink:  {flink}\n", kind.name());
    for table in tables {
        let used: Vec<usize> = (0..table.columns.len()).filter(|&at| mentions(sql, table.columns[at].0)).collect();
        // Rows of which nothing is read are as good as each other.
        for row in table.rows.iter().filter(|_| !used.is_empty()) {
            let cell = |&at: &usize| {
                let value = if row[at].is_null() {
                    "NULL".to_owned()
                } else {
                    json::write(&row[at], &table.types[at]).to_string()
                };
                format!("{} {} = {value}", table.columns[at].0, table.columns[at].1)
            };
            let cells: Vec<String> = used.iter().map(cell).collect();
            let _ = writeln!(text, "  {}: {}", table.name, cells.join(", "));
        }
    }
    text
}

/// Whether the name stands in the SQL as a word.
fn mentions(sql: &str, name: &str) -> bool {
    sql.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
}
