//! `agg`: an aggregate query over one changelog, and the rows that are left. A streaming query: run in all three ways.

use std::path::Path;

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

#[derive(Deserialize)]
struct Agg {
    #[serde(default)]
    config: Config,
    tables: Vec<Input>,
    sql: String,
    expect: Expect,
    #[serde(default)]
    flink: Answer,
}

#[derive(Deserialize)]
struct Input {
    name: String,
    columns: Vec<String>,
    changelog_mode: String,
    rows: Vec<WrittenChange>,
}

#[derive(Deserialize)]
struct Expect {
    materialized: Option<Vec<WrittenChange>>,
    types: Option<Vec<String>>,
    error: Option<WrittenError>,
}

#[derive(Default, Deserialize)]
struct Answer {
    changelog: Option<Vec<WrittenChange>>,
}

pub fn read(line: &Json, _directory: &Path) -> super::Read {
    let case = Agg::deserialize(line).map_err(|error| error.to_string())?;
    Ok(Box::new(case))
}

impl Agg {
    fn evaluate(&self, way: Way, random: &mut Random) -> Result<Output, Refusal> {
        let mut world = World::flink(&self.config)?;
        let mut feeds = Vec::new();
        for input in &self.tables {
            let changelog_mode = recorded::changelog_mode(&input.changelog_mode);
            world.define(&TableText { name: &input.name, columns: &input.columns, changelog_mode })?;
            let table = world.get(&input.name).ok_or_else(|| Refusal::internal("no table"))?;
            feeds.push(recorded::feed(table, &input.rows)?);
        }
        let execution = recorded::plan(&mut world, &self.sql)?;
        let mut outputs = world.run(&execution, &feeds, Manner::new(way, MemoryWatermarks::PerRow), random)?;
        outputs.remove(RESULT).ok_or_else(|| Refusal::internal("no result"))
    }

    fn check(&self, way: Way, output: &Output) -> Result<Vec<Difference>, Refusal> {
        let mut differences = Vec::new();
        if let Some(expected) = &self.expect.types {
            differences.extend(recorded::types(expected, &output.type_texts));
        }
        if let Some(expected) = &self.expect.materialized {
            let expected = recorded::typed_changes(expected, &output.types).map(recorded::inserted);
            let found = final_rows(&output.changes, None);
            let what = format!("rows, {}", way.name());
            match (expected, found) {
                (Ok(expected), Ok(found)) => {
                    differences.extend(compare::rows(&what, &expected, &found, &output.types, false));
                }
                (Err(problem), _) => differences.push(Difference::of(what, "rows of the recorded types", problem)),
                (_, Err(problem)) => differences.push(Difference::of(what, "a changelog", problem)),
            }
        }
        Ok(differences)
    }

    fn has_other_changes(&self, output: &Output) -> bool {
        let Some(expected) = &self.flink.changelog else { return false };
        let expected = recorded::typed_changes(expected, &output.types).unwrap_or_default();
        compare::changes("changes", &expected, &output.changes, &output.types).is_some()
    }
}

impl Test for Agg {
    fn run(&self, id: &str, seed: u64) -> Result<Passed, Trouble> {
        let mut random = Random::new(seed, id);
        if let Some(error) = &self.expect.error {
            return error.expected().check(self.evaluate(Way::Straight, &mut random));
        }
        let mut passed = Passed::default();
        for way in Way::ALL {
            let output = self.evaluate(way, &mut random)?;
            let differences = self.check(way, &output)?;
            if !differences.is_empty() {
                return Err(Trouble::Differs(differences));
            }
            if way == Way::Straight {
                passed.other_changes = self.has_other_changes(&output);
            }
        }
        Ok(passed)
    }
}
