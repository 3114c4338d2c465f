//! USE, SET, RESET, EXPLAIN, dry runs, traits (spec D-19, D-20, D-23, L-06).

use std::collections::BTreeMap;
use std::sync::Arc;

use nutkin_kafka::{BatchBuilder, Compression, PartitionBatch, Producer};
use nutkin_plan::Connector;
use nutkin_plan::table::BoundedMode;

use super::support::World;
use crate::Outcome;

#[tokio::test]
async fn session_statements_answer_key_and_value() {
    let world = World::new().await;
    let done = world.done("USE CATALOG nowhere").await;
    assert_eq!(
        (done.headings(), done.rows()),
        (
            vec!["Key".to_owned(), "Value".to_owned()],
            vec![vec!["sql.current-catalog".to_owned(), "nowhere".to_owned()]]
        )
    );
    assert_eq!(done.traits.sql_kind, "USE_CATALOG");
    assert_eq!(world.done("USE cluster_0").await.rows(), [["sql.current-database", "cluster_0"]]);
    assert_eq!(world.done("USE `c`.`d`").await.rows(), [["sql.current-catalog", "c"], ["sql.current-database", "d"]]);
    let done = world.done("SET 'sql.state-ttl' = '6 h'").await;
    assert_eq!(
        (done.rows(), done.detail.as_str()),
        (vec![vec!["sql.state-ttl".to_owned(), "6 h".to_owned()]], "configuration updated successfully.")
    );
    assert_eq!(world.done("SET").await.rows().len(), 2);
    assert!(
        world
            .error("SET 'sql.current-catalog' = 'x'")
            .await
            .contains("cannot set a catalog or a database with SET command")
    );
    assert!(world.error("SET 'sql.nonsense' = 'x'").await.contains("sql.nonsense"));
    assert_eq!(world.done("RESET 'sql.current-catalog'").await.rows().len(), 0, "the database goes with its catalog");
    assert!(world.error("RESET 'sql.state-ttl'").await.contains("configuration key \"sql.state-ttl\" is not set"));
    assert_eq!(world.done("RESET").await.detail, "configuration has been reset successfully.");
    world.end().await;
}

/// DB-API clients send it with every statement.
#[tokio::test]
async fn snapshot_mode_does_not_matter_without_a_query() {
    let world = World::new().await;
    let mut properties = World::properties();
    properties.insert("sql.snapshot.mode".to_owned(), "now".to_owned());
    for sql in [
        "CREATE TABLE x (id INT)",
        "SHOW TABLES",
        "DESCRIBE x",
        "SHOW CREATE TABLE x",
        "EXPLAIN SELECT COUNT(*) FROM x",
        "SET 'sql.state-ttl' = '1 h'",
        "DROP TABLE x",
    ] {
        let outcome = world.submit_with(sql, sql, properties.clone()).await;
        assert!(matches!(outcome, Ok(Outcome::Executed { .. })), "{sql}: {outcome:?}");
    }
    world.end().await;
}

/// The end is that of the submission (spec Q-18), not that of the moment when a pool has room.
#[tokio::test]
async fn a_snapshot_query_ends_where_its_topics_ended_when_it_came() {
    let world = World::new().await;
    world.done("CREATE TABLE t (a INT) DISTRIBUTED INTO 2 BUCKETS").await;
    let topic: Arc<str> = "t".into();
    let mut batch = BatchBuilder::new(Compression::None);
    for _ in 0..3 {
        batch.append(0, None, Some(b"x"), &[]).unwrap();
    }
    let batch = batch.build().unwrap().unwrap();
    let mut producer = Producer::new(&world.client).await.unwrap();
    producer.produce(vec![PartitionBatch { topic, partition: 1, batch }]).await.unwrap();
    producer.flush().await.unwrap();

    let mut properties = World::properties();
    properties.insert("sql.snapshot.mode".to_owned(), "now".to_owned());
    for sql in ["SELECT a FROM t", "CREATE TABLE copy AS SELECT a FROM t", "INSERT INTO copy SELECT a FROM t"] {
        let Ok(Outcome::Job { traits, plan, .. }) = world.submit_with(sql, sql, properties.clone()).await else {
            panic!("{sql}");
        };
        assert!(traits.is_bounded && traits.is_append_only, "{sql}");
        let bounds = plan.tables.iter().filter_map(|table| match &table.connector {
            Connector::Kafka(kafka) if kafka.topic == "t" => Some(kafka.bounded.clone()),
            _ => None,
        });
        let bounds: Vec<_> = bounds.collect();
        assert_eq!(bounds, [BoundedMode::SpecificOffsets([(0, 0), (1, 3)].into())], "{sql}");
    }
    world.end().await;
}

#[tokio::test]
async fn explain_gives_the_plan_as_one_cell() {
    let world = World::new().await;
    let done = world.done("EXPLAIN CREATE TABLE nothing AS SELECT order_id FROM examples.marketplace.orders").await;
    assert_eq!((done.rows().len(), done.traits.sql_kind.as_str()), (1, "EXPLAIN"));
    assert!(done.rows()[0][0].contains("StreamTableSourceScan"), "{}", done.rows()[0][0]);
    assert!(!world.has_topic("nothing").await);
    world.end().await;
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let world = World::new().await;
    world.done("CREATE TABLE there (a INT)").await;
    let mut properties = World::properties();
    properties.insert("sql.dry-run".to_owned(), "true".to_owned());
    for (sql, columns) in [
        ("CREATE TABLE t (a INT)", None),
        ("CREATE TABLE t AS SELECT a FROM there", None),
        ("DROP TABLE there", None),
        ("SELECT a, a FROM there", Some(2)),
        ("INSERT INTO there VALUES (1)", None),
    ] {
        match world.submit_with("dry", sql, properties.clone()).await {
            Ok(Outcome::Executed { traits, detail, .. }) => {
                assert_eq!(traits.schema.map(|schema| schema.len()), columns, "{sql}");
                assert!(
                    detail.contains("sql.dry-run") || sql.starts_with("SELECT") || sql.starts_with("INSERT"),
                    "{detail}"
                );
            }
            other => panic!("{sql}: {other:?}"),
        }
    }
    assert_eq!(world.done("SHOW TABLES").await.names(), ["there"]);
    world.end().await;
}

#[tokio::test]
async fn traits_say_what_a_job_gives() {
    let world = World::new().await;
    world.done("CREATE TABLE t (k INT PRIMARY KEY NOT ENFORCED, v INT)").await;
    let (traits, _) = world.job("SELECT v, k FROM t").await;
    assert_eq!((traits.is_append_only, traits.upsert_columns), (false, Some(vec![1])));
    let (traits, plan) = world.job("INSERT INTO t VALUES (1, 2)").await;
    assert!(traits.is_bounded && traits.schema.is_none() && plan.tables.len() == 1);
    let (traits, _) =
        world.job("EXECUTE STATEMENT SET BEGIN INSERT INTO t VALUES (1, 2); INSERT INTO t VALUES (3, 4); END;").await;
    assert_eq!((traits.sql_kind.as_str(), traits.schema), ("STATEMENT_SET", None));
    let error = world.error("SELEC 1").await;
    assert!(error.starts_with("NUTKIN-1001: SQL parse failed"), "{error}");
    let nothing = world.submit_with("u", "SELECT * FROM t", BTreeMap::new()).await.unwrap_err().to_string();
    assert!(nothing.starts_with("NUTKIN-2001") && nothing.contains("No current catalog is set"), "{nothing}");
    world.end().await;
}

#[tokio::test]
async fn if_not_exists_with_a_query_fills_the_table_that_is_there() {
    let world = World::new().await;
    world.done("CREATE TABLE t (customer_id INT)").await;
    let (traits, plan) =
        world.job("CREATE TABLE IF NOT EXISTS t AS SELECT customer_id FROM examples.marketplace.orders").await;
    assert_eq!(traits.sql_kind, "CREATE_TABLE_AS");
    assert!(plan.tables.iter().any(|table| table.path.name == "t"));
    let error = world.error("CREATE TABLE t AS SELECT customer_id FROM examples.marketplace.orders").await;
    assert!(error.starts_with("NUTKIN-3200"), "{error}");
    world.end().await;
}
