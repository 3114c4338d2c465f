//! Nutkin in this process: the planner and the engine of the service, over tables in memory, on virtual time.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use nutkin_engine::{
    FailureKind, Job, JobContext, JobEvent, JobEvents, JobSpec, MemoryCluster, MemoryRow, MemoryTables, NoSchemas,
    RuntimeClock,
};
use nutkin_plan::operators::SinkTarget;
use nutkin_plan::table::{ColumnKind, TableColumn};
use nutkin_plan::{ChangelogMode, Connector, Operator, Plan, TablePath};
use nutkin_planner::{Action, ErrorKind, Execution, Session, Tables, analyze, analyze_expression};
use nutkin_state::{CheckpointStore, MemoryStorage};
use nutkin_types::{DataType, LogicalType, RowKind, Value};

use crate::answer::{Answer, Refusal, Rows, applied};
use crate::table::Table;

const CATALOG: &str = "default_catalog";
const DATABASE: &str = "default_database";

/// The planner and the tables of some queries.
pub struct Nutkin {
    tables: BTreeMap<String, (Arc<nutkin_plan::Table>, Vec<Vec<Value>>)>,
}

impl Nutkin {
    pub fn new(tables: &[&Table]) -> Nutkin {
        let stored = |table: &&Table| {
            let columns = columns(table.columns);
            (table.name.clone(), (Arc::new(in_memory(&table.name, columns)), table.rows.clone()))
        };
        Nutkin { tables: tables.iter().map(stored).collect() }
    }

    /// The rows of a query.
    pub fn run(&self, sql: &str) -> Answer {
        let answer = catch_unwind(AssertUnwindSafe(|| self.execute(&self.plan(sql)?)));
        answer.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            Err(Refusal::new(format!("panic: {}", text.unwrap_or_default())))
        })
    }

    fn plan(&self, sql: &str) -> Result<Execution, Refusal> {
        let statement = nutkin_sql::parse_statement(sql).map_err(|error| Refusal::new(error.to_string()))?;
        let session = Session { flink_extensions: true, ..Session::new(CATALOG, DATABASE) };
        let analyzed = analyze(&statement, sql, &session, self).map_err(|error| Refusal {
            is_untried: error.kind == ErrorKind::NotBuilt,
            text: format!("{}: {error}", error.code()),
            column: None,
        })?;
        match analyzed.action {
            Action::Run(execution) => Ok(execution),
            other => Err(Refusal::new(format!("no query: {other:?}"))),
        }
    }

    fn execute(&self, execution: &Execution) -> Answer {
        let plan = collected(execution);
        let memory = MemoryTables::default();
        for (table, rows) in self.tables.values() {
            let row = |values: &Vec<Value>| MemoryRow { kind: RowKind::Insert, timestamp: 0, values: values.clone() };
            let input = memory.input(&table.path);
            input.append(rows.iter().map(row));
            input.close();
        }
        let result = plan.tables.last().expect("the result").path.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(async {
            let context = JobContext {
                clusters: Arc::new(MemoryCluster::default()),
                schemas: Arc::new(NoSchemas),
                checkpoints: CheckpointStore::new(Arc::<MemoryStorage>::default()),
                clock: Arc::new(RuntimeClock::starting_at(0)),
                memory: memory.clone(),
            };
            let (_handle, events) = Job::start(JobSpec::new("query", "query", plan), context);
            ended(events).await
        })?;
        let types = execution.schema.columns.iter().map(|column| column.data_type.logical.clone()).collect();
        rows(&memory, &result, types)
    }
}

async fn ended(mut events: JobEvents) -> Result<(), Refusal> {
    while let Some(event) = events.next().await {
        match event {
            JobEvent::Finished | JobEvent::Stopped { .. } => return Ok(()),
            JobEvent::Failed { cause } | JobEvent::Restarting { cause, .. } => {
                let is_untried =
                    cause.kind == FailureKind::Unsupported && cause.code() == FailureKind::Unsupported.code();
                return Err(Refusal { is_untried, text: format!("{}: {}", cause.code(), cause.message), column: None });
            }
            JobEvent::Running { .. } | JobEvent::CheckpointCompleted { .. } | JobEvent::Warning { .. } => {}
        }
    }
    Err(Refusal::new("the job was lost"))
}

/// What is left when the changes that the sink took have been applied.
fn rows(memory: &MemoryTables, path: &TablePath, types: Vec<LogicalType>) -> Answer {
    let mut changes = Vec::new();
    for batch in memory.output(path).batches() {
        for index in 0..batch.num_rows() {
            let cells = types.iter().enumerate().map(|(c, logical)| Value::from_array(batch.column(c), logical, index));
            let row = cells.collect::<Result<Vec<_>, _>>().map_err(|error| Refusal::new(error.to_string()))?;
            changes.push((batch.kind(index).adds(), row));
        }
    }
    Ok(Rows { types, rows: applied(changes)? })
}

/// The plan with a table in memory in place of the result that a client reads.
fn collected(execution: &Execution) -> Plan {
    let mut plan = execution.plan.clone();
    let index = plan.tables.len();
    for node in &mut plan.nodes {
        if let Operator::Sink(sink) = &mut node.operator
            && sink.target == SinkTarget::Collect
        {
            sink.target = SinkTarget::Table(index);
        }
    }
    let columns = execution.schema.columns.iter().map(|c| column(&c.name, c.data_type.with_nullable(true)));
    let result = in_memory("the result", columns.collect());
    plan.tables.push(nutkin_plan::Table { changelog_mode: ChangelogMode::Retract, ..result });
    plan
}

fn column(name: &str, data_type: DataType) -> TableColumn {
    TableColumn { name: name.to_owned(), data_type, kind: ColumnKind::Physical, comment: None }
}

fn in_memory(name: &str, columns: Vec<TableColumn>) -> nutkin_plan::Table {
    nutkin_plan::Table {
        path: TablePath { catalog: CATALOG.to_owned(), database: DATABASE.to_owned(), name: name.to_owned() },
        columns,
        watermark: None,
        primary_key: None,
        distribution: None,
        changelog_mode: ChangelogMode::Append,
        options: BTreeMap::new(),
        comment: None,
        connector: Connector::Memory,
    }
}

/// Columns by name and the text of their type.
fn columns(written: &[(&str, &str)]) -> Vec<TableColumn> {
    written.iter().map(|(name, text)| column(name, data_type(text))).collect()
}

/// The type that a text means.
pub fn data_type(text: &str) -> DataType {
    let plain = text.trim_end_matches(" NOT NULL");
    let cast =
        analyze_expression(&format!("CAST(NULL AS {plain})"), &[]).unwrap_or_else(|error| panic!("{text}: {error}"));
    cast.expr.data_type.with_nullable(plain == text)
}

/// The types of columns.
pub fn types_of(written: &[(&str, &str)]) -> Vec<LogicalType> {
    written.iter().map(|(_, text)| data_type(text).logical).collect()
}

/// Says of what type an expression over columns is.
pub struct Typing {
    columns: Vec<TableColumn>,
}

impl Typing {
    pub fn new(written: &[(&str, &str)]) -> Typing {
        Typing { columns: columns(written) }
    }

    /// None when it is refused.
    pub fn of(&self, text: &str) -> Option<LogicalType> {
        let typed = catch_unwind(AssertUnwindSafe(|| analyze_expression(text, &self.columns)));
        Some(typed.ok()?.ok()?.expr.data_type.logical)
    }
}

impl Tables for Nutkin {
    fn catalog(&self, name: &str) -> Option<String> {
        (name == CATALOG).then(|| name.to_owned())
    }

    fn database(&self, _catalog: &str, name: &str) -> Option<String> {
        (name == DATABASE).then(|| name.to_owned())
    }

    fn table(&self, path: &TablePath) -> Option<Arc<nutkin_plan::Table>> {
        self.tables.get(&path.name).map(|(table, _)| table.clone())
    }
}
