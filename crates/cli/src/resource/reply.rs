//! Answers of verbs, as a table or as the JSON of the API.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use crate::render::printable;
use crate::render::table::write_table;

/// How an answer is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Output {
    /// For people
    #[default]
    Table,
    /// The resource as the API gives it
    Json,
}

/// What a verb answers.
pub struct Reply {
    json: Value,
    table: Shape,
}

enum Shape {
    List { headers: &'static [&'static str], rows: Vec<Vec<String>> },
    Record(Vec<(&'static str, String)>),
    Message(String),
}

impl Reply {
    /// Many resources, a line each.
    pub fn list<T: Serialize>(headers: &'static [&'static str], items: &[T], row: impl Fn(&T) -> Vec<String>) -> Reply {
        Reply { json: to_json(&items), table: Shape::List { headers, rows: items.iter().map(row).collect() } }
    }

    /// One resource, a line for each of its fields; empty ones are left out.
    pub fn record<T: Serialize>(item: &T, fields: Vec<(&'static str, String)>) -> Reply {
        let fields = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        Reply { json: to_json(item), table: Shape::Record(fields) }
    }

    /// Something was done to a resource.
    pub fn done(id: &str, message: String) -> Reply {
        Reply { json: serde_json::json!({"id": id, "message": message}), table: Shape::Message(message) }
    }

    pub fn write(&self, output: Output, out: &mut dyn Write) -> io::Result<()> {
        if output == Output::Json {
            return writeln!(out, "{:#}", self.json);
        }
        match &self.table {
            Shape::List { rows, .. } if rows.is_empty() => writeln!(out, "None found."),
            Shape::List { headers, rows } => write_table(headers, rows, out),
            Shape::Message(message) => writeln!(out, "{message}"),
            Shape::Record(fields) => {
                let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
                for (name, value) in fields {
                    // Long texts keep their lines, under each other.
                    let indent = format!("\n{}", " ".repeat(width + 2));
                    let lines: Vec<String> = value.lines().map(printable).collect();
                    writeln!(out, "{name:width$}  {}", lines.join(&indent))?;
                }
                Ok(())
            }
        }
    }
}

fn to_json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
