//! `scalar`: expressions over one row, with their values, their text, or their error.

use std::path::Path;

use nutkin_engine::MemoryWatermarks;
use nutkin_plan::ChangelogMode;
use nutkin_types::{LogicalType, Value};
use serde::Deserialize;
use serde_json::Value as Json;

use super::recorded::{self, Config, WrittenError};
use crate::case::{Passed, Test, Trouble};
use crate::changes::Output;
use crate::compare::{self, Difference};
use crate::random::Random;
use crate::refusal::Refusal;
use crate::world::{Manner, RESULT, TableText, Way, World, stored_types};

/// The one-row table; expressions may name it.
const TABLE: &str = "testTable";

#[derive(Deserialize)]
struct Scalar {
    #[serde(default)]
    config: Config,
    input: Input,
    sql: OneOrMany,
    expect: Expect,
    #[serde(default)]
    flink: Answer,
}

#[derive(Deserialize)]
struct Input {
    columns: Vec<InputColumn>,
    row: Vec<Json>,
}

#[derive(Deserialize)]
struct InputColumn {
    name: String,
    #[serde(rename = "type")]
    data_type: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct Expect {
    values: Option<Vec<Json>>,
    types: Option<Vec<String>>,
    text: Option<String>,
    error: Option<WrittenError>,
}

/// What real Flink gave.
#[derive(Default, Deserialize)]
struct Answer {
    types: Option<Vec<String>>,
    values: Option<Vec<Json>>,
}

pub fn read(line: &Json, _directory: &Path) -> super::Read {
    let case = Scalar::deserialize(line).map_err(|error| error.to_string())?;
    Ok(Box::new(case))
}

impl Scalar {
    fn expressions(&self) -> &[String] {
        match &self.sql {
            OneOrMany::One(sql) => std::slice::from_ref(sql),
            OneOrMany::Many(list) => list,
        }
    }

    /// Values of `expressions` over the row.
    fn evaluate(&self, expressions: &str) -> Result<Output, Refusal> {
        let mut world = World::flink(&self.config)?;
        let (mut from, mut feeds) = (String::new(), Vec::new());
        if !self.input.columns.is_empty() {
            let columns = self.input.columns.iter();
            let columns: Vec<String> =
                columns.map(|c| format!("`{}` {}", c.name.replace('`', "``"), c.data_type)).collect();
            world.define(&TableText { name: TABLE, columns: &columns, changelog_mode: ChangelogMode::Append })?;
            let table = world.get(TABLE).ok_or_else(|| Refusal::internal("no table"))?;
            let cells = self.input.row.iter().zip(stored_types(table));
            let row = cells.map(|(cell, logical)| padded(cell, &logical)).collect();
            feeds.push(recorded::feed(table, &[("+I".to_owned(), row)])?);
            from = format!(" FROM {TABLE}");
        }
        let execution = recorded::plan(&mut world, &format!("SELECT {expressions}{from}"))?;
        let mut random = Random::new(0, "");
        let mut outputs =
            world.run(&execution, &feeds, Manner::new(Way::Straight, MemoryWatermarks::AtEnd), &mut random)?;
        let output = outputs.remove(RESULT).ok_or_else(|| Refusal::internal("no result"))?;
        match output.changes.len() {
            1 => Ok(output),
            rows => Err(Refusal::internal(format!("{rows} rows of a query that gives one"))),
        }
    }

    /// Types and values of the expressions.
    fn check_values(&self, expected: Option<&[Json]>, output: &Output) -> Vec<Difference> {
        let mut differences = Vec::new();
        if let Some(expected) = self.expect.types.as_ref().or(self.flink.types.as_ref()) {
            differences.extend(recorded::types(expected, &output.type_texts));
        }
        let Some((_, found)) = output.changes.first() else { return differences };
        for (index, wanted) in expected.into_iter().flatten().enumerate() {
            let (Some(value), Some(logical)) = (found.get(index), output.types.get(index)) else { break };
            differences.extend(value_difference(wanted, value, logical));
        }
        differences
    }

    /// `CAST(... AS STRING)` of the only expression.
    fn check_text(&self, expected: &str) -> Result<Vec<Difference>, Refusal> {
        let sql = self.expressions().join(", ");
        let output = self.evaluate(&format!("CAST({sql} AS STRING)"))?;
        let found = match output.changes.first().and_then(|(_, row)| row.first()) {
            Some(Value::String(text)) => text.as_str(),
            _ => "NULL",
        };
        Ok((found != expected).then(|| Difference::of("text", expected, found)).into_iter().collect())
    }
}

/// Inputs were literals of their types: a CHAR has its length.
fn padded(cell: &Json, logical: &LogicalType) -> Json {
    match (cell, logical) {
        (Json::String(text), LogicalType::Char { length }) => {
            let missing = (*length as usize).saturating_sub(text.chars().count());
            Json::String(text.clone() + &" ".repeat(missing.min(1 << 16)))
        }
        _ => cell.clone(),
    }
}

fn value_difference(wanted: &Json, found: &Value, logical: &LogicalType) -> Option<Difference> {
    let same = crate::value::read(wanted, logical).is_ok_and(|wanted| crate::value::equal(&wanted, found));
    let line = |json: &Json| compare::json_line(json);
    (!same).then(|| Difference::of("value", line(wanted), line(&crate::value::write(found, logical))))
}

impl Test for Scalar {
    fn run(&self, _id: &str, _seed: u64) -> Result<Passed, Trouble> {
        let result = self.evaluate(&self.expressions().join(", "));
        if let Some(error) = &self.expect.error {
            return error.expected().check(result);
        }
        let output = result?;
        let differences = match (&self.expect.values, &self.expect.text) {
            (Some(values), _) => self.check_values(Some(values), &output),
            (None, Some(text)) => {
                // Where there is no value, what was recorded beside the text is what Java's memory held.
                let values = self.flink.values.as_deref().filter(|_| text != "NULL");
                let mut differences = self.check_values(values, &output);
                differences.extend(self.check_text(text)?);
                differences
            }
            // Only that it runs: the values are left to chance.
            (None, None) => self.check_values(None, &output),
        };
        if differences.is_empty() { Ok(Passed::default()) } else { Err(Trouble::Differs(differences)) }
    }
}
