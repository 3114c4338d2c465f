//! CREATE TABLE by the documented examples (spec D-01 to D-06).

use nutkin_plan::table::{ColumnKind, FormatKind, WatermarkStrategy};
use nutkin_plan::{ChangelogMode, Connector, Table};
use nutkin_registry::Schemas;
use nutkin_registry::model::CompatibilityLevel;

use super::support::World;

/// The table as a plan freezes it.
async fn frozen(world: &World, name: &str) -> Table {
    let (_, plan) = world.job(&format!("SELECT * FROM `{name}`")).await;
    plan.tables.into_iter().next().unwrap()
}

fn kafka(table: &Table) -> &nutkin_plan::table::KafkaTable {
    match &table.connector {
        Connector::Kafka(kafka) => kafka,
        other => panic!("{other:?}"),
    }
}

fn key_fields(table: &Table) -> Vec<(String, String)> {
    let key = kafka(table).key.as_ref().map(|key| key.fields.clone()).unwrap_or_default();
    key.into_iter().map(|field| (field.column, field.field)).collect()
}

fn value_fields(table: &Table) -> Vec<String> {
    kafka(table).value.fields.iter().map(|field| field.column.clone()).collect()
}

/// D-01: a topic of six partitions and the value's subject; append, no key.
#[tokio::test]
async fn a_minimal_table_is_a_topic_with_a_schema() {
    let world = World::new().await;
    let done = world.done("CREATE TABLE t_minimal (s STRING);").await;
    assert_eq!((done.traits.sql_kind.as_str(), done.detail.as_str()), ("CREATE_TABLE", "Table 't_minimal' created"));
    assert!(done.traits.schema.is_none() && done.rows().is_empty());
    let table = frozen(&world, "t_minimal").await;
    let topic = kafka(&table);
    assert_eq!((topic.partitions, topic.topic.as_str()), (6, "t_minimal"));
    assert_eq!((topic.cluster_id.as_str(), topic.registry_id.as_str()), ("lkc-1", "lsrc-1"));
    assert!(topic.key.is_none() && !topic.value.is_atomic);
    assert_eq!(table.changelog_mode, ChangelogMode::Append);
    let schema = topic.value.schema.as_ref().unwrap();
    assert_eq!((schema.subject.as_str(), schema.version), ("t_minimal-value", 1));
    assert_eq!(world.subjects().await, ["t_minimal-value"]);
    let watermark = table.watermark.unwrap();
    assert!(watermark.is_default && watermark.column == "$rowtime" && watermark.strategy == WatermarkStrategy::Source);
    for (setting, value) in [
        ("cleanup.policy", "delete"),
        ("retention.ms", "604800000"),
        ("retention.bytes", "-1"),
        ("max.message.bytes", "2097164"),
    ] {
        assert_eq!(world.setting("t_minimal", setting).await, value, "{setting}");
    }
    // E-07
    let level = world.registry.compatibility("t_minimal-value").await.unwrap();
    assert_eq!(level, CompatibilityLevel::FullTransitive);
    world.end().await;
}

/// D-04: the primary key is the record's key, the table upserts, the topic is compacted.
#[tokio::test]
async fn a_primary_key_makes_an_upsert_table() {
    let world = World::new().await;
    world.done("CREATE TABLE t_pk (k INT PRIMARY KEY NOT ENFORCED, s STRING)").await;
    let table = frozen(&world, "t_pk").await;
    assert_eq!(table.changelog_mode, ChangelogMode::Upsert);
    assert_eq!(key_fields(&table), [("k".to_owned(), "k".to_owned())]);
    assert_eq!(value_fields(&table), ["s"]);
    assert!(!table.column("k").unwrap().data_type.nullable);
    assert_eq!(table.primary_key.as_ref().unwrap().name, "PK_k");
    assert_eq!(world.setting("t_pk", "cleanup.policy").await, "compact");
    assert_eq!(world.subjects().await, ["t_pk-key", "t_pk-value"]);
    world.done("CREATE TABLE t_pk_append (k INT PRIMARY KEY NOT ENFORCED, s STRING) DISTRIBUTED INTO 4 BUCKETS WITH ('changelog.mode' = 'append')").await;
    let table = frozen(&world, "t_pk_append").await;
    assert_eq!((table.changelog_mode, kafka(&table).partitions), (ChangelogMode::Append, 4));
    assert_eq!(table.distribution.as_ref().unwrap().keys, ["k"]);
    world.end().await;
}

/// The documented combination of everything: the key is a part of the primary key.
#[tokio::test]
async fn the_distribution_key_is_the_key_of_the_records() {
    let world = World::new().await;
    world.done("CREATE TABLE t_complex (k1 INT, k2 INT, PRIMARY KEY (k1, k2) NOT ENFORCED, s STRING) COMMENT 'My complex table' DISTRIBUTED BY HASH(k1) INTO 4 BUCKETS WITH ('changelog.mode' = 'append')").await;
    let table = frozen(&world, "t_complex").await;
    assert_eq!(key_fields(&table), [("k1".to_owned(), "k1".to_owned())]);
    assert_eq!(value_fields(&table), ["k2", "s"]);
    assert_eq!(table.comment.as_deref(), Some("My complex table"));
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["k1", "k2", "s"]);
    world.done("CREATE TABLE t_dist (s STRING, k INT) DISTRIBUTED BY (k) INTO 4 BUCKETS").await;
    let table = frozen(&world, "t_dist").await;
    assert_eq!(table.changelog_mode, ChangelogMode::Append);
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["s", "k"], "the order of the definition is kept");
    assert!(table.column("k").unwrap().data_type.nullable);
    world.end().await;
}

/// `key.fields-prefix` and `value.fields-include`.
#[tokio::test]
async fn key_and_value_may_share_names_or_columns() {
    let world = World::new().await;
    world.done("CREATE TABLE t_disjoint (from_key_k INT, k STRING) DISTRIBUTED BY (from_key_k) WITH ('key.fields-prefix' = 'from_key_')").await;
    let table = frozen(&world, "t_disjoint").await;
    assert_eq!(key_fields(&table), [("from_key_k".to_owned(), "k".to_owned())]);
    assert_eq!(value_fields(&table), ["k"]);
    world.done("CREATE TABLE t_joint (k INT, v STRING) DISTRIBUTED BY (k) WITH ('value.fields-include' = 'all')").await;
    let table = frozen(&world, "t_joint").await;
    assert_eq!(key_fields(&table), [("k".to_owned(), "k".to_owned())]);
    assert_eq!(value_fields(&table), ["k", "v"]);
    assert_eq!(table.columns.len(), 2);
    world.end().await;
}

#[tokio::test]
async fn a_raw_key_keeps_its_type() {
    let world = World::new().await;
    world.done("CREATE TABLE t_raw_string_key (key STRING COMMENT 'who', i INT) DISTRIBUTED BY (key) WITH ('key.format' = 'raw')").await;
    let table = frozen(&world, "t_raw_string_key").await;
    let key = kafka(&table).key.as_ref().unwrap();
    assert_eq!((key.kind, key.is_atomic, key.schema.is_none()), (FormatKind::Raw, true, true));
    let column = table.column("key").unwrap();
    assert_eq!(
        (column.data_type.to_string().as_str(), column.comment.as_deref()),
        ("VARCHAR(2147483647)", Some("who"))
    );
    assert_eq!(world.subjects().await, ["t_raw_string_key-value"]);
    world.done("CREATE TABLE `mv` (`key` STRING, `val` STRING, PRIMARY KEY (`key`) NOT ENFORCED) DISTRIBUTED INTO 6 BUCKETS WITH ('changelog.mode' = 'upsert', 'key.format' = 'raw', 'value.format' = 'raw')").await;
    let table = frozen(&world, "mv").await;
    assert_eq!((kafka(&table).value.kind, table.columns.len()), (FormatKind::Raw, 2));
    world.end().await;
}

/// D-02, D-05: neither metadata nor computed columns nor the watermark are in the registry.
#[tokio::test]
async fn what_the_registry_cannot_hold_is_in_the_metastore() {
    let world = World::new().await;
    world.done("CREATE TABLE t (id BIGINT, price DOUBLE, offset_at BIGINT METADATA FROM 'offset' VIRTUAL, ts TIMESTAMP_LTZ(3) NOT NULL METADATA FROM 'timestamp', gross AS price * 1.19 COMMENT 'with tax', moment TIMESTAMP(3), WATERMARK FOR moment AS moment - INTERVAL '5' SECOND)").await;
    let table = frozen(&world, "t").await;
    let kinds: Vec<&ColumnKind> = table.columns.iter().map(|column| &column.kind).collect();
    assert!(matches!(kinds[2], ColumnKind::Metadata { is_virtual: true, .. }));
    assert!(matches!(kinds[3], ColumnKind::Metadata { is_virtual: false, .. }));
    assert!(matches!(kinds[4], ColumnKind::Computed { .. }));
    assert_eq!(value_fields(&table), ["id", "price", "moment"]);
    let watermark = table.watermark.as_ref().unwrap();
    assert!(!watermark.is_default && watermark.column == "moment");
    let schema = world.registry.latest("t-value").await.unwrap();
    assert!(!schema.schema.schema.contains("gross") && !schema.schema.schema.contains("offset_at"));
    world.end().await;
}

/// D-06: the table is made, then filled by a job; rows of an updating query make it a retract table.
#[tokio::test]
async fn create_table_as_makes_and_fills_a_table() {
    let world = World::new().await;
    let (traits, plan) = world.job("CREATE TABLE c AS SELECT order_id, price FROM examples.marketplace.orders").await;
    assert_eq!((traits.sql_kind.as_str(), traits.schema.is_none()), ("CREATE_TABLE_AS", true));
    assert!(plan.tables.iter().any(|table| table.path.name == "c"));
    assert_eq!(frozen(&world, "c").await.changelog_mode, ChangelogMode::Append);
    world.job("CREATE TABLE u AS SELECT customer_id, SUM(price) AS total FROM examples.marketplace.orders GROUP BY customer_id").await;
    assert_eq!(frozen(&world, "u").await.changelog_mode, ChangelogMode::Retract);
    world.job("CREATE TABLE p (PRIMARY KEY (customer_id) NOT ENFORCED) DISTRIBUTED BY HASH(customer_id) INTO 4 BUCKETS AS SELECT customer_id, SUM(price) AS total FROM examples.marketplace.orders GROUP BY customer_id").await;
    let table = frozen(&world, "p").await;
    assert_eq!((table.changelog_mode, kafka(&table).partitions), (ChangelogMode::Upsert, 4));
    let (traits, _) = world.job("INSERT INTO c SELECT order_id, price FROM examples.marketplace.orders").await;
    assert_eq!((traits.sql_kind.as_str(), traits.schema), ("INSERT_INTO", None));
    world.end().await;
}

/// The older form of DISTRIBUTED BY.
#[tokio::test]
async fn partitioned_by_is_distributed_by() {
    let world = World::new().await;
    world.done("CREATE TABLE p (k INT, v STRING) PARTITIONED BY (k)").await;
    let table = frozen(&world, "p").await;
    assert_eq!(
        (table.distribution.as_ref().unwrap().keys.as_slice(), kafka(&table).partitions),
        (&["k".to_owned()][..], 6)
    );
    let error = world.error("CREATE TABLE q (k INT) DISTRIBUTED BY (k) INTO 2 BUCKETS PARTITIONED BY (k)").await;
    assert!(error.contains("exclude each other"), "{error}");
    world.end().await;
}

/// JSON keys and values.
#[tokio::test]
async fn json_tables_register_json_schemas() {
    let world = World::new().await;
    world.done("CREATE TABLE j (k BIGINT NOT NULL, `at` TIMESTAMP_LTZ(3), tags ARRAY<STRING>) DISTRIBUTED BY (k) WITH ('key.format' = 'json-registry', 'value.format' = 'json-registry')").await;
    let table = frozen(&world, "j").await;
    assert_eq!(kafka(&table).value.kind, FormatKind::JsonRegistry);
    assert_eq!(kafka(&table).key.as_ref().unwrap().kind, FormatKind::JsonRegistry);
    let types: Vec<String> = table.columns.iter().map(|column| column.data_type.to_string()).collect();
    assert_eq!(types, ["BIGINT NOT NULL", "TIMESTAMP_LTZ(3)", "ARRAY<VARCHAR(2147483647)>"]);
    world.end().await;
}

/// D-06: what no data plane runs leaves no table behind, so that the statement can be mended and sent again.
#[tokio::test]
async fn a_query_that_cannot_be_run_leaves_no_table() {
    let check = |plan: &nutkin_plan::Plan| match plan.nodes.iter().any(|node| node.operator.name() == "StreamLimit") {
        true => Err("NUTKIN-5109: no LIMIT here".to_owned()),
        false => Ok(()),
    };
    let world = World::with(crate::Options { check, ..crate::Options::default() }).await;
    let error = world.error("CREATE TABLE c AS SELECT order_id FROM examples.marketplace.orders LIMIT 3").await;
    assert_eq!(error, "NUTKIN-5109: no LIMIT here");
    assert!(!world.has_topic("c").await && world.subjects().await.is_empty());
    assert!(world.done("SHOW TABLES").await.rows().is_empty());
    world.job("CREATE TABLE c AS SELECT order_id FROM examples.marketplace.orders").await;
    let again =
        world.error("CREATE TABLE IF NOT EXISTS c AS SELECT order_id FROM examples.marketplace.orders LIMIT 3").await;
    assert_eq!(again, "NUTKIN-5109: no LIMIT here");
    assert!(world.has_topic("c").await, "the table that was there stays");
    world.end().await;
}
