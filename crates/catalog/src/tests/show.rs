//! SHOW: headings, rows and the texts of SHOW CREATE TABLE (spec D-18).

use super::support::World;

#[tokio::test]
async fn catalogs_and_databases_are_listed_with_their_ids() {
    let world = World::new().await;
    let done = world.done("SHOW CATALOGS").await;
    assert_eq!(done.headings(), ["catalog name", "catalog id"]);
    assert_eq!(done.rows(), [["prod", "env-1"], ["test", "env-2"], ["examples", "cat-examples"]]);
    assert_eq!((done.traits.sql_kind.as_str(), done.traits.is_bounded), ("SHOW_CATALOGS", true));
    assert_eq!(world.done("SHOW CATALOGS LIKE 'p%'").await.names(), ["prod"]);
    let done = world.done("SHOW DATABASES").await;
    assert_eq!(done.headings(), ["database name", "database id"]);
    assert_eq!(done.rows(), [["cluster_0", "lkc-1"]]);
    // Two of one name are told apart by their ids.
    assert_eq!(world.done("SHOW DATABASES IN test").await.rows(), [["lkc-2", "lkc-2"], ["lkc-3", "lkc-3"]]);
    assert_eq!(world.done("SHOW DATABASES IN examples").await.names(), ["marketplace"]);
    world.end().await;
}

#[tokio::test]
async fn the_current_names_are_display_names() {
    let world = World::new().await;
    let done = world.done("SHOW CURRENT CATALOG").await;
    assert_eq!(
        (done.headings(), done.rows()),
        (vec!["current catalog name".to_owned()], vec![vec!["prod".to_owned()]])
    );
    let mut properties = World::properties();
    properties.insert("sql.current-catalog".to_owned(), "env-1".to_owned());
    properties.insert("sql.current-database".to_owned(), "lkc-1".to_owned());
    for (sql, name) in [("SHOW CURRENT CATALOG", "prod"), ("SHOW CURRENT DATABASE", "cluster_0")] {
        match world.submit_with("u", sql, properties.clone()).await.unwrap() {
            crate::Outcome::Executed { result, .. } => assert_eq!(result.rows, [[Some(name.to_owned())]]),
            other => panic!("{other:?}"),
        }
    }
    world.end().await;
}

#[tokio::test]
async fn tables_are_topics_that_are_not_internal() {
    let world = World::new().await;
    world.done("CREATE TABLE flights (flight_id STRING, origin STRING)").await;
    world.topic("orders", 1, &[]).await;
    world.topic("__hidden", 1, &[]).await;
    world.topic("_confluent-telemetry", 1, &[]).await;
    let done = world.done("SHOW TABLES").await;
    assert_eq!(
        (done.headings(), done.names()),
        (vec!["table name".to_owned()], vec!["flights".to_owned(), "orders".to_owned()])
    );
    assert_eq!(world.done("SHOW TABLES LIKE 'f%'").await.names(), ["flights"]);
    assert_eq!(world.done("SHOW TABLES NOT LIKE 'f%'").await.names(), ["orders"]);
    assert_eq!(world.done("SHOW TABLES IN `prod`.`lkc-1`").await.names().len(), 2);
    assert_eq!(
        world.done("SHOW TABLES FROM examples.marketplace").await.names(),
        ["clicks", "customers", "orders", "products"]
    );
    let error = world.error("SELECT * FROM `__hidden`").await;
    assert!(error.starts_with("NUTKIN-2001"), "{error}");
    world.end().await;
}

#[tokio::test]
async fn a_table_is_printed_with_all_its_options() {
    let world = World::new().await;
    world.done("CREATE TABLE orders (`user` BIGINT NOT NULL, product STRING COMMENT 'its name', amount INT, ts TIMESTAMP(3), moment TIMESTAMP_LTZ(3) METADATA FROM 'timestamp', `partition` INT METADATA VIRTUAL, twice AS amount * 2, PRIMARY KEY(`user`) NOT ENFORCED, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) COMMENT 'it''s all'").await;
    let expected = "\
CREATE TABLE `prod`.`cluster_0`.`orders` (
  `user` BIGINT NOT NULL,
  `product` VARCHAR(2147483647) COMMENT 'its name',
  `amount` INT,
  `ts` TIMESTAMP(3),
  `moment` TIMESTAMP(3) WITH LOCAL TIME ZONE METADATA FROM 'timestamp',
  `partition` INT METADATA VIRTUAL,
  `twice` AS `amount` * 2,
  WATERMARK FOR `ts` AS `ts` - INTERVAL '5' SECOND,
  CONSTRAINT `PK_user` PRIMARY KEY (`user`) NOT ENFORCED
)
COMMENT 'it''s all'
DISTRIBUTED BY HASH(`user`) INTO 6 BUCKETS
WITH (
  'changelog.mode' = 'upsert',
  'connector' = 'confluent',
  'kafka.cleanup-policy' = 'compact',
  'kafka.max-message-size' = '2097164 bytes',
  'kafka.retention.size' = '0 bytes',
  'kafka.retention.time' = '604800000 ms',
  'key.format' = 'avro-registry',
  'scan.bounded.mode' = 'unbounded',
  'scan.startup.mode' = 'earliest-offset',
  'value.format' = 'avro-registry'
)
";
    let done = world.done("SHOW CREATE TABLE orders").await;
    assert_eq!(done.headings(), ["SHOW CREATE TABLE"]);
    assert_eq!(done.rows()[0][0], expected);
    world.end().await;
}

#[tokio::test]
async fn inferred_and_keyless_tables_are_printed_as_documented() {
    let world = World::new().await;
    world.topic("t_raw", 2, &[]).await;
    let expected = "\
CREATE TABLE `prod`.`cluster_0`.`t_raw` (
  `key` VARBINARY(2147483647),
  `val` VARBINARY(2147483647)
)
DISTRIBUTED BY HASH(`key`) INTO 2 BUCKETS
WITH (
  'changelog.mode' = 'append',
  'connector' = 'confluent',
  'kafka.cleanup-policy' = 'delete',
  'kafka.max-message-size' = '2097164 bytes',
  'kafka.retention.size' = '0 bytes',
  'kafka.retention.time' = '604800000 ms',
  'key.format' = 'raw',
  'scan.bounded.mode' = 'unbounded',
  'scan.startup.mode' = 'earliest-offset',
  'value.format' = 'raw'
)
";
    assert_eq!(world.show("t_raw").await, expected);
    world.done("CREATE TABLE flights (flight_id STRING)").await;
    let text = world.show("flights").await;
    assert!(text.contains(")\nDISTRIBUTED INTO 6 BUCKETS\nWITH (") && !text.contains("key.format"), "{text}");
    world.end().await;
}

#[tokio::test]
async fn statements_are_listed_as_jobs() {
    let world = World::new().await;
    let done = world.done("SHOW JOBS").await;
    assert_eq!(done.headings(), ["Name", "Phase", "Statement", "Compute Pool", "Creation Time", "Detail"]);
    assert_eq!(done.rows()[0], ["ant", "COMPLETED", "SELECT 1", "lfcp-1", "2026-01-02T03:04:05.000Z", ""]);
    assert_eq!(done.names(), ["ant", "zebra"]);
    assert_eq!(world.done("SHOW JOBS LIKE 'z%'").await.names(), ["zebra"]);
    world.end().await;
}
