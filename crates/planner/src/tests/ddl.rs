//! CREATE TABLE and CREATE TABLE AS (spec D-01 to D-06), SHOW, DESCRIBE, USE.

use std::sync::Arc;

use nutkin_plan::table::{ColumnKind, MetadataKey, WatermarkStrategy};
use nutkin_plan::{ChangelogMode, Operator};
use nutkin_sql::ast::Statement;

use super::support::{Catalog, frozen, session};
use crate::{Action, CreateTable, Show, analyze_expression, plan_create_table_as, table_schema};

fn create(catalog: &Catalog, sql: &str) -> CreateTable {
    match catalog.analyze(sql).unwrap().action {
        Action::CreateTable(table) => *table,
        other => panic!("{other:?}"),
    }
}

#[test]
fn columns_keep_kind_type_and_canonical_text() {
    let table = create(
        &Catalog::default(),
        "CREATE TABLE IF NOT EXISTS t (
           id INT COMMENT 'the id',
           price DECIMAL(10, 2),
           quantity INT NOT NULL,
           cost AS price * quantity,
           happened TIMESTAMP_LTZ(3) METADATA FROM 'timestamp',
           part INT NOT NULL METADATA FROM 'partition' VIRTUAL,
           ts AS TO_TIMESTAMP(upper('2020-01-01 00:00:00')),
           WATERMARK FOR ts AS ts - INTERVAL '5' SECOND,
           PRIMARY KEY (id) NOT ENFORCED
         ) COMMENT 'c' DISTRIBUTED BY (id) INTO 3 BUCKETS WITH ('kafka.retention.time' = '0')",
    );
    assert!(table.if_not_exists);
    let column = |name: &str| table.columns.iter().find(|column| column.name == name).unwrap();
    assert_eq!(column("id").data_type.to_string(), "INT NOT NULL", "a primary key is NOT NULL");
    assert_eq!(column("id").comment.as_deref(), Some("the id"));
    assert_eq!(column("cost").kind, ColumnKind::Computed { expression: "`price` * `quantity`".to_owned() });
    assert_eq!(column("cost").data_type.to_string(), "DECIMAL(21, 2)");
    assert_eq!(column("happened").kind, ColumnKind::Metadata { key: MetadataKey::Timestamp, is_virtual: false });
    assert_eq!(column("part").kind, ColumnKind::Metadata { key: MetadataKey::Partition, is_virtual: true });
    assert_eq!(
        column("ts").kind,
        ColumnKind::Computed { expression: "TO_TIMESTAMP(UPPER('2020-01-01 00:00:00'))".to_owned() }
    );
    let watermark = table.watermark.unwrap();
    assert_eq!(watermark.column, "ts");
    assert_eq!(watermark.strategy, WatermarkStrategy::Expression("`ts` - INTERVAL '5' SECOND".to_owned()));
    assert_eq!(table.primary_key.unwrap().name, "PK_id");
    let distribution = table.distribution.unwrap();
    assert_eq!((distribution.keys, distribution.buckets), (vec!["id".to_owned()], Some(3)));
    assert_eq!(table.options["kafka.retention.time"], "0");
}

#[test]
fn a_table_as_seen_by_queries_has_its_system_column_last() {
    let table = Catalog::default().table_of("CREATE TABLE t (a INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)");
    let schema = table_schema(&table).unwrap();
    let columns: Vec<String> = schema.columns.iter().map(|c| format!("{} {}", c.name, c.summary())).collect();
    assert_eq!(columns, ["a INT", "ts TIMESTAMP(3) *ROWTIME*", "$rowtime TIMESTAMP_LTZ(3) NOT NULL"]);
    let table = Catalog::default().table_of("CREATE TABLE t (a INT)");
    let schema = table_schema(&table).unwrap();
    assert_eq!(schema.columns[1].summary(), "TIMESTAMP_LTZ(3) *ROWTIME* NOT NULL");
}

#[test]
fn expressions_of_definitions_can_be_typed_alone() {
    let table = Catalog::default().table_of("CREATE TABLE t (a INT NOT NULL, b BIGINT)");
    let analyzed = analyze_expression("a+coalesce(b,0)", &table.columns).unwrap();
    assert_eq!(analyzed.expr.data_type.to_string(), "BIGINT NOT NULL");
    assert_eq!(analyzed.text, "`a` + COALESCE(`b`, 0)");
    assert_eq!(analyze_expression("nope", &table.columns).unwrap_err().code(), "NUTKIN-2001");
}

/// New columns first, then the query's, with the types that are written (D-06).
#[test]
fn create_table_as_merges_columns() {
    let catalog = Catalog::marketplace();
    let table = create(
        &catalog,
        "CREATE TABLE t (note STRING, price DECIMAL(10, 2), doubled AS price * 2)
         AS SELECT order_id, CAST(price AS DECIMAL(5, 2)) AS price FROM examples.marketplace.orders",
    );
    let columns: Vec<String> = table.columns.iter().map(|c| format!("{} {}", c.name, c.data_type)).collect();
    assert_eq!(
        columns,
        [
            "note VARCHAR(2147483647)",
            "doubled DECIMAL(21, 2)",
            "order_id VARCHAR(2147483647) NOT NULL",
            "price DECIMAL(10, 2)"
        ]
    );
    let query = table.as_query.unwrap();
    assert!(query.is_append_only);
    assert_eq!(query.upsert_key, None);
}

#[test]
fn create_table_as_can_reorder_columns() {
    let table = create(
        &Catalog::marketplace(),
        "CREATE TABLE t (price, order_id) AS SELECT order_id, price FROM examples.marketplace.orders",
    );
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["price", "order_id"]);
}

#[test]
fn create_table_as_is_planned_into_the_table_that_was_made() {
    let catalog = Catalog::marketplace();
    let sql = "CREATE TABLE t (PRIMARY KEY (customer_id) NOT ENFORCED)
               AS SELECT customer_id, COUNT(*) AS n FROM examples.marketplace.orders GROUP BY customer_id";
    let table = create(&catalog, sql);
    assert_eq!(table.as_query.as_ref().unwrap().upsert_key.as_deref(), Some(&["customer_id".to_owned()][..]));
    let Ok(Statement::CreateTable(statement)) = nutkin_sql::parse_statement(sql) else { panic!() };
    let table = Arc::new(frozen(table));
    let execution = plan_create_table_as(&statement, sql, &session(), &catalog, Arc::clone(&table)).unwrap();
    let sink = execution.plan.nodes.last().unwrap();
    assert_eq!(sink.changelog_mode, ChangelogMode::Upsert);
    assert!(matches!(&sink.operator, Operator::Sink(sink) if !sink.upsert_materialize));
    assert!(!execution.is_append_only);
}

#[test]
fn names_are_resolved_by_name_or_id() {
    let catalog = Catalog::marketplace();
    let show = |sql: &str| match catalog.analyze(sql).unwrap().action {
        Action::Show(show) => show,
        other => panic!("{other:?}"),
    };
    let expected = Show::Tables { catalog: "catalog".to_owned(), database: "database".to_owned(), filter: None };
    assert_eq!(show("SHOW TABLES"), expected);
    assert_eq!(show("SHOW TABLES FROM `env-1`.`lkc-1`"), expected);
    assert!(
        matches!(show("SHOW CREATE TABLE examples.marketplace.orders"), Show::CreateTable { path } if path.name == "orders")
    );
    let kind = catalog.analyze("SHOW TABLES").unwrap().kind;
    assert_eq!(kind.to_string(), "SHOW_TABLES");
}
