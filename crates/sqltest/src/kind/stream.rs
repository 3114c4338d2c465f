//! `stream`: tables with rows, statements, and what each sink must hold. Every case runs in all three ways; the recorded
//! changes are compared row by row where the run is straight, the tables that are left in every way.

mod expectation;
mod read;

pub use read::read;

use std::collections::BTreeMap;

use nutkin_engine::MemoryWatermarks;
use nutkin_plan::ChangelogMode;

use super::recorded::{self, Config, WrittenChange};
use crate::case::{ExpectedError, Passed, Test, Trouble};
use crate::changes::Output;
use crate::random::Random;
use crate::refusal::Refusal;
use crate::world::{Manner, TableRows, TableText, Way, World};
use expectation::Expectation;

struct Stream {
    config: Config,
    tables: Vec<StreamTable>,
    steps: Vec<Step>,
    watermarks: MemoryWatermarks,
    expectations: Vec<Expectation>,
}

struct StreamTable {
    name: String,
    columns: Vec<String>,
    changelog_mode: ChangelogMode,
    rows: Vec<WrittenChange>,
}

struct Step {
    sql: String,
    /// The statement must fail.
    error: Option<ExpectedError>,
}

impl Stream {
    /// All steps in one way; what the sinks have got.
    fn evaluate(&self, way: Way, random: &mut Random) -> Result<BTreeMap<String, Output>, Trouble> {
        let mut world = World::flink(&self.config)?;
        let mut feeds = Vec::new();
        for table in &self.tables {
            world.define(&TableText {
                name: &table.name,
                columns: &table.columns,
                changelog_mode: table.changelog_mode,
            })?;
            let defined = world.get(&table.name).ok_or_else(|| Refusal::internal("no table"))?;
            feeds.push(recorded::feed(defined, &table.rows)?);
        }
        let mut outputs: BTreeMap<String, Output> = BTreeMap::new();
        for step in &self.steps {
            let result = self.step(&mut world, step, &feeds, way, random);
            if let Some(error) = &step.error {
                error.check(result)?;
                continue;
            }
            for (table, output) in result? {
                match outputs.get_mut(&table) {
                    Some(held) => held.changes.extend(output.changes),
                    None => drop(outputs.insert(table, output)),
                }
            }
        }
        Ok(outputs)
    }

    fn step(
        &self,
        world: &mut World,
        step: &Step,
        feeds: &[TableRows],
        way: Way,
        random: &mut Random,
    ) -> Result<BTreeMap<String, Output>, Refusal> {
        let is_view = matches!(nutkin_sql::parse_statement(&step.sql), Ok(nutkin_sql::ast::Statement::CreateView(_)));
        if is_view {
            world.analyze(&step.sql)?;
            return Ok(BTreeMap::new());
        }
        let execution = recorded::plan(world, &step.sql)?;
        world.run(&execution, feeds, Manner::new(way, self.watermarks), random)
    }
}

impl Test for Stream {
    fn run(&self, id: &str, seed: u64) -> Result<Passed, Trouble> {
        let mut random = Random::new(seed, id);
        let mut passed = Passed::default();
        for way in Way::ALL {
            let outputs = self.evaluate(way, &mut random)?;
            let mut differences = Vec::new();
            for expectation in &self.expectations {
                let nothing = Output::default();
                let output = outputs.get(&expectation.table).unwrap_or(&nothing);
                differences.extend(expectation.check(output, way));
                if way == Way::Straight {
                    passed.other_changes |= expectation.has_other_changes(output);
                }
            }
            if !differences.is_empty() {
                return Err(Trouble::Differs(differences));
            }
        }
        Ok(passed)
    }
}
