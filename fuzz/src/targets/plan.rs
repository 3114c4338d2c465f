//! Stored plans: what is read is whole, and comes back the same.

use std::sync::Arc;

use nutkin_plan::table::{
    BoundedMode, Compression, ErrorHandling, FieldBinding, Format, FormatKind, FrozenSchema, IsolationLevel,
    KafkaTable, StartupMode, Watermark, WatermarkStrategy,
};
use nutkin_plan::{ChangelogMode, Connector, Plan, Table, TablePath};
use nutkin_planner::{Action, Analyzed, CreateTable, Session, Tables, analyze};

use crate::mutate::JSON;
use crate::run::{Check, Target};

pub const TARGET: Target = Target { samples, mutations: JSON, check, a_minute: 260_000 };

const TABLES: [&str; 3] = [
    "CREATE TABLE orders (id BIGINT NOT NULL, customer STRING, price DECIMAL(10, 2), items ARRAY<ROW<a INT, b STRING>>, `at` TIMESTAMP_LTZ(3),
     `offset` BIGINT METADATA VIRTUAL, twice AS price * 2, WATERMARK FOR `at` AS `at` - INTERVAL '4' SECOND)",
    "CREATE TABLE totals (customer STRING NOT NULL, total DOUBLE, PRIMARY KEY (customer) NOT ENFORCED)",
    "CREATE TABLE clicks (customer STRING, url STRING, n DOUBLE, `at` TIMESTAMP_LTZ(3), WATERMARK FOR `at` AS `at`)",
];

const QUERIES: [&str; 9] = [
    "SELECT id, UPPER(customer), 0.1e0 + CAST(price AS DOUBLE), CASE WHEN price > 3 THEN 'a' ELSE NULL END FROM orders WHERE customer LIKE 'x%' AND id IN (1, 2, 3)",
    "INSERT INTO clicks SELECT customer, 'u', 1.5e0, `at` FROM orders",
    "INSERT INTO totals SELECT customer, SUM(n) FROM clicks WHERE customer IS NOT NULL GROUP BY customer",
    "SELECT customer, COUNT(DISTINCT url) FILTER (WHERE n > 1), SUM(n) FROM clicks GROUP BY customer",
    "SELECT window_start, customer, MAX(n) FROM TABLE(HOP(TABLE clicks, DESCRIPTOR(`at`), INTERVAL '2' SECOND, INTERVAL '10' SECOND))
     GROUP BY window_start, window_end, customer",
    "SELECT c.url, t.total FROM clicks c JOIN totals FOR SYSTEM_TIME AS OF c.`at` AS t ON c.customer = t.customer",
    "EXECUTE STATEMENT SET BEGIN INSERT INTO clicks SELECT customer, 'u', 1e0, `at` FROM orders; INSERT INTO clicks SELECT * FROM clicks; END",
    "SELECT customer FROM clicks UNION ALL SELECT customer FROM orders",
    "SELECT window_end, COUNT(*) FROM TABLE(CUMULATE(TABLE clicks, DESCRIPTOR(`at`), INTERVAL '1' MINUTE, INTERVAL '1' HOUR))
     GROUP BY window_start, window_end",
];

#[derive(Default)]
struct Catalog(Vec<Arc<Table>>);

impl Tables for Catalog {
    fn catalog(&self, name: &str) -> Option<String> {
        Some(name.to_owned())
    }

    fn database(&self, _catalog: &str, name: &str) -> Option<String> {
        Some(name.to_owned())
    }

    fn table(&self, path: &TablePath) -> Option<Arc<Table>> {
        self.0.iter().find(|table| table.path == *path).cloned()
    }
}

impl Catalog {
    fn analyze(&self, sql: &str) -> Action {
        let statement = nutkin_sql::parse_statement(sql).unwrap();
        let found = analyze(&statement, sql, &Session::new("environment", "cluster"), self);
        let Analyzed { action, .. } = found.unwrap_or_else(|error| panic!("{sql}\n{error}"));
        action
    }
}

fn frozen(table: CreateTable) -> Table {
    let fields =
        table.columns.iter().map(|column| FieldBinding { column: column.name.clone(), field: column.name.clone() });
    let schema = FrozenSchema {
        subject: "orders-value".to_owned(),
        id: 7,
        version: 1,
        text: "\"int\"".to_owned(),
        references: vec![("other".to_owned(), "\"long\"".to_owned())],
    };
    let value = Format {
        kind: FormatKind::AvroRegistry,
        schema: Some(schema),
        fields: fields.collect(),
        is_atomic: false,
        debezium: false,
    };
    let topic = KafkaTable {
        cluster_id: "lkc-1".to_owned(),
        registry_id: "lsrc-1".to_owned(),
        topic: table.path.name.clone(),
        partitions: 6,
        key: None,
        value,
        isolation: IsolationLevel::ReadCommitted,
        startup: StartupMode::SpecificOffsets([(0, 3), (1, 4)].into()),
        bounded: BoundedMode::Timestamp(1_700_000_000_000),
        error_handling: ErrorHandling::Fail,
        compression: Compression::None,
    };
    let default = Watermark { column: "$rowtime".to_owned(), strategy: WatermarkStrategy::Source, is_default: true };
    Table {
        path: table.path,
        columns: table.columns,
        watermark: table.watermark.or(Some(default)),
        changelog_mode: if table.primary_key.is_some() { ChangelogMode::Upsert } else { ChangelogMode::Append },
        primary_key: table.primary_key,
        distribution: None,
        options: table.options,
        comment: table.comment,
        connector: Connector::Kafka(Box::new(topic)),
    }
}

fn samples() -> Vec<Vec<u8>> {
    let mut catalog = Catalog::default();
    for ddl in TABLES {
        let Action::CreateTable(table) = catalog.analyze(ddl) else { panic!("{ddl}") };
        catalog.0.push(Arc::new(frozen(*table)));
    }
    let plan = |sql: &&str| match catalog.analyze(sql) {
        Action::Run(execution) => execution.plan.to_json().unwrap().into_bytes(),
        other => panic!("{sql}: {other:?}"),
    };
    QUERIES.iter().map(plan).collect()
}

fn check() -> Check {
    Box::new(|input| {
        let Ok(plan) = Plan::from_json(&String::from_utf8_lossy(input)) else { return false };
        plan.check().unwrap();
        let again = Plan::from_json(&plan.to_json().unwrap()).unwrap();
        assert_eq!(again, plan);
        for position in 0..plan.nodes.len() {
            assert!(plan.consumers(position).all(|consumer| consumer > position));
        }
        assert!(plan.sinks().all(|sink| sink < plan.nodes.len()));
        true
    })
}
