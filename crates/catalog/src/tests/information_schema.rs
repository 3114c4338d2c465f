//! `INFORMATION_SCHEMA` (spec Q-17, clients section 1): what real clients ask, and what is refused.

use nutkin_plan::Operator;

use super::support::{Done, ENVIRONMENT, World};
use crate::{Outcome, Sees, StatementRequest};

async fn world() -> World {
    let world = World::new().await;
    world
        .done(
            "CREATE TABLE orders (id INT, name STRING COMMENT 'who', at_ TIMESTAMP_LTZ(3) NOT NULL METADATA FROM 'timestamp', \
             twice AS id * 2, PRIMARY KEY (id) NOT ENFORCED) COMMENT 'all of them' DISTRIBUTED INTO 4 BUCKETS",
        )
        .await;
    world.done("CREATE TABLE flat (a STRING)").await;
    world.done("CREATE VIEW cheap AS SELECT id, name FROM orders WHERE id < 10").await;
    world
}

/// Of a query that names the schema through the id of the catalog.
async fn rows(world: &World, sql: &str) -> Vec<Vec<String>> {
    let done = world.done(sql).await;
    assert_eq!(done.traits.sql_kind, "SELECT", "{sql}");
    assert!(done.traits.is_bounded && done.traits.is_append_only, "{sql}");
    done.rows()
}

#[tokio::test]
async fn catalogs_and_databases_are_listed() {
    let world = world().await;
    let all = rows(&world, "SELECT `CATALOG_ID`, `CATALOG_NAME` FROM `env-1`.`INFORMATION_SCHEMA`.`CATALOGS`").await;
    assert_eq!(all, [["env-1", "prod"], ["env-2", "test"], ["cat-examples", "examples"]]);
    let own = rows(&world, "SELECT * FROM INFORMATION_SCHEMA.INFORMATION_SCHEMA_CATALOG_NAME").await;
    assert_eq!(own, [["env-1", "prod"]]);
    let sql = "/* {\"app\": \"dbt\"} */ SELECT\n SCHEMA_NAME as schema\n FROM `env-1`.`INFORMATION_SCHEMA`.`SCHEMATA`\n WHERE `SCHEMA_NAME` <> 'INFORMATION_SCHEMA'";
    assert_eq!(rows(&world, sql).await, [["cluster_0"]]);
    let sql = "SELECT `SCHEMA_ID`, `SCHEMA_NAME` FROM `env-1`.`INFORMATION_SCHEMA`.`DATABASES`";
    assert_eq!(rows(&world, sql).await, [["lkc-1", "cluster_0"], ["db-information-schema", "INFORMATION_SCHEMA"]]);
    world.end().await;
}

/// What dbt, mcp and the Table API send.
#[tokio::test]
async fn tables_and_views_are_listed() {
    let world = world().await;
    let sql = "SELECT TABLE_CATALOG_ID as database, TABLE_NAME as name, TABLE_SCHEMA as schema, TABLE_TYPE as type FROM INFORMATION_SCHEMA.`TABLES` WHERE TABLE_CATALOG_ID = 'env-1' AND TABLE_SCHEMA = 'cluster_0'";
    let done = world.done(sql).await;
    assert_eq!(done.headings(), ["database", "name", "schema", "type"]);
    let line = |name, kind| ["env-1", name, "cluster_0", kind].map(str::to_owned).to_vec();
    assert_eq!(done.rows(), [line("cheap", "VIEW"), line("flat", "BASE TABLE"), line("orders", "BASE TABLE")]);
    let sql = "SELECT `TABLE_NAME` FROM `env-1`.`INFORMATION_SCHEMA`.`TABLES` WHERE `TABLE_SCHEMA_ID` = 'lkc-1'";
    assert_eq!(rows(&world, sql).await, [["cheap"], ["flat"], ["orders"]]);
    let sql = "SELECT `TABLE_TYPE`, `IS_DISTRIBUTED`, `DISTRIBUTION_ALGORITHM`, `DISTRIBUTION_BUCKETS`, `IS_WATERMARKED`, `WATERMARK_COLUMN`, `WATERMARK_EXPRESSION`, `WATERMARK_IS_HIDDEN`, `COMMENT` FROM `env-1`.`INFORMATION_SCHEMA`.`TABLES` WHERE `TABLE_NAME` = 'orders' OR `TABLE_NAME` = 'cheap'";
    let expected = [
        ["VIEW", "NO", "NULL", "NULL", "NO", "NULL", "NULL", "NULL", "NULL"],
        ["BASE TABLE", "YES", "HASH", "4", "YES", "$rowtime", "`SOURCE_WATERMARK`()", "YES", "all of them"],
    ];
    assert_eq!(rows(&world, sql).await, expected);
    let sql = "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.`TABLES` WHERE TABLE_SCHEMA = 'INFORMATION_SCHEMA'";
    assert_eq!(rows(&world, sql).await.len(), 11);
    world.end().await;
}

/// The hidden column of the default watermark must be there, or the Table API fails.
#[tokio::test]
async fn columns_keys_and_options_are_listed() {
    let world = world().await;
    let sql = "SELECT COLUMN_NAME, ORDINAL_POSITION, IS_NULLABLE, DATA_TYPE, FULL_DATA_TYPE, IS_HIDDEN, IS_GENERATED, GENERATION_EXPRESSION, IS_METADATA, METADATA_KEY, IS_PERSISTED, DISTRIBUTION_ORDINAL_POSITION, `COMMENT` FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'orders'";
    let expected = [
        ["id", "1", "NO", "INTEGER", "INT", "NO", "NO", "NULL", "NO", "NULL", "YES", "1", "NULL"],
        ["name", "2", "YES", "VARCHAR", "VARCHAR(2147483647)", "NO", "NO", "NULL", "NO", "NULL", "YES", "NULL", "who"],
        [
            "at_",
            "3",
            "NO",
            "TIMESTAMP_LTZ",
            "TIMESTAMP(3) WITH LOCAL TIME ZONE",
            "NO",
            "NO",
            "NULL",
            "YES",
            "timestamp",
            "YES",
            "NULL",
            "NULL",
        ],
        ["twice", "4", "NO", "INTEGER", "INT", "NO", "YES", "`id` * 2", "NO", "NULL", "NO", "NULL", "NULL"],
        [
            "$rowtime",
            "5",
            "NO",
            "TIMESTAMP_LTZ",
            "TIMESTAMP(3) WITH LOCAL TIME ZONE",
            "YES",
            "NO",
            "NULL",
            "YES",
            "timestamp",
            "NO",
            "NULL",
            "NULL",
        ],
    ];
    assert_eq!(rows(&world, sql).await, expected);
    let sql = "SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'cheap'";
    assert_eq!(rows(&world, sql).await, [["id"], ["name"]]);
    let sql =
        "SELECT TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, ORDINAL_POSITION FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE";
    assert_eq!(rows(&world, sql).await, [["orders", "PK_id", "id", "1"]]);
    let sql = "SELECT CONSTRAINT_TYPE, ENFORCED FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = 'cluster_0'";
    assert_eq!(rows(&world, sql).await, [["PRIMARY KEY", "NO"]]);
    let sql = "SELECT OPTION_VALUE FROM INFORMATION_SCHEMA.TABLE_OPTIONS WHERE TABLE_NAME = 'orders' AND OPTION_KEY = 'changelog.mode'";
    assert_eq!(rows(&world, sql).await, [["upsert"]]);
    assert!(rows(&world, "SELECT * FROM INFORMATION_SCHEMA.ROUTINES").await.is_empty());
    world.end().await;
}

/// The Table API reads a table with one query of four parts; the DB-API sends it as a snapshot query.
#[tokio::test]
async fn views_are_read_together_by_union_all() {
    let world = world().await;
    let sql = "(SELECT `TABLE_TYPE` AS `T`, CAST(NULL AS STRING) AS `C`, CAST(NULL AS INT) AS `P`, 'T' AS `KIND` FROM `env-1`.`INFORMATION_SCHEMA`.`TABLES` WHERE `TABLE_SCHEMA_ID` = 'lkc-1' AND `TABLE_NAME` = 'orders')\nUNION ALL\n(SELECT CAST(NULL AS STRING) AS `T`, `COLUMN_NAME` AS `C`, `ORDINAL_POSITION` AS `P`, 'C' AS `KIND` FROM `env-1`.`INFORMATION_SCHEMA`.`COLUMNS` WHERE `TABLE_SCHEMA_ID` = 'lkc-1' AND `TABLE_NAME` = 'orders' AND IS_HIDDEN = 'NO')\nUNION ALL\n(SELECT CAST(NULL AS STRING) AS `T`, `COLUMN_NAME` AS `C`, `ORDINAL_POSITION` AS `P`, 'K' AS `KIND` FROM `env-1`.`INFORMATION_SCHEMA`.`KEY_COLUMN_USAGE` WHERE `TABLE_SCHEMA_ID` = 'lkc-1' AND `TABLE_NAME` = 'orders')\nUNION ALL\n(SELECT `OPTION_KEY` AS `T`, `OPTION_VALUE` AS `C`, CAST(NULL AS INT) AS `P`, 'O' AS `KIND` FROM `env-1`.`INFORMATION_SCHEMA`.`TABLE_OPTIONS` WHERE `TABLE_SCHEMA_ID` = 'lkc-1' AND `TABLE_NAME` = 'orders' AND OPTION_KEY <> 'connector')";
    let mut properties = World::properties();
    properties.insert("sql.snapshot.mode".to_owned(), "now".to_owned());
    let outcome = world.submit_with("s", sql, properties).await;
    let Ok(Outcome::Executed { traits, result, detail, .. }) = outcome else { panic!("{outcome:?}") };
    let done = Done { traits, result, detail };
    let types: Vec<String> =
        done.traits.schema.as_ref().unwrap().columns.iter().map(|column| column.data_type.to_string()).collect();
    assert_eq!(types[2], "INT");
    let rows = done.rows();
    assert_eq!(rows[0], ["BASE TABLE", "NULL", "NULL", "T"]);
    assert_eq!(rows[1], ["NULL", "id", "1", "C"]);
    assert_eq!(rows[5], ["NULL", "id", "1", "K"]);
    assert!(
        rows.iter().any(|row| row[..2] == ["changelog.mode", "upsert"]) && rows.iter().all(|row| row[0] != "connector")
    );
    world.end().await;
}

#[tokio::test]
async fn conditions_choose_rows() {
    let world = world().await;
    let count = async |condition: &str| {
        let sql = format!("SELECT TABLE_NAME FROM INFORMATION_SCHEMA.`TABLES` WHERE {condition}");
        rows(&world, &sql).await.len()
    };
    assert_eq!(count("TABLE_SCHEMA <> 'INFORMATION_SCHEMA' AND `COMMENT` IS NULL").await, 2);
    assert_eq!(count("`COMMENT` IS NOT NULL").await, 1);
    assert_eq!(count("TABLE_NAME = 'orders' AND TABLE_SCHEMA = 'elsewhere'").await, 0);
    assert_eq!(count("TABLE_NAME = 'orders' OR DISTRIBUTION_BUCKETS = 6").await, 2);
    assert_eq!(count("CAST(TABLE_NAME AS VARCHAR(3)) = 'ord'").await, 1, "a cast that cuts is no name");
    let limited = rows(&world, "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.`TABLES` LIMIT 2").await;
    assert_eq!(limited.len(), 2);
    world.end().await;
}

#[tokio::test]
async fn other_queries_are_refused() {
    let world = world().await;
    world.done("CREATE VIEW listed AS SELECT TABLE_NAME FROM INFORMATION_SCHEMA.`TABLES`").await;
    for (sql, text) in [
        (
            "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.`TABLES` UNION ALL SELECT a FROM flat",
            "cannot be used together with",
        ),
        ("INSERT INTO flat SELECT TABLE_NAME FROM INFORMATION_SCHEMA.`TABLES`", "cannot be used together with"),
        ("SELECT `$rowtime` FROM INFORMATION_SCHEMA.`TABLES`", "has no column `$rowtime`"),
        ("CREATE TABLE copied AS SELECT TABLE_NAME FROM INFORMATION_SCHEMA.`TABLES`", "can only be read by a SELECT"),
        ("CREATE TABLE copied AS SELECT TABLE_NAME FROM listed", "can only be read by a SELECT"),
        ("EXPLAIN INSERT INTO flat SELECT TABLE_NAME FROM listed", "cannot be used together with"),
    ] {
        let error = world.error(sql).await;
        assert!(error.starts_with("NUTKIN-3211") && error.contains(text), "{sql}: {error}");
    }
    assert!(!world.has_topic("copied").await);
    for sql in ["CREATE TABLE INFORMATION_SCHEMA.t (a INT)", "DROP TABLE INFORMATION_SCHEMA.`TABLES`"] {
        let error = world.error(sql).await;
        assert!(error.starts_with("NUTKIN-3206"), "{error}");
    }
    assert!(world.error("SELECT * FROM INFORMATION_SCHEMA.NOTHING").await.starts_with("NUTKIN-2001"));
    assert_eq!(world.done("SHOW TABLES IN INFORMATION_SCHEMA").await.names().len(), 11);
    world.end().await;
}

/// Who may see only one environment finds no other.
#[tokio::test]
async fn rows_are_those_that_the_asker_may_see() {
    let world = world().await;
    let ask = async |sql: &str| {
        let request = StatementRequest {
            uid: "u".to_owned(),
            name: "u".to_owned(),
            sql: sql.to_owned(),
            properties: World::properties(),
            environment: ENVIRONMENT.to_owned(),
            sees: Sees::Environment(ENVIRONMENT.to_owned()),
        };
        world.catalog.submit(request).await
    };
    for sql in ["SELECT CATALOG_NAME FROM INFORMATION_SCHEMA.`CATALOGS`", "SHOW CATALOGS"] {
        let Ok(Outcome::Executed { result, .. }) = ask(sql).await else { panic!("{sql}") };
        let names: Vec<Option<&str>> = result.rows.iter().map(|row| row[0].as_deref()).collect();
        assert_eq!(names, [Some("prod"), Some("examples")], "{sql}");
    }
    let error = ask("SELECT * FROM test.INFORMATION_SCHEMA.`TABLES`").await.unwrap_err().to_string();
    assert!(error.contains("Catalog 'test' not found"), "{error}");
    world.end().await;
}

/// What sorts and groups goes to a compute pool, with the rows in the plan.
#[tokio::test]
async fn aggregates_and_orders_are_jobs_over_known_rows() {
    let world = world().await;
    for (sql, rows) in [
        (
            "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.`TABLES` WHERE TABLE_SCHEMA = 'cluster_0' ORDER BY TABLE_NAME DESC",
            3,
        ),
        ("SELECT COUNT(*) FROM INFORMATION_SCHEMA.`TABLES` WHERE TABLE_SCHEMA = 'cluster_0'", 3),
        (
            "SELECT TABLE_TYPE, COUNT(*) FROM INFORMATION_SCHEMA.`TABLES` WHERE TABLE_SCHEMA = 'cluster_0' GROUP BY TABLE_TYPE",
            3,
        ),
        (
            "SELECT DISTINCT DATA_TYPE FROM INFORMATION_SCHEMA.`COLUMNS` WHERE TABLE_NAME = 'orders' ORDER BY DATA_TYPE LIMIT 1",
            5,
        ),
    ] {
        let (traits, plan) = world.job(sql).await;
        assert!(traits.is_bounded && traits.is_append_only && traits.schema.is_some(), "{sql}: {traits:?}");
        assert!(plan.tables.is_empty(), "{sql}");
        let found = plan.nodes.iter().find_map(|node| match &node.operator {
            Operator::Values(values) => Some(values.rows.len()),
            _ => None,
        });
        assert_eq!(found, Some(rows), "{sql}");
    }
    // No column is read, and still every row counts.
    let ones = rows(&world, "SELECT 1 FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'cluster_0'").await;
    let (_, plan) = world.job("SELECT COUNT(*) FROM INFORMATION_SCHEMA.COLUMNS").await;
    let counted = plan.nodes.iter().find_map(|node| match &node.operator {
        Operator::Values(values) => Some(values.rows.len()),
        _ => None,
    });
    assert!(ones.len() > 5 && counted > Some(ones.len()), "{} {counted:?}", ones.len());
    let ones = rows(&world, "SELECT 1 FROM INFORMATION_SCHEMA.TABLE_OPTIONS").await;
    assert!(ones.len() > 5, "{}", ones.len());
    world.done("EXPLAIN SELECT TABLE_NAME FROM INFORMATION_SCHEMA.`TABLES` ORDER BY TABLE_NAME").await;
    let error = world.error("SELECT a.TABLE_NAME FROM INFORMATION_SCHEMA.`TABLES` a JOIN INFORMATION_SCHEMA.`COLUMNS` b ON a.TABLE_NAME = b.TABLE_NAME").await;
    assert!(error.starts_with("NUTKIN-3211: INFORMATION_SCHEMA cannot be read with StreamJoin yet"), "{error}");
    world.end().await;
}

/// Four scans of the same table read its record once, and a list of names reads none.
#[tokio::test]
async fn everything_is_read_once_per_statement() {
    let world = world().await;
    let reads = async |sql: &str| {
        world.parts.reads.lock().clear();
        world.done(sql).await;
        let mut reads = world.parts.reads.lock().clone();
        reads.sort();
        reads
    };
    let part =
        |view: &str| format!("SELECT TABLE_NAME FROM INFORMATION_SCHEMA.`{view}` WHERE TABLE_SCHEMA = 'cluster_0'");
    let parts = ["TABLES", "COLUMNS", "TABLE_OPTIONS", "KEY_COLUMN_USAGE"].map(part);
    let found = reads(&parts.join(" UNION ALL ")).await;
    assert_eq!(found, ["$views", "$views", "$without-topic", "cheap", "flat", "orders"]);
    assert_eq!(reads(&part("TABLES")).await, ["$views", "$views", "$without-topic"]);
    world.end().await;
}
