//! `batch`: a query over bounded tables, and its rows. The tables stand in `batch-tables.jsonl` beside the case file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use nutkin_engine::MemoryWatermarks;
use serde::Deserialize;
use serde_json::Value as Json;

use super::recorded::{self, Config, WrittenChange, WrittenError};
use crate::case::{Passed, Test, Trouble};
use crate::changes::{Output, final_rows};
use crate::compare::{self, Difference};
use crate::random::Random;
use crate::refusal::Refusal;
use crate::world::{Manner, RESULT, TableText, Way, World};

/// The file with the tables.
const TABLES: &str = "batch-tables.jsonl";

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    config: Config,
    tables: Vec<Named>,
    sql: String,
    expect: Expect,
    #[serde(default)]
    flink: Answer,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    #[serde(rename = "ref")]
    reference: Option<String>,
    columns: Option<Vec<String>>,
    rows: Option<Vec<WrittenChange>>,
}

#[derive(Deserialize)]
struct Expect {
    rows: Option<Vec<Vec<Json>>>,
    #[serde(default)]
    ordered: bool,
    size: Option<usize>,
    error: Option<WrittenError>,
}

#[derive(Default, Deserialize)]
struct Answer {
    types: Option<Vec<String>>,
    rows: Option<Vec<Vec<Json>>>,
}

/// Columns and rows of a table.
#[derive(Deserialize)]
struct Content {
    #[serde(default, rename = "ref")]
    reference: String,
    columns: Vec<String>,
    rows: Vec<WrittenChange>,
}

type Contents = HashMap<String, Arc<Content>>;

struct Batch {
    written: Written,
    tables: Vec<(String, Arc<Content>)>,
}

pub fn read(line: &Json, directory: &Path) -> super::Read {
    let mut written = Written::deserialize(line).map_err(|error| error.to_string())?;
    let mut tables = Vec::new();
    for table in &mut written.tables {
        let content = match (table.columns.take(), table.rows.take(), &table.reference) {
            (Some(columns), rows, _) => {
                Arc::new(Content { reference: String::new(), columns, rows: rows.unwrap_or_default() })
            }
            (None, _, Some(reference)) => {
                let missing = || format!("{TABLES} has no table with the ref {reference}");
                contents(directory)?.get(reference).cloned().ok_or_else(missing)?
            }
            (None, _, None) => return Err(format!("table {} has neither columns nor ref", table.name)),
        };
        tables.push((table.name.clone(), content));
    }
    Ok(Box::new(Batch { written, tables }))
}

/// The tables of a directory, read once.
fn contents(directory: &Path) -> Result<Arc<Contents>, String> {
    static READ: OnceLock<Mutex<HashMap<PathBuf, Arc<Contents>>>> = OnceLock::new();
    let mut read = READ.get_or_init(Mutex::default).lock().map_err(|_| "a reader panicked".to_owned())?;
    if let Some(found) = read.get(directory) {
        return Ok(found.clone());
    }
    let path = directory.join(TABLES);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lines = text.lines().map(serde_json::from_str::<Content>);
    let tables = lines.map(|table| table.map(|table| (table.reference.clone(), Arc::new(table))));
    let tables = tables.collect::<Result<Contents, _>>().map_err(|error| format!("{}: {error}", path.display()))?;
    let tables = Arc::new(tables);
    read.insert(directory.to_owned(), tables.clone());
    Ok(tables)
}

impl Batch {
    fn evaluate(&self) -> Result<Output, Refusal> {
        let mut config = self.written.config.clone();
        config.insert("execution.runtime-mode".to_owned(), "batch".to_owned());
        let mut world = World::flink(&config)?;
        let mut feeds = Vec::new();
        for (name, content) in &self.tables {
            let changelog_mode = nutkin_plan::ChangelogMode::Append;
            world.define(&TableText { name, columns: &content.columns, changelog_mode })?;
            let table = world.get(name).ok_or_else(|| Refusal::internal("no table"))?;
            feeds.push(recorded::feed(table, &content.rows)?);
        }
        let execution = recorded::plan(&mut world, &self.written.sql)?;
        let mut random = Random::new(0, "");
        let mut outputs =
            world.run(&execution, &feeds, Manner::new(Way::Straight, MemoryWatermarks::AtEnd), &mut random)?;
        outputs.remove(RESULT).ok_or_else(|| Refusal::internal("no result"))
    }

    fn check(&self, output: &Output) -> Vec<Difference> {
        let Written { expect, flink, .. } = &self.written;
        let mut differences: Vec<Difference> =
            flink.types.as_ref().and_then(|types| recorded::types(types, &output.type_texts)).into_iter().collect();
        let found = match final_rows(&output.changes, None) {
            Ok(found) => found,
            Err(problem) => {
                differences.push(Difference::of("rows", "a changelog", problem));
                return differences;
            }
        };
        if let Some(size) = expect.size {
            if found.len() != size {
                differences.push(Difference::of("number of rows", size.to_string(), found.len().to_string()));
            }
            return differences;
        }
        // Flink's own rows have the types' encoding; the expectation may be looser.
        let Some(expected) = flink.rows.as_ref().or(expect.rows.as_ref()) else { return differences };
        match recorded::typed_rows(expected, &output.types) {
            Ok(expected) => {
                differences.extend(compare::rows("rows", &expected, &found, &output.types, expect.ordered));
            }
            Err(problem) => differences.push(Difference::of("rows", "rows of the recorded types", problem)),
        }
        differences
    }
}

impl Test for Batch {
    fn run(&self, _id: &str, _seed: u64) -> Result<Passed, Trouble> {
        let result = self.evaluate();
        if let Some(error) = &self.written.expect.error {
            return error.expected().check(result);
        }
        let differences = self.check(&result?);
        if differences.is_empty() { Ok(Passed::default()) } else { Err(Trouble::Differs(differences)) }
    }
}
