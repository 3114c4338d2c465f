//! Planned statements into jobs, and what they wrote into [`Output`]s.

use std::collections::{BTreeMap, BTreeSet};

use nutkin_engine::{MemoryTables, MemoryWatermarks};
use nutkin_plan::operators::SinkTarget;
use nutkin_plan::table::{BoundedMode, ColumnKind, TableColumn};
use nutkin_plan::{ChangelogMode, Connector, ExprKind, Operator, Plan, Table};
use nutkin_planner::Execution;
use nutkin_types::Schema;

use super::job::{Course, START, Site, Way, virtually};
use super::schedule::{Feed, Stage, Step, TableRows};
use super::{World, constraints};
use crate::changes::{Output, changes_of};
use crate::random::Random;
use crate::refusal::Refusal;

/// Name of the table that a foreground result is collected in.
pub const RESULT: &str = "result";

/// How a statement is run.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    pub way: Way,
    /// Of tables in memory.
    pub watermarks: MemoryWatermarks,
    /// False: the input stays open.
    pub ends: bool,
    /// The wall clock at the start, milliseconds since the epoch.
    pub now: i64,
}

impl Manner {
    /// To the end of all input, from the usual time on.
    pub fn new(way: Way, watermarks: MemoryWatermarks) -> Manner {
        Manner { way, watermarks, ends: true, now: START }
    }
}

/// What sinks hold while a job runs.
pub type Look<'a> = &'a mut dyn FnMut(usize, &Outputs<'_>) -> Result<(), Refusal>;

/// The sinks of a running plan.
pub struct Outputs<'a> {
    plan: &'a Plan,
    memory: &'a MemoryTables,
}

impl Outputs<'_> {
    /// What was written so far into tables in memory, by name; a foreground result under [`RESULT`].
    pub fn in_memory(&self) -> Result<BTreeMap<String, Output>, Refusal> {
        outputs(self.plan, self.memory)
    }
}

impl World {
    /// Runs a plan over rows; gives what was written into tables in memory by name, a foreground result under [`RESULT`].
    ///
    /// # Errors
    /// What the job failed of.
    pub fn run(
        &self,
        execution: &Execution,
        rows: &[TableRows],
        manner: Manner,
        random: &mut Random,
    ) -> Result<BTreeMap<String, Output>, Refusal> {
        self.run_steps(execution, &[Step::Rows(rows.to_vec())], manner, random, &mut |_, _| Ok(()))
    }

    /// The same in steps, with a look at the tables in between.
    pub fn run_steps(
        &self,
        execution: &Execution,
        steps: &[Step],
        manner: Manner,
        random: &mut Random,
        look: Look<'_>,
    ) -> Result<BTreeMap<String, Output>, Refusal> {
        let mut plan = self.collected(execution);
        constraints::check(&self.constraints, &plan)?;
        let memory = MemoryTables::default();
        let watermarks = match manner.watermarks {
            MemoryWatermarks::PerRow if shows_watermark(&plan) => MemoryWatermarks::BetweenRows,
            other => other,
        };
        for table in &plan.tables {
            memory.input(&table.path).set_watermarks(watermarks);
            memory.output(&table.path).set_constraints(self.constraints);
        }
        let stages = self.stages(&plan, steps)?;
        if manner.ends {
            self.bound(&mut plan, &stages)?;
        }
        virtually(async {
            let site = Site::new(memory.clone(), self.cluster.clone(), &self.uid(), manner.now);
            let seen = Outputs { plan: &plan, memory: &memory };
            let course = Course { stages: &stages, ends: manner.ends, check: &mut |number| look(number, &seen) };
            site.run(&plan, course, manner.way, random).await
        })?;
        outputs(&plan, &memory)
    }

    /// Steps with the rows of the tables that `plan` reads, and at last an empty one for each that has none.
    fn stages(&self, plan: &Plan, steps: &[Step]) -> Result<Vec<Stage>, Refusal> {
        let mut stages = Vec::with_capacity(steps.len() + 1);
        for step in steps {
            stages.push(match step {
                Step::Advance(duration) => Stage::Advance(*duration),
                Step::Check(number) => Stage::Check(*number),
                Step::Rows(tables) => {
                    let read = tables.iter().filter_map(|rows| Some((read_table(plan, rows)?, rows)));
                    Stage::Feed(read.map(|(table, rows)| self.feed(table, rows)).collect::<Result<_, _>>()?)
                }
            });
        }
        let empty = plan.tables.iter().filter(|table| table.connector == Connector::Memory);
        stages.push(Stage::Feed(empty.map(|t| Feed::Memory { path: t.path.clone(), rows: Vec::new() }).collect()));
        Ok(stages)
    }

    fn feed(&self, table: &Table, rows: &TableRows) -> Result<Feed, Refusal> {
        match &table.connector {
            Connector::Kafka(kafka) => {
                Ok(Feed::Topic { topic: kafka.topic.clone(), records: self.encoded(table, kafka, &rows.rows)? })
            }
            _ => Ok(Feed::Memory { path: rows.path.clone(), rows: rows.rows.clone() }),
        }
    }

    /// Topics are read to the end of what is in them and what is going to be fed.
    fn bound(&self, plan: &mut Plan, stages: &[Stage]) -> Result<(), Refusal> {
        let read: BTreeSet<usize> = plan.nodes.iter().filter_map(|node| scanned(&node.operator)).collect();
        for (index, table) in plan.tables.iter_mut().enumerate() {
            let Connector::Kafka(kafka) = &mut table.connector else { continue };
            if !read.contains(&index) || kafka.bounded != BoundedMode::Unbounded {
                continue;
            }
            let ends = self.cluster.ends(&kafka.topic)?;
            let mut stops: BTreeMap<i32, i64> = (0..).zip(ends).collect();
            for stage in stages {
                let Stage::Feed(feeds) = stage else { continue };
                for feed in feeds {
                    let Feed::Topic { topic, records } = feed else { continue };
                    for (partition, _) in records.iter().filter(|_| *topic == kafka.topic) {
                        *stops.entry(*partition).or_default() += 1;
                    }
                }
            }
            kafka.bounded = BoundedMode::SpecificOffsets(stops);
        }
        Ok(())
    }

    /// The plan with a table in memory in place of the foreground result, so that it can be restored like any other.
    fn collected(&self, execution: &Execution) -> Plan {
        let mut plan = execution.plan.clone();
        let index = plan.tables.len();
        let mut used = false;
        for node in &mut plan.nodes {
            if let Operator::Sink(sink) = &mut node.operator
                && sink.target == SinkTarget::Collect
            {
                sink.target = SinkTarget::Table(index);
                used = true;
            }
        }
        if used {
            plan.tables.push(self.result_table(&execution.schema));
        }
        plan
    }

    fn result_table(&self, schema: &Schema) -> Table {
        let columns = schema.columns.iter().map(|column| TableColumn {
            name: column.name.clone(),
            // What a reader is shown is not checked for NOT NULL.
            data_type: column.data_type.with_nullable(true),
            kind: ColumnKind::Physical,
            comment: None,
        });
        Table {
            path: self.path(RESULT),
            columns: columns.collect(),
            watermark: None,
            primary_key: None,
            distribution: None,
            changelog_mode: ChangelogMode::Retract,
            options: BTreeMap::new(),
            comment: None,
            connector: Connector::Memory,
        }
    }
}

/// True when rows of the plan hold the watermark that they came after.
fn shows_watermark(plan: &Plan) -> bool {
    let mut found = false;
    for node in &plan.nodes {
        let Operator::Calc(calc) = &node.operator else { continue };
        for expression in calc.projection.iter().chain(&calc.condition) {
            expression.walk(&mut |part| {
                found |= matches!(&part.kind, ExprKind::Call { function, .. } if function == "CURRENT_WATERMARK");
            });
        }
    }
    found
}

fn scanned(operator: &Operator) -> Option<usize> {
    match operator {
        Operator::Sink(_) => None,
        other => other.table(),
    }
}

/// The table of the rows if the plan reads it.
fn read_table<'a>(plan: &'a Plan, rows: &TableRows) -> Option<&'a Table> {
    let read = plan.nodes.iter().filter_map(|node| plan.tables.get(scanned(&node.operator)?));
    read.into_iter().find(|table| table.path == rows.path)
}

/// What the sinks of `plan` wrote into tables in memory.
fn outputs(plan: &Plan, memory: &MemoryTables) -> Result<BTreeMap<String, Output>, Refusal> {
    let mut outputs = BTreeMap::new();
    for sink in plan.sinks() {
        let Some(table) = plan.nodes[sink].operator.table().and_then(|index| plan.tables.get(index)) else { continue };
        if table.connector != Connector::Memory {
            continue;
        }
        let columns: Vec<&TableColumn> = table.persisted_columns().collect();
        let types: Vec<_> = columns.iter().map(|column| column.data_type.logical.clone()).collect();
        let place = |name: &String| columns.iter().position(|column| column.name == *name);
        let key = table.primary_key.as_ref().and_then(|key| key.columns.iter().map(place).collect());
        let changes = changes_of(&memory.output(&table.path).batches(), &types)?;
        let names = columns.iter().map(|column| column.name.clone()).collect();
        let type_texts = columns.iter().map(|column| column.data_type.to_string()).collect();
        outputs.insert(table.path.name.clone(), Output { names, types, type_texts, key, changes });
    }
    Ok(outputs)
}
