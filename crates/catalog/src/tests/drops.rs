//! DROP TABLE (spec D-09).

use super::support::World;
use crate::Outcome;

#[tokio::test]
async fn a_table_goes_with_its_topic_and_every_version_of_its_schemas() {
    let world = World::new().await;
    world.done("CREATE TABLE t (k INT PRIMARY KEY NOT ENFORCED, v INT)").await;
    let evolved = r#"{"type": "record", "name": "record", "namespace": "org.apache.flink.avro.generated", "fields": [
        {"name": "v", "type": ["null", "int"], "default": null}, {"name": "w", "type": ["null", "int"], "default": null}]}"#;
    world.avro("t-value", evolved).await;
    let done = world.done("DROP TABLE t").await;
    assert_eq!((done.detail.as_str(), done.traits.sql_kind.as_str()), ("Table 't' dropped", "DROP_TABLE"));
    assert!(!world.has_topic("t").await && world.subjects().await.is_empty());
    // And can be made again with other columns.
    world.done("CREATE TABLE t (a STRING)").await;
    assert_eq!(world.describe("t").await.len(), 1);
    world.end().await;
}

#[tokio::test]
async fn inferred_tables_can_be_dropped_too() {
    let world = World::new().await;
    world.topic("found", 1, &[]).await;
    world.avro("found-value", r#""string""#).await;
    world.done("DROP TABLE `prod`.`cluster_0`.found").await;
    assert!(!world.has_topic("found").await && world.subjects().await.is_empty());
    world.end().await;
}

#[tokio::test]
async fn a_missing_table_is_an_error_unless_that_is_accepted() {
    let world = World::new().await;
    let error = world.error("DROP TABLE nothing").await;
    assert!(error.starts_with("NUTKIN-3201") && error.contains("Object 'nothing' does not exist"), "{error}");
    assert_eq!(world.done("DROP TABLE IF EXISTS nothing").await.detail, "Table 'nothing' does not exist");
    world.topic("__internal", 1, &[]).await;
    assert!(world.error("DROP TABLE `__internal`").await.starts_with("NUTKIN-3201"));
    assert!(world.has_topic("__internal").await);
    world.end().await;
}

/// The answer to a DROP may be lost after it was carried out.
#[tokio::test]
async fn a_second_try_of_a_drop_that_was_done_succeeds() {
    let world = World::new().await;
    world.done("CREATE TABLE t (a INT)").await;
    for _ in 0..2 {
        match world.submit_as("same", "DROP TABLE t").await.unwrap() {
            Outcome::Executed { detail, .. } => assert_eq!(detail, "Table 't' dropped"),
            other => panic!("{other:?}"),
        }
    }
    assert!(world.submit_as("other", "DROP TABLE t").await.is_err());
    world.end().await;
}

/// Another schema that builds on the table's keeps it; what is left is named.
#[tokio::test]
async fn a_drop_that_stops_half_way_says_so_and_can_be_repeated() {
    use nutkin_registry::Schemas;
    use nutkin_registry::model::SchemaType;
    let world = World::new().await;
    world.done("CREATE TABLE t (a INT)").await;
    let user = r#"{"type": "record", "name": "U", "fields": [{"name": "r", "type": "org.apache.flink.avro.generated.record"}]}"#;
    world.schema("user", SchemaType::Avro, user, &[("org.apache.flink.avro.generated.record", "t-value")]).await;
    let error = world.error("DROP TABLE t").await;
    assert!(error.starts_with("NUTKIN-3209") && error.contains("'t-value'"), "{error}");
    world.registry.delete_subject("user", false).await.unwrap();
    world.registry.delete_subject("user", true).await.unwrap();
    world.done("DROP TABLE t").await;
    assert!(world.subjects().await.is_empty());
    world.end().await;
}
