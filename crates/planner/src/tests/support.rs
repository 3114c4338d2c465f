//! A catalog in memory whose tables are written as CREATE TABLE statements.

use std::collections::HashMap;
use std::sync::Arc;

use nutkin_plan::table::{
    BoundedMode, Compression, ErrorHandling, Format, FormatKind, GeneratorTable, IsolationLevel, KafkaTable,
    StartupMode, Watermark, WatermarkStrategy,
};
use nutkin_plan::{ChangelogMode, Connector, Plan, Table, TablePath};

use nutkin_sql::ast::Statement;

use crate::{
    Action, Analyzed, CreateTable, Execution, PlannerError, Session, TableStatistics, Tables, ViewDefinition, analyze,
};

/// The current catalog and database of every test.
pub const CATALOG: &str = "catalog";
pub const DATABASE: &str = "database";

#[derive(Default)]
pub struct Catalog {
    tables: HashMap<TablePath, Arc<Table>>,
    views: HashMap<String, ViewDefinition>,
    statistics: HashMap<String, TableStatistics>,
}

impl Tables for Catalog {
    fn catalog(&self, name: &str) -> Option<String> {
        match name {
            CATALOG | "env-1" => Some(CATALOG.to_owned()),
            "examples" | "default_catalog" => Some(name.to_owned()),
            _ => None,
        }
    }

    fn database(&self, catalog: &str, name: &str) -> Option<String> {
        match (catalog, name) {
            (CATALOG, DATABASE | "lkc-1") => Some(DATABASE.to_owned()),
            ("examples", "marketplace") | ("default_catalog", "default_database") => Some(name.to_owned()),
            _ => None,
        }
    }

    fn table(&self, path: &TablePath) -> Option<Arc<Table>> {
        self.tables.get(path).cloned()
    }

    fn statistics(&self, path: &TablePath) -> Option<TableStatistics> {
        self.statistics.get(&path.name).copied()
    }

    fn view(&self, path: &TablePath) -> Option<ViewDefinition> {
        self.views.get(&path.name).cloned()
    }
}

/// The session of every test.
pub fn session() -> Session {
    Session::new(CATALOG, DATABASE)
}

impl Catalog {
    /// The tables of `examples.marketplace` (spec sample-data.md).
    pub fn marketplace() -> Catalog {
        let mut catalog = Catalog::default();
        for (ddl, generator) in [
            (
                "CREATE TABLE examples.marketplace.clicks (click_id STRING NOT NULL, user_id INT NOT NULL, url STRING NOT NULL, user_agent STRING NOT NULL, view_time INT NOT NULL)",
                "clicks",
            ),
            (
                "CREATE TABLE examples.marketplace.customers (customer_id INT NOT NULL, name STRING NOT NULL, address STRING NOT NULL, postcode STRING NOT NULL, city STRING NOT NULL, email STRING NOT NULL, PRIMARY KEY (customer_id) NOT ENFORCED)",
                "customers",
            ),
            (
                "CREATE TABLE examples.marketplace.orders (order_id STRING NOT NULL, customer_id INT NOT NULL, product_id STRING NOT NULL, price DOUBLE NOT NULL)",
                "orders",
            ),
        ] {
            let mut table = catalog.table_of(ddl);
            table.connector =
                Connector::Generator(GeneratorTable { table: generator.to_owned(), rows_per_second: 50, seed: 0 });
            table.watermark = Some(Watermark {
                column: "$rowtime".to_owned(),
                strategy: WatermarkStrategy::MaxSeen,
                is_default: true,
            });
            catalog.put(table);
        }
        catalog
    }

    /// Adds the table of a CREATE TABLE statement, as a topic.
    pub fn with(mut self, ddl: &str) -> Catalog {
        let table = self.table_of(ddl);
        self.put(table);
        self
    }

    /// Adds a view in Flink's default database; false when `sql` is no CREATE VIEW.
    pub fn create_view(&mut self, sql: &str) -> bool {
        let Ok(Statement::CreateView(view)) = nutkin_sql::parse_statement(sql) else { return false };
        let definition = ViewDefinition {
            query: view.query.to_string(),
            catalog: "default_catalog".to_owned(),
            database: "default_database".to_owned(),
            columns: view.columns.iter().map(|column| column.name.value.clone()).collect(),
        };
        self.views.insert(view.name.last().to_owned(), definition);
        true
    }

    /// What is known of the rows of a table.
    pub fn know(&mut self, name: &str, statistics: TableStatistics) {
        self.statistics.insert(name.to_owned(), statistics);
    }

    pub fn put(&mut self, table: Table) {
        self.tables.insert(table.path.clone(), Arc::new(table));
    }

    pub fn table_of(&self, ddl: &str) -> Table {
        match self.analyze(ddl) {
            Ok(Analyzed { action: Action::CreateTable(table), .. }) => frozen(*table),
            other => panic!("{ddl}: {other:?}"),
        }
    }

    pub fn analyze(&self, sql: &str) -> Result<Analyzed, PlannerError> {
        self.analyze_in(sql, &session())
    }

    pub fn analyze_in(&self, sql: &str, session: &Session) -> Result<Analyzed, PlannerError> {
        let statement = nutkin_sql::parse_statement(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        analyze(&statement, sql, session, self)
    }

    pub fn run(&self, sql: &str) -> Execution {
        match self.analyze(sql) {
            Ok(Analyzed { action: Action::Run(execution), .. }) => {
                super::consistency::assert_consistent(&execution.plan);
                execution
            }
            Ok(other) => panic!("{sql}: {other:?}"),
            Err(error) => panic!("{sql}: {error}"),
        }
    }

    pub fn plan(&self, sql: &str) -> Plan {
        self.run(sql).plan
    }

    /// The text of EXPLAIN.
    pub fn explain(&self, sql: &str) -> String {
        match self.analyze(&format!("EXPLAIN {sql}")) {
            Ok(Analyzed { action: Action::Explain(text), .. }) => text,
            Ok(other) => panic!("{sql}: {other:?}"),
            Err(error) => panic!("{sql}: {error}"),
        }
    }

    pub fn error(&self, sql: &str) -> PlannerError {
        match self.analyze(sql) {
            Ok(found) => PlannerError::new(crate::ErrorKind::Internal, format!("planned: {:?}", found.kind)),
            Err(error) => error,
        }
    }
}

/// The table as a catalog would make it.
pub fn frozen(table: CreateTable) -> Table {
    let mode = table.options.get("changelog.mode").and_then(|mode| ChangelogMode::from_name(mode));
    let default = if table.primary_key.is_some() { ChangelogMode::Upsert } else { ChangelogMode::Append };
    let connector = match table.options.get("connector").map(String::as_str) {
        Some("blackhole") => Connector::Blackhole,
        _ => Connector::Kafka(Box::new(topic(&table.path.name))),
    };
    Table {
        path: table.path,
        columns: table.columns,
        watermark: table.watermark.or_else(|| {
            Some(Watermark { column: "$rowtime".to_owned(), strategy: WatermarkStrategy::Source, is_default: true })
        }),
        primary_key: table.primary_key,
        distribution: None,
        changelog_mode: mode.unwrap_or(default),
        options: table.options,
        comment: table.comment,
        connector,
    }
}

fn topic(name: &str) -> KafkaTable {
    KafkaTable {
        cluster_id: "lkc-1".to_owned(),
        registry_id: "lsrc-1".to_owned(),
        topic: name.to_owned(),
        partitions: 6,
        key: None,
        value: Format {
            kind: FormatKind::AvroRegistry,
            schema: None,
            fields: Vec::new(),
            is_atomic: false,
            debezium: false,
        },
        isolation: IsolationLevel::ReadCommitted,
        startup: StartupMode::EarliestOffset,
        bounded: BoundedMode::Unbounded,
        error_handling: ErrorHandling::Fail,
        compression: Compression::None,
    }
}
