//! CREATE TABLE ... LIKE (spec D-07).

use super::support::World;

async fn world() -> World {
    let world = World::new().await;
    world
        .done(
            "CREATE TABLE base (k INT, v STRING, moment TIMESTAMP(3), part INT METADATA FROM 'partition' VIRTUAL, upper_v AS UPPER(v), \
             WATERMARK FOR moment AS moment - INTERVAL '5' SECOND, PRIMARY KEY (k) NOT ENFORCED) DISTRIBUTED INTO 3 BUCKETS \
             WITH ('kafka.retention.time' = '1 d', 'value.format' = 'json-registry')",
        )
        .await;
    world
}

/// The text of SHOW CREATE TABLE without the name.
async fn body(world: &World, table: &str) -> String {
    world.show(table).await.replace(&format!("`{table}`"), "")
}

#[tokio::test]
async fn everything_is_taken_unless_said_otherwise() {
    let world = world().await;
    let done = world.done("CREATE TABLE same LIKE base").await;
    assert_eq!(done.detail, "Table 'same' created");
    assert_eq!(body(&world, "same").await, body(&world, "base").await);
    assert_eq!(world.subjects().await, ["base-key", "base-value", "same-key", "same-value"]);
    world
        .done("CREATE TABLE more (extra DOUBLE, twice AS k * 2) WITH ('kafka.retention.time' = '2 d') LIKE base")
        .await;
    let text = body(&world, "more").await;
    assert!(
        text.contains("`extra` DOUBLE") && text.contains("`twice` AS `k` * 2") && text.contains("172800000 ms"),
        "{text}"
    );
    world.end().await;
}

#[tokio::test]
async fn features_are_left_out_or_overwritten() {
    let world = world().await;
    world.done("CREATE TABLE bare LIKE base (EXCLUDING ALL)").await;
    let text = body(&world, "bare").await;
    for part in ["WATERMARK", "PRIMARY KEY", "METADATA", "UPPER", "json-registry"] {
        assert!(!text.contains(part), "{part}: {text}");
    }
    assert!(text.contains("INTO 6 BUCKETS"), "{text}");
    world
        .done("CREATE TABLE other (upper_v AS LOWER(v), WATERMARK FOR moment AS moment, PRIMARY KEY (v) NOT ENFORCED) LIKE base (OVERWRITING GENERATED OVERWRITING WATERMARKS EXCLUDING CONSTRAINTS EXCLUDING DISTRIBUTION EXCLUDING OPTIONS)")
        .await;
    let text = body(&world, "other").await;
    assert!(text.contains("LOWER(`v`)") && text.contains("AS `moment`\n") | text.contains("AS `moment`,"), "{text}");
    assert!(text.contains("PRIMARY KEY (`v`)"), "{text}");
    world.end().await;
}

#[tokio::test]
async fn clashes_are_told() {
    let world = world().await;
    for (sql, text) in [
        ("CREATE TABLE x (v INT) LIKE base", "A column named 'v' already exists in the base table."),
        ("CREATE TABLE x (upper_v AS 1) LIKE base", "EXCLUDING GENERATED or OVERWRITING GENERATED"),
        (
            "CREATE TABLE x (part INT METADATA FROM 'partition' VIRTUAL) LIKE base",
            "EXCLUDING METADATA or OVERWRITING METADATA",
        ),
        ("CREATE TABLE x (PRIMARY KEY (v) NOT ENFORCED) LIKE base", "EXCLUDING CONSTRAINTS"),
        ("CREATE TABLE x (WATERMARK FOR moment AS moment) LIKE base", "EXCLUDING WATERMARKS or OVERWRITING WATERMARKS"),
        (
            "CREATE TABLE x WITH ('value.format' = 'avro-registry') LIKE base (INCLUDING OPTIONS)",
            "EXCLUDING OPTIONS or OVERWRITING OPTIONS",
        ),
        ("CREATE TABLE x LIKE nothing", "Object 'nothing' not found"),
    ] {
        let error = world.error(sql).await;
        assert!(error.contains(text), "{sql}: {error}");
    }
    assert!(!world.has_topic("x").await);
    world.end().await;
}

#[tokio::test]
async fn sample_tables_are_copied_without_their_options() {
    let world = World::new().await;
    world.done("CREATE TABLE mine LIKE examples.marketplace.customers (EXCLUDING OPTIONS)").await;
    let rows = world.describe("mine").await;
    assert_eq!(rows[0][..3], ["customer_id", "INT", "NOT NULL"]);
    assert!(world.error("CREATE TABLE again LIKE examples.marketplace.customers").await.contains("faker"));
    world.end().await;
}
