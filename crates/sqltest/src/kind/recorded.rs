//! What the kinds of recorded cases have in common.

use std::collections::BTreeMap;

use nutkin_engine::MemoryRow;
use nutkin_plan::{ChangelogMode, Table};
use nutkin_planner::{Action, Analyzed, Execution};
use nutkin_types::{LogicalType, RowKind};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::case::ExpectedError;
use crate::changes::{Change, Row};
use crate::compare::Difference;
use crate::refusal::{Phase, Refusal};
use crate::world::{START, TableRows, World, kind, row, stored_types};

/// Flink's options of a case.
pub type Config = BTreeMap<String, String>;

/// A change as it is written: `["+I", [1, "a"]]`.
pub type WrittenChange = (String, Vec<Json>);

/// `{"phase": ..., "message_contains": ...}`; the text is Flink's, ours need not be the same.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct WrittenError {
    phase: Option<String>,
}

impl WrittenError {
    pub fn expected(&self) -> ExpectedError {
        let phase = match self.phase.as_deref() {
            Some("validation") => Some(Phase::Validation),
            Some("runtime") => Some(Phase::Runtime),
            _ => None,
        };
        ExpectedError { phase, ..ExpectedError::default() }
    }
}

/// The executable plan of `sql`.
///
/// # Errors
/// What is refused; a statement that is no query or INSERT.
pub fn plan(world: &mut World, sql: &str) -> Result<Execution, Refusal> {
    match world.analyze(sql)? {
        Some(Analyzed { action: Action::Run(execution), .. }) => Ok(execution),
        _ => Err(Refusal::not_built(format!("The statement is no query and no INSERT: {sql}"))),
    }
}

/// `append`, `upsert`, `retract`, or Flink's list of kinds such as `I,UB,UA`.
pub fn changelog_mode(text: &str) -> ChangelogMode {
    match ChangelogMode::from_name(text) {
        Some(mode) => mode,
        None if text == "I" => ChangelogMode::Append,
        None if text.contains("UB") || !text.contains("UA") => ChangelogMode::Retract,
        None => ChangelogMode::Upsert,
    }
}

/// The rows of a table, ready to be fed.
pub fn feed(table: &Table, changes: &[WrittenChange]) -> Result<TableRows, Refusal> {
    let types = stored_types(table);
    let wrong = |problem: String| Refusal::validation("NUTKIN-6302", format!("a row of {}: {problem}", table.path));
    let rows = changes.iter().map(|(op, cells)| {
        let cells: Vec<Json> = cells.iter().zip(&types).map(|(cell, logical)| as_java(cell, logical)).collect();
        let (kind, values) = (kind(op).map_err(wrong)?, row(&cells, &types).map_err(wrong)?);
        Ok(MemoryRow { kind, timestamp: START, values })
    });
    Ok(TableRows { path: table.path.clone(), rows: rows.collect::<Result<_, Refusal>>()? })
}

/// Inputs went through Java's `short` and `byte`, which wrap.
fn as_java(cell: &Json, logical: &LogicalType) -> Json {
    match (cell.as_i64(), logical) {
        (Some(value), LogicalType::TinyInt) => Json::from(value as i8),
        (Some(value), LogicalType::SmallInt) => Json::from(value as i16),
        _ => cell.clone(),
    }
}

/// Expected changes by the types of what came.
pub fn typed_changes(changes: &[WrittenChange], types: &[LogicalType]) -> Result<Vec<Change>, String> {
    changes.iter().map(|(op, cells)| Ok((kind(op)?, typed_row(cells, types)?))).collect()
}

/// Expected rows by the types of what came.
pub fn typed_rows(rows: &[Vec<Json>], types: &[LogicalType]) -> Result<Vec<Row>, String> {
    rows.iter().map(|cells| typed_row(cells, types)).collect()
}

fn typed_row(cells: &[Json], types: &[LogicalType]) -> Result<Row, String> {
    if cells.len() != types.len() {
        return Err(format!("{} columns instead of {}", types.len(), cells.len()));
    }
    row(cells, types)
}

/// Inserted rows of changes.
pub fn inserted(changes: Vec<Change>) -> Vec<Row> {
    changes.into_iter().filter(|(kind, _)| *kind == RowKind::Insert).map(|(_, row)| row).collect()
}

/// Compares types as Flink prints them, without NOT NULL.
pub fn types(expected: &[String], found: &[String]) -> Option<Difference> {
    let plain = |texts: &[String]| texts.iter().map(|text| plain_type(text)).collect::<Vec<_>>();
    let (expected, found) = (plain(expected), plain(found));
    (expected != found).then(|| Difference { what: "types".to_owned(), expected, found })
}

/// The type in one spelling: `TIMESTAMP(3) WITH LOCAL TIME ZONE` is `TIMESTAMP_LTZ(3)`.
fn plain_type(text: &str) -> String {
    const ZONE: &str = " WITH LOCAL TIME ZONE";
    let mut text = text.replace(" NOT NULL", "");
    while let Some(end) = text.find(ZONE) {
        let Some(begin) = text[..end].rfind("TIMESTAMP") else { break };
        text.replace_range(end..end + ZONE.len(), "");
        text.replace_range(begin..begin + "TIMESTAMP".len(), "TIMESTAMP_LTZ");
    }
    text
}
