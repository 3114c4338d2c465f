//! [`World`]: the tables and views of one case, and statements run over them without a server.

mod constraints;
mod define;
mod job;
mod read;
mod run;
mod schedule;
mod session;
mod topic;

pub use define::{TableText, in_memory, kind, row, stored_types};
pub use job::{START, Way};
pub use read::Ends;
pub use run::{Manner, RESULT};
pub use schedule::{Step, TableRows};

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use nutkin_engine::{Constraints, MemoryCluster};
use nutkin_plan::{Table, TablePath};
use nutkin_planner::{Action, Analyzed, Session, Tables, ViewDefinition, analyze};
use nutkin_sql::ast::Statement;

use crate::refusal::Refusal;
use constraints::constraints;
use session::session;

/// Flink's own names for what is always there.
pub const CATALOG: &str = "default_catalog";
pub const DATABASE: &str = "default_database";

/// Tables in memory and the settings of statements.
#[derive(Debug)]
pub struct World {
    session: Session,
    tables: HashMap<TablePath, Arc<Table>>,
    views: HashMap<TablePath, ViewDefinition>,
    /// Topics of the tables that are made as the service makes them.
    cluster: MemoryCluster,
    jobs: AtomicU32,
    /// What sinks in memory do with rows that their columns do not allow.
    constraints: Constraints,
}

impl World {
    pub fn new(session: Session) -> World {
        World {
            session,
            tables: HashMap::new(),
            views: HashMap::new(),
            cluster: MemoryCluster::default(),
            jobs: AtomicU32::new(0),
            constraints: Constraints::default(),
        }
    }

    /// A world by Flink's own rules, with Flink's options.
    ///
    /// # Errors
    /// An option that has a meaning and is not built.
    pub fn flink(config: &BTreeMap<String, String>) -> Result<World, Refusal> {
        let mut world = World::new(session(config)?);
        world.constraints = constraints(config)?;
        Ok(world)
    }

    /// A name for the next job.
    fn uid(&self) -> String {
        format!("test-{}", self.jobs.fetch_add(1, Relaxed))
    }

    /// Goes on with other settings.
    pub fn set(&mut self, settings: World) {
        (self.session, self.constraints) = (settings.session, settings.constraints);
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The path of a table that is named without catalog and database.
    pub fn path(&self, name: &str) -> TablePath {
        let part = |given: &Option<String>, default: &str| given.clone().unwrap_or_else(|| default.to_owned());
        TablePath {
            catalog: part(&self.session.catalog, CATALOG),
            database: part(&self.session.database, DATABASE),
            name: name.to_owned(),
        }
    }

    /// The table of that name.
    pub fn get(&self, name: &str) -> Option<&Arc<Table>> {
        self.tables.get(&self.path(name))
    }

    pub fn put(&mut self, table: Table) {
        self.tables.insert(table.path.clone(), Arc::new(table));
    }

    /// What `sql` means over the tables. A view is made at once.
    ///
    /// # Errors
    /// What parser or planner refuse.
    pub fn analyze(&mut self, sql: &str) -> Result<Option<Analyzed>, Refusal> {
        let statement = nutkin_sql::parse_statement(sql)?;
        let analyzed = analyze(&statement, sql, &self.session, self)?;
        let (Statement::CreateView(view), Action::CreateView(made)) = (&statement, &analyzed.action) else {
            return Ok(Some(analyzed));
        };
        let names = made.columns.iter().filter(|_| made.is_named).map(|column| column.name.clone());
        let definition = ViewDefinition {
            query: view.query.to_string(),
            catalog: made.path.catalog.clone(),
            database: made.path.database.clone(),
            columns: names.collect(),
        };
        self.views.insert(made.path.clone(), definition);
        Ok(None)
    }
}

impl Tables for World {
    fn catalog(&self, name: &str) -> Option<String> {
        (Some(name) == self.session.catalog.as_deref()).then(|| name.to_owned())
    }

    fn database(&self, _catalog: &str, name: &str) -> Option<String> {
        (Some(name) == self.session.database.as_deref()).then(|| name.to_owned())
    }

    fn table(&self, path: &TablePath) -> Option<Arc<Table>> {
        self.tables.get(path).cloned()
    }

    fn view(&self, path: &TablePath) -> Option<ViewDefinition> {
        self.views.get(path).cloned()
    }
}
