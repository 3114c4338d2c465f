//! The statements of a case, one after another, over its tables.

use std::collections::{BTreeMap, BTreeSet};

use nutkin_engine::{MemoryRow, MemoryWatermarks};
use nutkin_plan::{ChangelogMode, Connector, Table, TablePath};
use nutkin_planner::{Action, CreateTable, Execution, Session, plan_create_table_as};
use nutkin_sql::ast::Statement;

use super::Yaml;
use super::document::{Mode, TableDocument, option_text};
use super::rows;
use crate::changes::Output;
use crate::random::Random;
use crate::refusal::Refusal;
use crate::world::{self, Manner, START, Step, TableRows, Way, World, in_memory};

/// Catalog and database that a case in service mode begins in.
const CATALOG: &str = "default";
const DATABASE: &str = "cluster";

/// What the tables hold in the end, and at each look that the steps take.
#[derive(Debug, Default)]
pub struct Held {
    pub tables: BTreeMap<String, Output>,
    pub checks: Vec<BTreeMap<String, Output>>,
}

impl Yaml {
    /// Runs everything in one way.
    pub(super) fn evaluate(&self, way: Way, random: &mut Random) -> Result<Held, Refusal> {
        let mut course = Course::new(self, way)?;
        for sql in &self.statements {
            course.statement(sql, random)?;
        }
        course.finish(random)
    }
}

/// A run of a case on its way.
struct Course<'a> {
    case: &'a Yaml,
    world: World,
    way: Way,
    now: i64,
    properties: BTreeMap<String, String>,
    /// Tables whose rows are in their topics.
    fed: BTreeSet<TablePath>,
    /// Tables that a statement wrote.
    written: BTreeSet<String>,
    /// The steps were taken by a statement.
    stepped: bool,
    held: Held,
}

fn wrong(problem: impl Into<String>) -> Refusal {
    Refusal::validation("NUTKIN-6302", problem)
}

impl<'a> Course<'a> {
    fn new(case: &'a Yaml, way: Way) -> Result<Course<'a>, Refusal> {
        let document = &case.document;
        let properties = document.properties.iter().map(|(key, value)| (key.clone(), option_text(value))).collect();
        let now = match &document.now {
            None => START,
            Some(text) => rows::timestamp(&serde_json::Value::String(text.clone())).map_err(wrong)?,
        };
        let mut course = Course {
            world: world_of(document.mode, &properties)?,
            case,
            way,
            now,
            properties,
            fed: BTreeSet::new(),
            written: BTreeSet::new(),
            stepped: false,
            held: Held::default(),
        };
        for (name, table) in &document.tables {
            course.define(name, table)?;
        }
        Ok(course)
    }

    fn define(&mut self, name: &str, table: &TableDocument) -> Result<(), Refusal> {
        let Some(columns) = &table.columns else { return Ok(()) };
        let mut created = self.world.create_table(name, &columns.list())?;
        created.options = table.options.iter().map(|(key, value)| (key.clone(), option_text(value))).collect();
        self.create(created)
    }

    fn create(&mut self, created: CreateTable) -> Result<(), Refusal> {
        match self.case.document.mode {
            Mode::Service => self.world.create_topic(created),
            Mode::Flink => {
                let written = created.options.get("changelog.mode").and_then(|mode| ChangelogMode::from_name(mode));
                let default =
                    if created.primary_key.is_some() { ChangelogMode::Upsert } else { ChangelogMode::Retract };
                let has_updates = self.case.document.tables.get(&created.path.name).is_some_and(|table| {
                    table.rows.iter().any(|row| row.get("$op").is_some_and(|op| op.as_str() != Some("+I")))
                });
                let is_source = self.case.document.tables.get(&created.path.name).is_some_and(|t| !t.rows.is_empty());
                let mode = match written {
                    Some(mode) => mode,
                    None if is_source && !has_updates => ChangelogMode::Append,
                    None => default,
                };
                self.world.put(in_memory(created, mode));
                Ok(())
            }
        }
    }

    fn statement(&mut self, sql: &str, random: &mut Random) -> Result<(), Refusal> {
        let Some(analyzed) = self.world.analyze(sql)? else { return Ok(()) };
        match analyzed.action {
            Action::Run(execution) => self.execute(&execution, random),
            Action::CreateTable(created) if created.as_query.is_some() => self.create_as(*created, sql, random),
            Action::CreateTable(created) => self.create(*created),
            Action::Set { key: Some(key), value: Some(value) } => {
                self.properties.insert(key, value);
                self.world.set(world_of(self.case.document.mode, &self.properties)?);
                Ok(())
            }
            _ => Err(Refusal::not_built(format!("This statement in a test: {sql}"))),
        }
    }

    fn create_as(&mut self, created: CreateTable, sql: &str, random: &mut Random) -> Result<(), Refusal> {
        let path = created.path.clone();
        self.create(created)?;
        let table = self.world.get(&path.name).cloned().ok_or_else(|| Refusal::internal("no table"))?;
        let parsed = nutkin_sql::parse_statement(sql)?;
        let Statement::CreateTable(statement) = &parsed else {
            return Err(Refusal::internal("a CREATE TABLE that is none"));
        };
        let execution = plan_create_table_as(statement, sql, self.world.session(), &self.world, table);
        self.execute(&execution?, random)
    }

    fn execute(&mut self, execution: &Execution, random: &mut Random) -> Result<(), Refusal> {
        let document = &self.case.document;
        let mut steps = vec![Step::Rows(self.initial_rows(execution)?)];
        let read: BTreeSet<TablePath> = execution.plan.tables.iter().map(|table| table.path.clone()).collect();
        if !std::mem::replace(&mut self.stepped, true) {
            steps.extend(self.later_steps()?);
        } else if !document.steps.is_empty() {
            return Err(wrong("steps need one running statement: put the INSERTs into EXECUTE STATEMENT SET"));
        }
        let mut looks: Vec<(BTreeMap<String, Output>, world::Ends)> = Vec::new();
        let manner = Manner { way: self.way, watermarks: MemoryWatermarks::PerRow, ends: document.end, now: self.now };
        let world = &self.world;
        let outputs = world.run_steps(execution, &steps, manner, random, &mut |_, seen| {
            looks.push((seen.in_memory()?, world.ends()?));
            Ok(())
        })?;
        self.fed.extend(read);
        let sinks: Vec<String> = written_topics(execution);
        for (mut tables, ends) in looks {
            for name in &sinks {
                tables.insert(name.clone(), self.world.read(name, Some(&ends), random)?);
            }
            self.held.checks.push(tables);
        }
        self.written.extend(sinks);
        for (name, output) in outputs {
            match self.held.tables.get_mut(&name) {
                Some(held) if name != world::RESULT => held.changes.extend(output.changes),
                _ => drop(self.held.tables.insert(name, output)),
            }
        }
        Ok(())
    }

    /// The rows that are there from the beginning. Topics keep them from statement to statement; tables in memory are given
    /// them anew, with what statements wrote.
    fn initial_rows(&self, execution: &Execution) -> Result<Vec<TableRows>, Refusal> {
        let mut all = Vec::new();
        for table in &execution.plan.tables {
            let in_topic = matches!(table.connector, Connector::Kafka(_));
            if in_topic && self.fed.contains(&table.path) {
                continue;
            }
            let given = self.case.document.tables.get(&table.path.name).map_or(&[][..], |given| &given.rows);
            let mut rows = self.rows(table, given)?;
            if let Some(output) = self.held.tables.get(&table.path.name).filter(|_| !in_topic) {
                let written = output.changes.iter();
                rows.extend(written.map(|(kind, row)| MemoryRow {
                    kind: *kind,
                    timestamp: self.now,
                    values: row.clone(),
                }));
            }
            all.push(TableRows { path: table.path.clone(), rows });
        }
        Ok(all)
    }

    fn rows(&self, table: &Table, given: &[serde_json::Value]) -> Result<Vec<MemoryRow>, Refusal> {
        let row = |(number, json): (usize, &serde_json::Value)| {
            rows::input(json, table, self.now)
                .map_err(|problem| wrong(format!("row {} of {}: {problem}", number + 1, table.path.name)))
        };
        given.iter().enumerate().map(row).collect()
    }

    fn later_steps(&self) -> Result<Vec<Step>, Refusal> {
        let mut steps = Vec::new();
        let (mut number, mut passed) = (0, 0);
        for step in &self.case.document.steps {
            if let Some(duration) = step.duration().map_err(wrong)? {
                passed += i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
                steps.push(Step::Advance(duration));
            } else if let Some(tables) = &step.rows {
                let mut all = Vec::new();
                for (name, given) in tables {
                    let table = self.world.get(name).ok_or_else(|| wrong(format!("there is no table {name}")))?;
                    let mut rows = self.rows(table, given)?;
                    // Rows without a time of their own are of the time when they come.
                    rows.iter_mut().filter(|row| row.timestamp == self.now).for_each(|row| row.timestamp += passed);
                    all.push(TableRows { path: table.path.clone(), rows });
                }
                steps.push(Step::Rows(all));
            } else {
                steps.push(Step::Check(number));
                number += 1;
            }
        }
        Ok(steps)
    }

    fn finish(mut self, random: &mut Random) -> Result<Held, Refusal> {
        for name in &self.written {
            self.held.tables.insert(name.clone(), self.world.read(name, None, random)?);
        }
        Ok(self.held)
    }
}

/// A world without tables, with these properties.
fn world_of(mode: Mode, properties: &BTreeMap<String, String>) -> Result<World, Refusal> {
    match mode {
        Mode::Flink => World::flink(properties),
        Mode::Service => {
            let mut all = properties.clone();
            all.entry("sql.current-catalog".to_owned()).or_insert_with(|| CATALOG.to_owned());
            all.entry("sql.current-database".to_owned()).or_insert_with(|| DATABASE.to_owned());
            Ok(World::new(Session::from_properties(&all)?))
        }
    }
}

/// Names of the topics that a plan writes.
fn written_topics(execution: &Execution) -> Vec<String> {
    let plan = &execution.plan;
    let sinks = plan.sinks().filter_map(|sink| plan.tables.get(plan.nodes.get(sink)?.operator.table()?));
    let topics = sinks.filter(|table| matches!(table.connector, Connector::Kafka(_)));
    topics.map(|table| table.path.name.clone()).collect()
}
