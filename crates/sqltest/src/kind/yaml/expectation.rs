//! What a case expects of its tables, and the same written down from what came out.

use std::collections::BTreeMap;

use nutkin_types::RowKind;
use serde_json::Value as Json;

use crate::case::ExpectedError;
use crate::changes::{Change, Output, Row, final_rows};
use crate::compare::{self, Difference, json_line, row_line};
use crate::refusal::{Phase, Refusal};
use crate::world::{Way, kind};

/// What one table must hold.
#[derive(Debug, Clone)]
pub struct Expectation {
    pub table: String,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    /// Lists of cells, or names with values.
    Rows { rows: Vec<Json>, ordered: bool },
    /// `[+I, [1, a]]`; compared in the straight run, the table that it leaves in all of them.
    Changelog(Vec<(RowKind, Json)>),
}

/// Expectations by table: a list of rows, or a mapping with `rows` or `changelog`.
///
/// # Errors
/// Says what of it cannot be read.
pub fn tables(expect: &BTreeMap<String, Json>) -> Result<Vec<Expectation>, String> {
    expect
        .iter()
        .map(|(table, json)| Ok(Expectation { table: table.clone(), content: content(table, json)? }))
        .collect()
}

fn content(table: &str, json: &Json) -> Result<Content, String> {
    let wrong = || format!("expect of {table}: write a list of rows, or 'rows' or 'changelog' with a list");
    let map = match json {
        Json::Array(rows) => return Ok(Content::Rows { rows: rows.clone(), ordered: false }),
        Json::Object(map) => map,
        _ => return Err(wrong()),
    };
    if let Some(unknown) = map.keys().find(|key| !["rows", "changelog", "ordered"].contains(&key.as_str())) {
        return Err(format!("expect of {table}: '{unknown}' is unknown; use rows, changelog or ordered"));
    }
    let ordered = map.get("ordered").and_then(Json::as_bool).unwrap_or(false);
    match (map.get("rows"), map.get("changelog")) {
        (Some(Json::Array(rows)), None) => Ok(Content::Rows { rows: rows.clone(), ordered }),
        (None, Some(Json::Array(changes))) => {
            changes.iter().map(change).collect::<Result<_, _>>().map(Content::Changelog)
        }
        _ => Err(wrong()),
    }
}

fn change(json: &Json) -> Result<(RowKind, Json), String> {
    match json.as_array().map(Vec::as_slice) {
        Some([op, row]) => Ok((kind(op.as_str().unwrap_or_default())?, row.clone())),
        _ => Err(format!("{json} is no change: write [+I, [1, a]]")),
    }
}

/// An expected error: a part of its message, or `phase`, `code` and `message`.
pub fn error(json: &Json) -> Result<ExpectedError, String> {
    let map = match json {
        Json::String(message) => {
            return Ok(ExpectedError { message: Some(message.clone()), ..ExpectedError::default() });
        }
        Json::Object(map) => map,
        _ => return Err("expect of error: write a part of the message, or 'phase', 'code' and 'message'".to_owned()),
    };
    let mut expected = ExpectedError::default();
    for (key, value) in map {
        let text = value.as_str().ok_or_else(|| format!("expect of error: '{key}' is a text"))?;
        match key.as_str() {
            "phase" => expected.phase = Some(phase(text)?),
            "code" => expected.code = Some(text.to_owned()),
            "message" => expected.message = Some(text.to_owned()),
            other => return Err(format!("expect of error: '{other}' is unknown; use phase, code or message")),
        }
    }
    Ok(expected)
}

fn phase(text: &str) -> Result<Phase, String> {
    let phases = [Phase::Validation, Phase::Runtime];
    phases
        .into_iter()
        .find(|phase| phase.name() == text)
        .ok_or_else(|| format!("'{text}' is no phase; use validation or runtime"))
}

impl Expectation {
    /// What differs in the tables that a run left.
    pub fn check(&self, tables: &BTreeMap<String, Output>, way: Way) -> Option<Difference> {
        let what = format!("{}, {}", self.table, way.name());
        let Some(output) = tables.get(&self.table) else {
            let known: Vec<&str> = tables.keys().map(String::as_str).collect();
            return Some(Difference::of(what, format!("a table {}", self.table), format!("only {}", known.join(", "))));
        };
        let wrong = |problem: String| Some(Difference::of(&what, "rows of the table's types", problem));
        let found = match final_rows(&output.changes, output.key.as_deref()) {
            Ok(found) => found,
            Err(problem) => return wrong(problem),
        };
        match &self.content {
            Content::Rows { rows, ordered } => {
                match rows.iter().map(|row| typed(row, output)).collect::<Result<Vec<_>, _>>() {
                    Ok(expected) => compare::rows(&what, &expected, &found, &output.types, *ordered),
                    Err(problem) => wrong(problem),
                }
            }
            Content::Changelog(changes) => {
                let expected = changes.iter().map(|(kind, row)| Ok((*kind, typed(row, output)?)));
                match expected.collect::<Result<Vec<Change>, String>>() {
                    Err(problem) => wrong(problem),
                    Ok(expected) if way == Way::Straight => {
                        compare::changes(&what, &expected, &output.changes, &output.types)
                    }
                    // Other batches may fold changes; the table they leave is the same.
                    Ok(expected) => match final_rows(&expected, output.key.as_deref()) {
                        Ok(expected) => compare::rows(&what, &expected, &found, &output.types, false),
                        Err(problem) => wrong(problem),
                    },
                }
            }
        }
    }
}

fn typed(json: &Json, output: &Output) -> Result<Row, String> {
    match json {
        Json::Array(cells) if cells.len() == output.types.len() => {
            cells.iter().zip(&output.types).map(|(cell, logical)| crate::value::read(cell, logical)).collect()
        }
        Json::Array(cells) => Err(format!("{} values for {} columns", cells.len(), output.types.len())),
        Json::Object(named) => {
            if let Some(unknown) = named.keys().find(|name| !output.names.contains(name)) {
                return Err(format!("there is no column '{unknown}' among {}", output.names.join(", ")));
            }
            let columns = output.names.iter().zip(&output.types);
            let cells = columns.map(|(name, logical)| (named.get(name).unwrap_or(&Json::Null), logical));
            cells.map(|(cell, logical)| crate::value::read(cell, logical)).collect()
        }
        other => Err(format!("{other} is no row")),
    }
}

/// What a case leaves out that expects nothing: all that there is. Such a case must not pass.
pub fn unexpected(tables: &BTreeMap<String, Output>) -> Vec<Difference> {
    let difference = |(table, output): (&String, &Output)| Difference {
        what: format!("{table} (the case has no 'expect': write one, or use --update)"),
        expected: Vec::new(),
        found: output.changes.iter().map(|change| compare::change_line(change, &output.types)).collect(),
    };
    let nothing = || Difference::of("tables", "something to expect", "no table was written");
    let mut differences: Vec<Difference> = tables.iter().map(difference).collect();
    if differences.is_empty() {
        differences.push(nothing());
    }
    differences
}

/// The key `expect` for what came out: the tables that were expected, or all.
pub fn recorded(expectations: &[Expectation], tables: &BTreeMap<String, Output>) -> Result<String, Refusal> {
    let mut lines = vec!["expect:".to_owned()];
    for (table, output) in tables {
        let expected = expectations.iter().find(|expected| expected.table == *table);
        if expected.is_none() && !expectations.is_empty() {
            continue;
        }
        lines.push(format!("  {}:", json_line(&Json::String(table.clone()))));
        if matches!(expected, Some(Expectation { content: Content::Changelog(_), .. })) {
            lines.push("    changelog:".to_owned());
            let changes = output.changes.iter();
            lines.extend(changes.map(|(kind, row)| format!("      - [{kind}, {}]", row_line(row, &output.types))));
            continue;
        }
        let ordered = matches!(expected, Some(Expectation { content: Content::Rows { ordered: true, .. }, .. }));
        let found = final_rows(&output.changes, output.key.as_deref()).map_err(Refusal::internal)?;
        let mut rows: Vec<String> = found.iter().map(|row| row_line(row, &output.types)).collect();
        if ordered {
            lines.push("    ordered: true".to_owned());
        } else {
            rows.sort();
        }
        match rows.is_empty() {
            true => lines.push("    rows: []".to_owned()),
            false => lines.push("    rows:".to_owned()),
        }
        lines.extend(rows.into_iter().map(|row| format!("      - {row}")));
    }
    Ok(lines.join("\n"))
}

/// The key `expect` for an error.
pub fn recorded_error(refusal: &Refusal) -> String {
    let message = json_line(&Json::String(refusal.cause().to_owned()));
    format!(
        "expect:\n  error:\n    phase: {}\n    code: {}\n    message: {message}",
        refusal.phase.name(),
        refusal.code
    )
}
