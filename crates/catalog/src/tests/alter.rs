//! ALTER TABLE (spec D-08, sql.md 2.3, 2.4 no. 9, 10): of tables that were created and of topics that others made.

use nutkin_plan::ChangelogMode;
use nutkin_plan::table::{ErrorHandling, WatermarkStrategy};
use nutkin_registry::model::SchemaType;

use super::inference::{columns, frozen, kafka, option, record};
use super::support::World;

const ORDER: &str = r#"{"type": "record", "name": "Order", "namespace": "com.example", "fields": [
    {"name": "id", "type": "string"}, {"name": "amount", "type": "double"}]}"#;
const SHIPMENT: &str = r#"{"type": "record", "name": "Shipment", "namespace": "com.example", "fields": [
    {"name": "tracking", "type": "string"}]}"#;

/// 2.3 subject-names: a topic with records of several subjects has a nullable column for each; one subject gives its fields.
#[tokio::test]
async fn subject_names_give_the_columns_of_a_topic_by_record_name() {
    let world = World::new().await;
    world.topic("events", 2, &[]).await;
    world.avro("com.example.Order", ORDER).await;
    world.avro("com.example.Shipment", SHIPMENT).await;
    assert_eq!(option(&frozen(&world, "events").await, "value.format"), Some("raw"));
    world
        .done(
            "ALTER TABLE events SET ('value.format' = 'avro-registry', \
             'value.avro-registry.subject-names' = 'com.example.Order;com.example.Shipment')",
        )
        .await;
    let table = frozen(&world, "events").await;
    let expected = [
        "key VARBINARY(2147483647)",
        "com.example.Order ROW<`id` VARCHAR(2147483647) NOT NULL, `amount` DOUBLE NOT NULL>",
        "com.example.Shipment ROW<`tracking` VARCHAR(2147483647) NOT NULL>",
    ];
    assert_eq!(columns(&table).0, expected);
    assert_eq!(option(&table, "value.format.subject-names"), Some("com.example.Order;com.example.Shipment"));
    let error = world.error("INSERT INTO events SELECT CAST(NULL AS BYTES), ROW('a', CAST(1 AS DOUBLE)), NULL").await;
    assert!(error.starts_with("NUTKIN-3203") && error.contains("several subjects"), "{error}");
    // One subject, and the key's.
    world.avro("com.example.OrderKey", r#""string""#).await;
    world
        .done(
            "ALTER TABLE events SET ('value.format.subject-names' = 'com.example.Order', 'key.format' = 'avro-registry', \
             'key.format.subject-names' = 'com.example.OrderKey')",
        )
        .await;
    let table = frozen(&world, "events").await;
    let expected = ["key VARCHAR(2147483647) NOT NULL", "id VARCHAR(2147483647) NOT NULL", "amount DOUBLE NOT NULL"];
    assert_eq!(columns(&table).0, expected);
    assert_eq!(kafka(&table).value.schema.as_ref().unwrap().subject, "com.example.Order");
    // Back to what the topic says by itself.
    world
        .done(
            "ALTER TABLE events RESET ('value.format', 'value.avro-registry.subject-names', 'key.format', \
             'key.format.subject-names', 'value.json-registry.wire-encoding')",
        )
        .await;
    assert_eq!(columns(&frozen(&world, "events").await).0[1], "val VARBINARY(2147483647)");
    // The topic goes, the schemas of others stay (D-09).
    world.done("ALTER TABLE events SET ('value.format' = 'avro-registry', 'value.format.subject-names' = 'com.example.Order')").await;
    world.done("DROP TABLE events").await;
    assert!(world.subjects().await.contains(&"com.example.Order".to_owned()));
    world.end().await;
}

/// The same in JSON Schema (branches by number) and Protobuf (by message).
#[tokio::test]
async fn subject_names_of_other_languages() {
    let world = World::new().await;
    world.topic("t", 1, &[]).await;
    let object = |name: &str| format!(r#"{{"type": "object", "properties": {{"{name}": {{"type": "integer"}}}}}}"#);
    world.schema("a.Json", SchemaType::Json, &object("x"), &[]).await;
    world.schema("b.Json", SchemaType::Json, &object("y"), &[]).await;
    world
        .done("ALTER TABLE t SET ('value.format' = 'json-registry', 'value.format.subject-names' = 'a.Json;b.Json')")
        .await;
    let found = columns(&frozen(&world, "t").await).0;
    assert_eq!(found[1..], ["connect_union_field_0 ROW<`x` BIGINT>", "connect_union_field_1 ROW<`y` BIGINT>"]);
    let proto = |name: &str| format!("syntax = \"proto3\"; package p; message {name} {{ int32 z = 1; }}");
    world.schema("p.A", SchemaType::Protobuf, &proto("A"), &[]).await;
    world.schema("p.B", SchemaType::Protobuf, &proto("B"), &[]).await;
    world
        .done("ALTER TABLE t SET ('value.format' = 'proto-registry', 'value.proto-registry.subject-names' = 'p.A;p.B')")
        .await;
    let found = columns(&frozen(&world, "t").await).0;
    assert_eq!(found[1..], ["A ROW<`z` INT NOT NULL>", "B ROW<`z` INT NOT NULL>"]);
    for (options, cause) in [
        ("'value.format.subject-names' = 'p.A;p.C'", "'p.C'"),
        ("'value.format.subject-names' = 'p.A;;p.B'", "empty name"),
        ("'value.format.subject-names' = 'p.A;p.A'", "twice"),
        ("'value.format.subject-names' = 'a.Json'", "json-registry"),
    ] {
        let error = world.error(&format!("ALTER TABLE t SET ({options})")).await;
        assert!(error.starts_with("NUTKIN-3204") && error.contains(cause), "{error}");
    }
    let error = world.error("CREATE TABLE u (a INT) WITH ('value.format.subject-names' = 'p.A')").await;
    assert!(error.starts_with("NUTKIN-3204") && error.contains("ALTER TABLE"), "{error}");
    assert_eq!(columns(&frozen(&world, "t").await).0[1..], found[1..]);
    world.end().await;
}

/// Decision 8: schemas of a context, by either name of the option.
#[tokio::test]
async fn schemas_of_a_context() {
    let world = World::new().await;
    world.topic("orders", 1, &[]).await;
    world.avro("orders-value", &record(r#"{"name": "a", "type": "int"}"#)).await;
    world.avro(":.stage:orders-value", &record(r#"{"name": "b", "type": "string"}"#)).await;
    world.avro(":.stage:orders-key", r#""int""#).await;
    world.done("ALTER TABLE orders SET ('value.avro-registry.schema-context' = '.stage', 'key.format.schema-context' = '.stage')").await;
    let table = frozen(&world, "orders").await;
    assert_eq!(columns(&table).0, ["key INT NOT NULL", "b VARCHAR(2147483647) NOT NULL"]);
    assert_eq!(kafka(&table).value.schema.as_ref().unwrap().subject, ":.stage:orders-value");
    assert_eq!(option(&table, "value.format.schema-context"), Some(".stage"));
    world.done("ALTER TABLE orders RESET ('value.format.schema-context')").await;
    assert_eq!(columns(&frozen(&world, "orders").await).0[1], "a INT NOT NULL");
    world.end().await;
}

/// 2.4 no. 9: how changes are taken is chosen by hand too, and an envelope can be read as the record it is.
#[tokio::test]
async fn changelog_mode_and_envelope_are_chosen() {
    let world = World::new().await;
    world.topic("changes", 1, &[]).await;
    world.avro("changes-key", &record(r#"{"name": "id", "type": "int"}"#)).await;
    world.avro("changes-value", super::inference::ENVELOPE).await;
    for (mode, expected) in [("upsert", ChangelogMode::Upsert), ("append", ChangelogMode::Append)] {
        world.done(&format!("ALTER TABLE changes SET ('changelog.mode' = '{mode}')")).await;
        let table = frozen(&world, "changes").await;
        assert_eq!(table.changelog_mode, expected);
        assert_eq!(table.primary_key.is_some(), expected == ChangelogMode::Upsert);
        assert!(kafka(&table).value.debezium);
    }
    world.done("ALTER TABLE changes SET ('value.format' = 'avro-registry')").await;
    let names: Vec<String> = frozen(&world, "changes").await.columns.into_iter().map(|column| column.name).collect();
    assert_eq!(names, ["id", "before", "after", "op"]);
    world
        .done("ALTER TABLE changes SET ('value.format' = 'avro-debezium-registry', 'changelog.mode' = 'retract')")
        .await;
    let table = frozen(&world, "changes").await;
    assert!(kafka(&table).value.debezium && table.changelog_mode == ChangelogMode::Retract);
    world.topic("plain", 1, &[]).await;
    world.avro("plain-value", &record(r#"{"name": "id", "type": "int"}"#)).await;
    let error = world.error("ALTER TABLE plain SET ('value.format' = 'avro-debezium-registry')").await;
    assert!(error.starts_with("NUTKIN-3204") && error.contains("no Debezium envelope"), "{error}");
    world.end().await;
}

/// 2.6 and D-08: a watermark of one's own on an inferred table, and the default strategy again.
#[tokio::test]
async fn watermarks_are_modified_and_dropped() {
    let world = World::new().await;
    world.topic("t", 1, &[]).await;
    world
        .avro("t-value", &record(r#"{"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}}"#))
        .await;
    let watermark = |table: &nutkin_plan::Table| {
        let watermark = table.watermark.clone().unwrap();
        (watermark.column, watermark.strategy, watermark.is_default)
    };
    let default = ("$rowtime".to_owned(), WatermarkStrategy::Source, true);
    assert_eq!(watermark(&frozen(&world, "t").await), default);
    world.done("ALTER TABLE t MODIFY WATERMARK FOR `at` AS `at` - INTERVAL '5' SECOND").await;
    let (column, strategy, is_default) = watermark(&frozen(&world, "t").await);
    assert!(column == "at" && !is_default && matches!(strategy, WatermarkStrategy::Expression(_)));
    world.done("ALTER TABLE t MODIFY WATERMARK FOR $rowtime AS $rowtime").await;
    assert_eq!(watermark(&frozen(&world, "t").await).0, "$rowtime");
    world.done("ALTER TABLE t DROP WATERMARK").await;
    assert_eq!(watermark(&frozen(&world, "t").await), default);
    let error = world.error("ALTER TABLE t ADD WATERMARK FOR `at` AS `at`").await;
    assert!(error.contains("MODIFY WATERMARK"), "{error}");
    let error = world.error("ALTER TABLE t MODIFY WATERMARK FOR `key` AS `key`").await;
    assert!(error.contains("Invalid data type of time field for watermark definition"), "{error}");
    world.end().await;
}

/// D-08 and 2.4 no. 10: metadata and computed columns come and go; a physical one of the same name that comes later is hidden.
#[tokio::test]
async fn metadata_and_computed_columns_are_added_and_dropped() {
    let world = World::new().await;
    world.topic("t", 1, &[]).await;
    world.avro("t-value", &record(r#"{"name": "uid", "type": "int"}"#)).await;
    world.done("ALTER TABLE t ADD (`timestamp` TIMESTAMP_LTZ(3) NOT NULL METADATA, twice AS uid * 2)").await;
    let evolved =
        record(r#"{"name": "uid", "type": "int"}, {"name": "timestamp", "type": ["null", "string"], "default": null}"#);
    world.avro("t-value", &evolved).await;
    let expected =
        ["key VARBINARY(2147483647)", "uid INT NOT NULL", "timestamp TIMESTAMP_LTZ(3) NOT NULL", "twice INT NOT NULL"];
    assert_eq!(columns(&frozen(&world, "t").await).0, expected);
    world.done("ALTER TABLE t DROP `timestamp`").await;
    let found = columns(&frozen(&world, "t").await).0;
    assert_eq!(found[1..], ["uid INT NOT NULL", "timestamp VARCHAR(2147483647)", "twice INT NOT NULL"]);
    for (sql, cause) in [
        ("ALTER TABLE t ADD more INT", "Evolve the schema"),
        ("ALTER TABLE t DROP uid", "Evolve the schema"),
        ("ALTER TABLE t ADD twice AS 1", "already exists"),
        ("ALTER TABLE t DROP nothing", "no column 'nothing'"),
        ("ALTER TABLE t RENAME TO u", "RENAME"),
        ("ALTER TABLE nowhere SET ('changelog.mode' = 'append')", "nowhere"),
    ] {
        let error = world.error(sql).await;
        assert!(error.contains(cause), "{sql}: {error}");
    }
    let done = world.done("ALTER TABLE IF EXISTS nowhere SET ('changelog.mode' = 'append')").await;
    assert_eq!(done.detail, "Table 'nowhere' does not exist");
    world.end().await;
}

/// 2.3: options of the topic go to the topic, all others to the table; what a created table is made of stays.
#[tokio::test]
async fn options_are_set_and_reset() {
    let world = World::new().await;
    world.done("CREATE TABLE t (k INT PRIMARY KEY NOT ENFORCED, v STRING)").await;
    world
        .done("ALTER TABLE t SET ('error-handling.mode' = 'ignore', 'kafka.retention.time' = '1 d', 'scan.startup.mode' = 'latest-offset')")
        .await;
    let table = frozen(&world, "t").await;
    assert_eq!(kafka(&table).error_handling, ErrorHandling::Ignore);
    assert_eq!(option(&table, "scan.startup.mode"), Some("latest-offset"));
    assert_eq!(world.setting("t", "retention.ms").await, "86400000");
    assert_eq!(table.columns.len(), 2);
    world.done("ALTER TABLE t RESET ('error-handling.mode', 'kafka.retention.time')").await;
    let table = frozen(&world, "t").await;
    assert_eq!(kafka(&table).error_handling, ErrorHandling::Fail);
    assert_eq!(option(&table, "kafka.retention.time"), Some("604800000 ms"));
    assert_eq!(option(&table, "scan.startup.mode"), Some("latest-offset"));
    for (options, code, cause) in [
        ("'value.format' = 'json-registry'", "NUTKIN-3204", "cannot change"),
        ("'connector' = 'blackhole'", "NUTKIN-3204", "cannot change"),
        ("'kafka.partitions' = '9'", "NUTKIN-3204", "cannot change"),
        ("'no.such' = 'x'", "NUTKIN-3202", "no.such"),
        ("'changelog.mode' = 'never'", "NUTKIN-3204", "never"),
        ("'value.format.id-encoding' = 'header'", "NUTKIN-3203", "id-encoding"),
    ] {
        let error = world.error(&format!("ALTER TABLE t SET ({options})")).await;
        assert!(error.starts_with(code) && error.contains(cause), "{error}");
    }
    world.done("CREATE TABLE keyless (v STRING)").await;
    let error = world.error("ALTER TABLE keyless SET ('changelog.mode' = 'upsert')").await;
    assert!(error.starts_with("NUTKIN-3204") && error.contains("primary key"), "{error}");
    world.end().await;
}

/// Every `kafka.*` option that may change is a setting of the topic; RESET is the default of CREATE TABLE.
#[tokio::test]
async fn options_of_the_topic_are_settings_of_the_topic() {
    let world = World::new().await;
    world.done("CREATE TABLE t (k INT, v STRING) DISTRIBUTED BY (k) INTO 1 BUCKETS").await;
    let cases = [
        ("kafka.cleanup-policy", "delete-compact", "cleanup.policy", "compact,delete", "delete"),
        ("kafka.max-message-size", "1000 bytes", "max.message.bytes", "1000", "2097164"),
        ("kafka.message-timestamp-type", "log-append-time", "message.timestamp.type", "LogAppendTime", "CreateTime"),
        ("kafka.retention.size", "1 mb", "retention.bytes", "1048576", "-1"),
        ("kafka.retention.time", "0", "retention.ms", "-1", "604800000"),
        ("kafka.compaction.time", "1 h", "max.compaction.lag.ms", "3600000", "9223372036854775807"),
    ];
    for (option, value, setting, set, reset) in cases {
        world.done(&format!("ALTER TABLE t SET ('{option}' = '{value}')")).await;
        assert_eq!(world.setting("t", setting).await, set, "{option}");
        world.done(&format!("ALTER TABLE t RESET ('{option}')")).await;
        assert_eq!(world.setting("t", setting).await, reset, "{option}");
    }
    world.done("CREATE TABLE keyless (v STRING)").await;
    let error = world.error("ALTER TABLE keyless SET ('kafka.cleanup-policy' = 'compact')").await;
    assert!(error.starts_with("NUTKIN-3205") && error.contains("needs keys"), "{error}");
    world.end().await;
}

/// The second try of a statement whose first one was cut off after its last step.
#[tokio::test]
async fn a_second_try_changes_nothing() {
    let world = World::new().await;
    world.done("CREATE TABLE again (id INT)").await;
    let sql = "ALTER TABLE again ADD twice AS id * 2";
    for _ in 0..2 {
        let outcome = world.submit_as("same", sql).await;
        assert!(matches!(outcome, Ok(crate::Outcome::Executed { .. })), "{outcome:?}");
    }
    assert!(world.submit_as("another", sql).await.is_err());
    world.end().await;
}
