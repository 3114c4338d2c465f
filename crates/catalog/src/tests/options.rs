//! Every table option: read, in force, printed (spec sql.md 2.3).

use nutkin_plan::Connector;
use nutkin_plan::table::{
    BoundedMode, Compression, ErrorHandling, FormatKind, IsolationLevel, KafkaTable, StartupMode,
};

use super::support::World;

async fn kafka(world: &World, name: &str) -> KafkaTable {
    let (_, plan) = world.job(&format!("SELECT * FROM `{name}`")).await;
    match plan.tables.into_iter().next().unwrap().connector {
        Connector::Kafka(kafka) => *kafka,
        other => panic!("{other:?}"),
    }
}

/// Options that become settings of the topic: option, value, setting, its value, and what SHOW CREATE TABLE prints.
const TOPIC: &[(&str, &str, &str, &str, &str)] = &[
    ("kafka.cleanup-policy", "delete-compact", "cleanup.policy", "compact,delete", "delete-compact"),
    ("kafka.compaction.time", "1 h", "max.compaction.lag.ms", "3600000", "3600000 ms"),
    ("kafka.max-message-size", "1 mb", "max.message.bytes", "1048576", "1048576 bytes"),
    ("kafka.message-timestamp-type", "log-append-time", "message.timestamp.type", "LogAppendTime", "log-append-time"),
    ("kafka.retention.size", "10 kb", "retention.bytes", "10240", "10240 bytes"),
    ("kafka.retention.time", "2 d", "retention.ms", "172800000", "172800000 ms"),
];

#[tokio::test]
async fn settings_of_the_topic_are_set_and_read_back() {
    let world = World::new().await;
    for (number, (option, value, setting, expected, printed)) in TOPIC.iter().enumerate() {
        let name = format!("t{number}");
        world
            .done(&format!("CREATE TABLE {name} (k INT, v INT) DISTRIBUTED BY (k) WITH ('{option}' = '{value}')"))
            .await;
        assert_eq!(world.setting(&name, setting).await, *expected, "{option}");
        let text = world.show(&name).await;
        assert!(text.contains(&format!("'{option}' = '{printed}'")), "{option}: {text}");
    }
    // Infinite retention; the settings are the topic's, so a change there shows.
    world.done("CREATE TABLE infinite (i INT) WITH ('kafka.retention.time' = '0')").await;
    assert_eq!(world.setting("infinite", "retention.ms").await, "-1");
    assert!(world.show("infinite").await.contains("'kafka.retention.time' = '0 ms'"));
    world.done("CREATE TABLE four (i INT) WITH ('kafka.partitions' = '4')").await;
    assert_eq!(kafka(&world, "four").await.partitions, 4);
    world.done("CREATE TABLE up (k INT PRIMARY KEY NOT ENFORCED, v INT)").await;
    assert_eq!(world.setting("up", "max.compaction.lag.ms").await, "604800000");
    world
        .done("CREATE TABLE kept (k INT PRIMARY KEY NOT ENFORCED, v INT) WITH ('kafka.cleanup-policy' = 'delete')")
        .await;
    assert_eq!(world.setting("kept", "cleanup.policy").await, "delete");
    assert!(world.show("kept").await.contains("'changelog.mode' = 'upsert'"));
    world.end().await;
}

#[tokio::test]
async fn options_of_reading_and_writing_reach_the_plan() {
    let world = World::new().await;
    world.done("CREATE TABLE t (i INT) WITH ('kafka.consumer.isolation-level' = 'read-uncommitted', 'kafka.producer.compression.type' = 'zstd', 'error-handling.mode' = 'ignore', 'scan.startup.mode' = 'timestamp', 'scan.startup.timestamp-millis' = '1700000000000', 'scan.bounded.mode' = 'latest-offset')").await;
    let table = kafka(&world, "t").await;
    assert_eq!(table.isolation, IsolationLevel::ReadUncommitted);
    assert_eq!(table.compression, Compression::Zstd);
    assert_eq!(table.error_handling, ErrorHandling::Ignore);
    assert_eq!(table.startup, StartupMode::Timestamp(1_700_000_000_000));
    assert_eq!(table.bounded, BoundedMode::LatestOffset);
    let text = world.show("t").await;
    for line in [
        "'error-handling.mode' = 'ignore'",
        "'kafka.consumer.isolation-level' = 'read-uncommitted'",
        "'kafka.producer.compression.type' = 'zstd'",
        "'scan.startup.mode' = 'timestamp'",
        "'scan.startup.timestamp-millis' = '1700000000000'",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    world.done("CREATE TABLE o (i INT) WITH ('scan.startup.mode' = 'specific-offsets', 'scan.startup.specific-offsets' = 'partition:0,offset:3;partition:1,offset:42', 'scan.bounded.mode' = 'timestamp', 'scan.bounded.timestamp-millis' = '5')").await;
    let table = kafka(&world, "o").await;
    assert_eq!(table.startup, StartupMode::SpecificOffsets([(0, 3), (1, 42)].into()));
    assert_eq!(table.bounded, BoundedMode::Timestamp(5));
    world.done("CREATE TABLE b (i INT) WITH ('scan.bounded.mode' = 'specific-offsets', 'scan.bounded.specific-offsets' = 'partition:0,offset:9', 'scan.startup.mode' = 'latest-offset')").await;
    let table = kafka(&world, "b").await;
    assert_eq!(
        (table.bounded, table.startup),
        (BoundedMode::SpecificOffsets([(0, 9)].into()), StartupMode::LatestOffset)
    );
    world.end().await;
}

/// Both forms of the key are understood (decision 8).
#[tokio::test]
async fn schema_contexts_qualify_the_subjects() {
    let world = World::new().await;
    world.done("CREATE TABLE t (k INT, v INT) DISTRIBUTED BY (k) WITH ('key.avro-registry.schema-context' = '.keys', 'value.format.schema-context' = '.values')").await;
    assert_eq!(world.subjects().await, [":.keys:t-key", ":.values:t-value"]);
    let table = kafka(&world, "t").await;
    assert_eq!(table.value.schema.unwrap().subject, ":.values:t-value");
    let text = world.show("t").await;
    assert!(text.contains("'key.format.schema-context' = '.keys'"), "{text}");
    world.done("DROP TABLE t").await;
    assert!(world.subjects().await.is_empty());
    for (options, cause) in [
        ("'value.json-registry.schema-context' = 'a'", "is no schema context"),
        ("'value.format.schema-context' = '.a', 'value.avro-registry.schema-context' = '.b'", "Write one of them"),
        ("'value.format.schema-context' = 'a'", "is no schema context"),
    ] {
        let error = world.error(&format!("CREATE TABLE t (v INT) WITH ({options})")).await;
        assert!(error.starts_with("NUTKIN-3204") && error.contains(cause), "{error}");
    }
    world.end().await;
}

/// Scripts carry the context of one format beside another format; it is kept and shown, and means nothing.
#[tokio::test]
async fn options_of_a_format_that_is_not_in_use_are_kept() {
    let world = World::new().await;
    let context = "'value.avro-registry.schema-context' = '.dev'";
    world.done(&format!("CREATE TABLE t (v INT) WITH ({context}, 'value.format' = 'json-registry')")).await;
    assert_eq!(world.subjects().await, ["t-value"]);
    let text = world.show("t").await;
    assert!(text.contains(context) && text.contains("'value.format' = 'json-registry'"), "{text}");
    world.done("ALTER TABLE t SET ('value.avro-registry.schema-context' = '.test')").await;
    assert!(world.show("t").await.contains("'value.avro-registry.schema-context' = '.test'"));
    world.done("ALTER TABLE t RESET ('value.avro-registry.schema-context')").await;
    assert!(!world.show("t").await.contains("schema-context"));
    world.end().await;
}

#[tokio::test]
async fn bad_values_are_refused_with_what_is_allowed() {
    let world = World::new().await;
    for (option, value, cause) in [
        ("changelog.mode", "sometimes", "append, upsert, retract"),
        ("error-handling.mode", "hope", "fail, ignore"),
        ("kafka.cleanup-policy", "never", "delete, compact, delete-compact"),
        ("kafka.compaction.time", "soon", "is no duration"),
        ("kafka.consumer.isolation-level", "x", "read-committed, read-uncommitted"),
        ("kafka.max-message-size", "0", "between 1 byte"),
        ("kafka.max-message-size", "big", "is no size"),
        ("kafka.message-timestamp-type", "x", "create-time"),
        ("kafka.partitions", "0", "at least one partition"),
        ("kafka.partitions", "-1", "whole number"),
        ("kafka.producer.compression.type", "rar", "none, gzip, snappy, lz4, zstd"),
        ("kafka.retention.size", "-1", "is no size"),
        ("kafka.retention.time", "-1", "is no duration"),
        ("key.format", "csv", "raw, avro-registry"),
        ("value.format", "csv", "raw, avro-registry"),
        ("value.fields-include", "some", "all, except-key"),
        ("scan.startup.mode", "middle", "earliest-offset"),
        ("scan.startup.mode", "timestamp", "scan.startup.timestamp-millis"),
        ("scan.startup.timestamp-millis", "-5", "before 1970"),
        ("scan.startup.specific-offsets", "1,2", "partition:0,offset:3"),
        ("scan.bounded.mode", "timestamp", "scan.bounded.timestamp-millis"),
        ("scan.bounded.mode", "specific-offsets", "scan.bounded.specific-offsets"),
    ] {
        let error = world.error(&format!("CREATE TABLE t (v INT) WITH ('{option}' = '{value}')")).await;
        assert!(error.starts_with("NUTKIN-3204") && error.contains(cause), "{option}: {error}");
    }
    world.end().await;
}

#[tokio::test]
async fn what_is_not_built_is_refused_by_name() {
    let world = World::new().await;
    for (option, value) in [
        ("error-handling.mode", "log"),
        ("error-handling.log.target", "dlq"),
        ("connector", "mongodb"),
        ("connector", "faker"),
        ("value.format", "avro-debezium-registry"),
        ("value.json-registry.wire-encoding", "json"),
        ("key.avro-registry.id-encoding", "header"),
    ] {
        let sql = format!(
            "CREATE TABLE t (k INT, v INT) DISTRIBUTED BY (k) WITH ('{option}' = '{value}'{})",
            match option {
                "value.json-registry.wire-encoding" => ", 'value.format' = 'json-registry'",
                _ => "",
            }
        );
        let error = world.error(&sql).await;
        assert!(error.starts_with("NUTKIN-3203") && error.contains(option), "{error}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_blackhole_is_a_table_without_a_topic() {
    let world = World::with(crate::Options { blackhole: true, ..crate::Options::default() }).await;
    world.done("CREATE TABLE sink (a INT, b STRING, twice AS a * 2) WITH ('connector' = 'blackhole')").await;
    assert!(!world.has_topic("sink").await && world.subjects().await.is_empty());
    assert_eq!(world.done("SHOW TABLES").await.names(), ["sink"]);
    let (_, plan) = world.job("INSERT INTO sink SELECT customer_id, order_id FROM examples.marketplace.orders").await;
    assert!(plan.tables.iter().any(|table| table.connector == Connector::Blackhole));
    let text = world.show("sink").await;
    assert!(text.contains("WITH (\n  'changelog.mode' = 'append',\n  'connector' = 'blackhole'\n)"), "{text}");
    assert!(world.error("CREATE TABLE sink (a INT)").await.starts_with("NUTKIN-3200"));
    let error =
        world.error("CREATE TABLE other (a INT) WITH ('connector' = 'blackhole', 'value.format' = 'raw')").await;
    assert!(error.contains("no effect"), "{error}");
    world.done("DROP TABLE sink").await;
    assert!(world.done("SHOW TABLES").await.rows().is_empty());
    world.end().await;
}

#[tokio::test]
async fn a_raw_key_format_without_a_key_may_stand() {
    let world = World::new().await;
    world.done("CREATE TABLE t (a INT) WITH ('key.format' = 'raw', 'value.format' = 'json-registry')").await;
    let table = kafka(&world, "t").await;
    assert!(table.key.is_none() && table.value.kind == FormatKind::JsonRegistry);
    world.end().await;
}
