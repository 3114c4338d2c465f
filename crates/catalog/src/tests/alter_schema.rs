//! ALTER TABLE ADD, MODIFY and DROP of columns and primary key (spec D-08, D-04, sql.md 2.4 no. 10).

use nutkin_plan::ChangelogMode;
use nutkin_plan::table::WatermarkStrategy;

use super::inference::{columns, frozen, kafka, option, record};
use super::support::World;
use crate::{Catalog, Options};

/// Names of the columns in order.
async fn names(world: &World, table: &str) -> Vec<String> {
    frozen(world, table).await.columns.into_iter().map(|column| column.name).collect()
}

async fn fails(world: &World, cases: &[(&str, &str, &str)]) {
    for (sql, code, cause) in cases {
        let error = world.error(sql).await;
        assert!(error.starts_with(code) && error.contains(cause), "{sql}: {error}");
    }
}

/// The documented example: headers read, then also written, then with another type.
#[tokio::test]
async fn metadata_columns_are_modified() {
    let world = World::new().await;
    world.done("CREATE TABLE t_headers (i INT)").await;
    world.done("ALTER TABLE t_headers ADD headers MAP<BYTES, BYTES> METADATA VIRTUAL COMMENT 'as sent'").await;
    let line = |rows: Vec<Vec<String>>| rows.into_iter().find(|row| row[0] == "headers").unwrap();
    assert_eq!(line(world.describe("t_headers").await)[1..], ["MAP<BYTES, BYTES>", "NULL", "METADATA VIRTUAL"]);
    world.done("ALTER TABLE t_headers MODIFY headers MAP<BYTES, BYTES> METADATA").await;
    assert_eq!(line(world.describe("t_headers").await)[3], "METADATA");
    world.done("ALTER TABLE t_headers MODIFY headers MAP<STRING, STRING> METADATA").await;
    assert_eq!(line(world.describe("t_headers").await)[1], "MAP<STRING, STRING>");
    let shown = world.show("t_headers").await;
    let expected = "`headers` MAP<VARCHAR(2147483647), VARCHAR(2147483647)> METADATA COMMENT 'as sent'";
    assert!(shown.contains(expected), "{shown}");
    world.job("INSERT INTO t_headers SELECT 42, MAP['k1', 'v1', 'k2', 'v2']").await;
    // Another key, and a computed column in the place of a metadata one.
    world
        .done("ALTER TABLE t_headers MODIFY headers INT NOT NULL METADATA FROM 'partition' VIRTUAL COMMENT 'where'")
        .await;
    let shown = world.show("t_headers").await;
    assert!(shown.contains("`headers` INT NOT NULL METADATA FROM 'partition' VIRTUAL COMMENT 'where'"), "{shown}");
    world.done("ALTER TABLE t_headers MODIFY headers AS i * 3").await;
    let shown = world.show("t_headers").await;
    assert!(shown.contains("`headers` AS `i` * 3 COMMENT 'where'"), "{shown}");
    fails(
        &world,
        &[
            ("ALTER TABLE t_headers MODIFY headers INT METADATA FROM 'offset'", "NUTKIN-2008", "read-only"),
            ("ALTER TABLE t_headers MODIFY headers INT METADATA FROM 'headers'", "NUTKIN-3205", "does not fit"),
            ("ALTER TABLE t_headers ADD w DATE METADATA FROM 'partition' VIRTUAL", "NUTKIN-3205", "does not fit"),
            ("ALTER TABLE t_headers MODIFY nothing AS i", "NUTKIN-2008", "Try to modify a column `nothing` which does"),
            ("ALTER TABLE t_headers MODIFY headers INT", "NUTKIN-2008", "cannot become a physical column"),
            ("ALTER TABLE t_headers MODIFY i AS 1", "NUTKIN-2008", "cannot become a metadata or computed column"),
            ("ALTER TABLE t_headers MODIFY i BIGINT", "NUTKIN-2008", "Evolve the schema in Schema Registry"),
        ],
    )
    .await;
    world.end().await;
}

/// Several at once, and where they stand; the order is kept by a new service over the same records.
#[tokio::test]
async fn columns_are_placed_first_and_after() {
    let mut world = World::new().await;
    world.topic("t", 2, &[]).await;
    world.avro("t-value", &record(r#"{"name": "uid", "type": "int"}, {"name": "name", "type": "string"}"#)).await;
    world
        .done("ALTER TABLE t ADD (part INT METADATA FROM 'partition' VIRTUAL FIRST, twice AS uid * 2 AFTER uid, last AS 'x')")
        .await;
    assert_eq!(names(&world, "t").await, ["part", "key", "uid", "twice", "name", "last"]);
    world.done("ALTER TABLE t MODIFY (last AS part + 1 FIRST, twice AS uid + uid)").await;
    assert_eq!(names(&world, "t").await, ["last", "part", "key", "uid", "twice", "name"]);
    world.done("ALTER TABLE t MODIFY part INT METADATA FROM 'partition' VIRTUAL AFTER `name`").await;
    let expected = ["last", "key", "uid", "twice", "name", "part"];
    assert_eq!(names(&world, "t").await, expected);
    world.catalog = Catalog::new(Options::default(), world.parts.clone(), world.parts.clone());
    assert_eq!(names(&world, "t").await, expected);
    // What the schema gains stands after the columns that it had.
    let evolved = r#"{"name": "uid", "type": "int"}, {"name": "name", "type": "string"}, {"name": "more", "type": ["null", "int"], "default": null}"#;
    world.avro("t-value", &record(evolved)).await;
    assert_eq!(names(&world, "t").await, ["last", "key", "uid", "twice", "name", "more", "part"]);
    let listed = world
        .done("SELECT COLUMN_NAME FROM `INFORMATION_SCHEMA`.`COLUMNS` WHERE TABLE_NAME = 't' AND TABLE_SCHEMA = 'cluster_0'")
        .await;
    assert_eq!(listed.names(), ["last", "key", "uid", "twice", "name", "more", "part", "$rowtime"]);
    fails(
        &world,
        &[
            ("ALTER TABLE t ADD x AS 1 AFTER nothing", "NUTKIN-2008", "Referenced column `nothing` by 'AFTER'"),
            ("ALTER TABLE t ADD (x AS 1, x AS 2)", "NUTKIN-2008", "already exists"),
            ("ALTER TABLE t ADD uid AS 1", "NUTKIN-2008", "Try to add a column `uid` which already exists"),
            ("ALTER TABLE t ADD (x AS 1, y INT)", "NUTKIN-2008", "Physical column 'y' cannot be added"),
            ("ALTER TABLE t ADD x AS nowhere", "NUTKIN-2001", "nowhere"),
            ("ALTER TABLE t ADD DISTRIBUTION BY (uid) INTO 3 BUCKETS", "NUTKIN-2007", "cannot be changed"),
        ],
    )
    .await;
    world.end().await;
}

/// 2.4 "Enrich a column that has no Schema Registry information": a raw key or value has any atomic type.
#[tokio::test]
async fn raw_columns_get_a_type() {
    let world = World::new().await;
    world.topic("t", 1, &[]).await;
    world.avro("t-value", &record(r#"{"name": "uid", "type": "int"}"#)).await;
    world.done("ALTER TABLE t MODIFY key STRING").await;
    let table = frozen(&world, "t").await;
    assert_eq!(columns(&table).0, ["key VARCHAR(2147483647)", "uid INT NOT NULL"]);
    assert_eq!((option(&table, "key.format"), option(&table, "changelog.mode")), (Some("raw"), Some("append")));
    world.job("INSERT INTO t VALUES ('k', 1)").await;
    world.done("ALTER TABLE t MODIFY key BIGINT NOT NULL COMMENT 'number'").await;
    world.done("ALTER TABLE t ADD succ AS key + 1").await;
    let shown = world.show("t").await;
    assert!(
        shown.contains("`key` BIGINT NOT NULL COMMENT 'number'") && shown.contains("`succ` AS `key` + 1"),
        "{shown}"
    );
    assert_eq!(frozen(&world, "t").await.columns[2].data_type.to_string(), "BIGINT NOT NULL");
    // Computed columns follow; what they cannot be any more is refused.
    world.done("ALTER TABLE t MODIFY key INT").await;
    assert_eq!(frozen(&world, "t").await.columns[2].data_type.to_string(), "INT");
    fails(
        &world,
        &[
            ("ALTER TABLE t MODIFY key BOOLEAN", "NUTKIN-2003", "Computed column 'succ' reads what is changed"),
            ("ALTER TABLE t MODIFY (succ AS 1, key ARRAY<INT>)", "NUTKIN-3001", "ARRAY<INT>"),
            ("ALTER TABLE t MODIFY (succ AS 1, key ROW<a INT>)", "NUTKIN-3001", "ROW"),
            ("ALTER TABLE t MODIFY uid BIGINT", "NUTKIN-2008", "Physical column 'uid' cannot be modified"),
            ("ALTER TABLE t DROP key", "NUTKIN-2008", "Physical column 'key' cannot be dropped"),
        ],
    )
    .await;
    // A schema that is registered later says the type.
    world.avro("t-key", r#""long""#).await;
    assert_eq!(frozen(&world, "t").await.columns[0].data_type.to_string(), "BIGINT NOT NULL");
    // Both sides raw; a created table too.
    world.topic("bare", 1, &[]).await;
    world.done("ALTER TABLE bare MODIFY (key INT, val STRING)").await;
    assert_eq!(columns(&frozen(&world, "bare").await).0, ["key INT", "val VARCHAR(2147483647)"]);
    world.done("CREATE TABLE made (v INT) WITH ('value.format' = 'raw')").await;
    world.done("ALTER TABLE made MODIFY v DOUBLE").await;
    assert_eq!(columns(&frozen(&world, "made").await).0, ["v DOUBLE"]);
    world.end().await;
}

/// What something reads stays, and the reader is named; both together may go.
#[tokio::test]
async fn columns_with_readers_are_not_dropped() {
    let world = World::new().await;
    world
        .done(
            "CREATE TABLE t (ms BIGINT, off BIGINT METADATA FROM 'offset' VIRTUAL, succ AS off + 1, \
             happened AS TO_TIMESTAMP_LTZ(ms, 3), slack INT METADATA FROM 'partition' VIRTUAL, \
             WATERMARK FOR happened AS happened - INTERVAL '1' SECOND * slack)",
        )
        .await;
    fails(
        &world,
        &[
            ("ALTER TABLE t DROP off", "NUTKIN-2008", "The column `off` is referenced by computed column `succ`."),
            (
                "ALTER TABLE t DROP happened",
                "NUTKIN-2008",
                "The column `happened` is referenced by watermark expression",
            ),
            ("ALTER TABLE t DROP slack", "NUTKIN-2008", "The column `slack` is referenced by watermark expression"),
            ("ALTER TABLE t DROP (succ, ms)", "NUTKIN-2008", "Physical column 'ms' cannot be dropped"),
            ("ALTER TABLE t DROP (succ, succ)", "NUTKIN-2008", "Duplicate column `succ`"),
            (
                "ALTER TABLE t MODIFY happened AS ms",
                "NUTKIN-2008",
                "The watermark on column `happened` reads what is changed",
            ),
        ],
    )
    .await;
    world.done("ALTER TABLE t DROP (off, succ)").await;
    assert_eq!(names(&world, "t").await, ["ms", "happened", "slack"]);
    // With the watermark on another column, the first one is free.
    world.done("ALTER TABLE t MODIFY (happened AS TO_TIMESTAMP_LTZ(ms, 0), WATERMARK FOR $rowtime AS $rowtime)").await;
    let watermark = frozen(&world, "t").await.watermark.unwrap();
    assert_eq!(watermark.strategy, WatermarkStrategy::Expression("`$rowtime`".to_owned()));
    world.done("ALTER TABLE t DROP (happened, slack)").await;
    assert_eq!(names(&world, "t").await, ["ms"]);
    world.end().await;
}

/// D-04: the key comes and goes; mode and buckets stay as they are and must fit.
#[tokio::test]
async fn primary_keys_are_added_and_dropped() {
    let world = World::new().await;
    world.done("CREATE TABLE t (k INT, l INT, v STRING, b AS k + 1) DISTRIBUTED BY (k) INTO 2 BUCKETS").await;
    fails(
        &world,
        &[
            ("ALTER TABLE t ADD PRIMARY KEY (l) NOT ENFORCED", "NUTKIN-3205", "'k' is not part of the primary key"),
            ("ALTER TABLE t ADD PRIMARY KEY (k)", "NUTKIN-2008", "NOT ENFORCED"),
            ("ALTER TABLE t ADD PRIMARY KEY (b) NOT ENFORCED", "NUTKIN-2008", "not a physical column"),
            ("ALTER TABLE t ADD UNIQUE (k) NOT ENFORCED", "NUTKIN-2008", "UNIQUE"),
            ("ALTER TABLE t MODIFY PRIMARY KEY (k) NOT ENFORCED", "NUTKIN-2008", "might want to add a new one"),
            ("ALTER TABLE t DROP PRIMARY KEY", "NUTKIN-2008", "does not define any primary key"),
            ("ALTER TABLE t SET ('changelog.mode' = 'upsert')", "NUTKIN-3204", "needs a primary key"),
        ],
    )
    .await;
    world.done("ALTER TABLE t ADD CONSTRAINT id PRIMARY KEY (k, l) NOT ENFORCED").await;
    let table = frozen(&world, "t").await;
    assert_eq!(columns(&table).0, ["k INT NOT NULL", "l INT NOT NULL", "v VARCHAR(2147483647)", "b INT NOT NULL"]);
    assert_eq!((table.primary_key.unwrap().name.as_str(), table.changelog_mode), ("id", ChangelogMode::Append));
    assert_eq!(world.describe("t").await[1][3], "PRIMARY KEY");
    let shown = world.show("t").await;
    assert!(shown.contains("CONSTRAINT `id` PRIMARY KEY (`k`, `l`) NOT ENFORCED"), "{shown}");
    fails(
        &world,
        &[
            ("ALTER TABLE t SET ('changelog.mode' = 'upsert')", "NUTKIN-3205", "must be the whole primary key"),
            ("ALTER TABLE t ADD PRIMARY KEY (k) NOT ENFORCED", "NUTKIN-2008", "already defined the primary key"),
            ("ALTER TABLE t DROP CONSTRAINT other", "NUTKIN-2008", "Available constraint name: ['id']"),
        ],
    )
    .await;
    world.done("ALTER TABLE t MODIFY PRIMARY KEY (k) NOT ENFORCED").await;
    world.done("ALTER TABLE t SET ('changelog.mode' = 'upsert')").await;
    assert_eq!(frozen(&world, "t").await.changelog_mode, ChangelogMode::Upsert);
    fails(&world, &[("ALTER TABLE t DROP PRIMARY KEY", "NUTKIN-3205", "'changelog.mode' is 'upsert'")]).await;
    world.done("ALTER TABLE t SET ('changelog.mode' = 'retract')").await;
    world.done("ALTER TABLE t DROP CONSTRAINT `PK_k`").await;
    let table = frozen(&world, "t").await;
    assert_eq!(table.primary_key, None);
    assert_eq!(columns(&table).0[3], "b INT", "what the key made NOT NULL is not any more");
    // Without the option a key means upsert again.
    world.done("CREATE TABLE u (k INT PRIMARY KEY NOT ENFORCED) WITH ('changelog.mode' = 'append')").await;
    world.done("ALTER TABLE u RESET ('changelog.mode')").await;
    assert_eq!(frozen(&world, "u").await.changelog_mode, ChangelogMode::Upsert);
    world.end().await;
}

/// The same of a topic that nobody created, and of one that is compacted.
#[tokio::test]
async fn primary_keys_of_inferred_tables() {
    let world = World::new().await;
    world.topic("t", 1, &[]).await;
    world.avro("t-key", &record(r#"{"name": "id", "type": "int"}"#)).await;
    world.avro("t-value", &record(r#"{"name": "v", "type": "int"}"#)).await;
    world.done("ALTER TABLE t ADD (PRIMARY KEY (id) NOT ENFORCED, w AS v + 1)").await;
    let table = frozen(&world, "t").await;
    assert_eq!(
        (table.changelog_mode, table.primary_key.unwrap().columns),
        (ChangelogMode::Append, vec!["id".to_owned()])
    );
    world.done("ALTER TABLE t SET ('changelog.mode' = 'upsert')").await;
    assert_eq!(frozen(&world, "t").await.changelog_mode, ChangelogMode::Upsert);
    world.topic("compacted", 1, &[("cleanup.policy", "compact")]).await;
    fails(&world, &[("ALTER TABLE compacted DROP PRIMARY KEY", "NUTKIN-3205", "append or retract first")]).await;
    world.done("ALTER TABLE compacted MODIFY key STRING").await;
    let table = frozen(&world, "compacted").await;
    assert_eq!(columns(&table).0[0], "key VARCHAR(2147483647) NOT NULL");
    assert!(kafka(&table).key.as_ref().unwrap().is_atomic);
    world.end().await;
}

/// What cannot be altered says so by name.
#[tokio::test]
async fn the_rest_is_refused_by_name() {
    let world = World::new().await;
    world.done("CREATE TABLE t (k INT)").await;
    fails(
        &world,
        &[
            ("ALTER TABLE t SET LIGHTNING MODE (upsert)", "NUTKIN-2002", "LIGHTNING MODE"),
            ("ALTER TABLE t RENAME TO u", "NUTKIN-2007", "ALTER TABLE RENAME"),
            ("ALTER TABLE t RENAME k TO l", "NUTKIN-2007", "Renaming a column"),
            ("ALTER TABLE t DROP DISTRIBUTION", "NUTKIN-2007", "distribution"),
            ("ALTER TABLE t MODIFY DISTRIBUTION INTO 9 BUCKETS", "NUTKIN-2007", "distribution"),
            ("ALTER TABLE t RESET ('no.such')", "NUTKIN-3202", "no.such"),
            ("ALTER TABLE t RESET ('connector')", "NUTKIN-3204", "cannot change"),
            ("ALTER TABLE examples.marketplace.orders ADD x AS 1", "NUTKIN-3206", "read-only"),
        ],
    )
    .await;
    world.end().await;
}

/// Two at once: the second sees that its columns are no more those of the table, and says so.
#[tokio::test]
async fn alterations_do_not_undo_each_other() {
    let world = World::new().await;
    world.done("CREATE TABLE t (k INT)").await;
    let sql = |name: &str| format!("ALTER TABLE t ADD {name} AS k + 1");
    let (a, b) = (sql("a"), sql("b"));
    let (first, second) = tokio::join!(world.submit(&a), world.submit(&b));
    let done = [("a", first), ("b", second)];
    let expected: Vec<&str> = done.iter().filter(|(_, outcome)| outcome.is_ok()).map(|(name, _)| *name).collect();
    assert!(!expected.is_empty());
    let columns = names(&world, "t").await;
    for name in expected {
        assert!(columns.iter().any(|column| column == name), "{name}: {columns:?}");
    }
    for (_, outcome) in done {
        if let Err(error) = outcome {
            assert!(error.to_string().contains("at the same time"), "{error}");
        }
    }
    world.end().await;
}
