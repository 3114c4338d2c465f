//! Tables from topics and schemas alone, rule by rule (spec sql.md 2.4).

use nutkin_plan::table::{FormatKind, KafkaTable};
use nutkin_plan::{ChangelogMode, Connector, Table};
use nutkin_registry::model::SchemaType;

use super::support::World;

const RECORD: &str = r#"{"type": "record", "name": "TestRecord", "fields": [{"name": "i", "type": "int"}, {"name": "s", "type": "string"}]}"#;

pub(super) fn record(fields: &str) -> String {
    format!(r#"{{"type": "record", "name": "TestRecord", "fields": [{fields}]}}"#)
}

pub(super) async fn frozen(world: &World, name: &str) -> Table {
    let (_, plan) = world.job(&format!("SELECT * FROM `{name}`")).await;
    plan.tables.into_iter().next().unwrap()
}

pub(super) fn kafka(table: &Table) -> &KafkaTable {
    match &table.connector {
        Connector::Kafka(kafka) => kafka,
        other => panic!("{other:?}"),
    }
}

/// Columns as SHOW CREATE TABLE prints them, then the distribution.
pub(super) fn columns(table: &Table) -> (Vec<String>, String) {
    let columns = table.columns.iter().map(|column| format!("{} {}", column.name, column.data_type)).collect();
    (columns, table.distribution.as_ref().unwrap().keys.join(","))
}

pub(super) fn option<'a>(table: &'a Table, key: &str) -> Option<&'a str> {
    table.options.get(key).map(String::as_str)
}

const BYTES: &str = "VARBINARY(2147483647)";

/// Rule 1: no schemas.
#[tokio::test]
async fn a_topic_without_schemas_is_raw() {
    let world = World::new().await;
    world.topic("t_raw", 2, &[]).await;
    let table = frozen(&world, "t_raw").await;
    assert_eq!(columns(&table), (vec![format!("key {BYTES}"), format!("val {BYTES}")], "key".to_owned()));
    assert_eq!((option(&table, "key.format"), option(&table, "value.format")), (Some("raw"), Some("raw")));
    assert_eq!((table.changelog_mode, kafka(&table).partitions), (ChangelogMode::Append, 2));
    assert!(kafka(&table).value.is_atomic && kafka(&table).key.as_ref().unwrap().is_atomic);
    world.end().await;
}

/// Rule 2: a value record only.
#[tokio::test]
async fn a_value_schema_gives_columns_beside_a_raw_key() {
    let world = World::new().await;
    world.topic("t_raw_key", 6, &[]).await;
    world.avro("t_raw_key-value", RECORD).await;
    let table = frozen(&world, "t_raw_key").await;
    let expected =
        vec![format!("key {BYTES}"), "i INT NOT NULL".to_owned(), "s VARCHAR(2147483647) NOT NULL".to_owned()];
    assert_eq!(columns(&table), (expected, "key".to_owned()));
    assert_eq!((option(&table, "key.format"), option(&table, "value.format")), (Some("raw"), Some("avro-registry")));
    let schema = kafka(&table).value.schema.as_ref().unwrap();
    assert_eq!((schema.subject.as_str(), schema.version), ("t_raw_key-value", 1));
    world.end().await;
}

/// Rule 3: an atomic key, and an atomic value.
#[tokio::test]
async fn atomic_schemas_are_one_column() {
    let world = World::new().await;
    world.topic("t_atomic_key", 2, &[]).await;
    world.avro("t_atomic_key-key", r#""int""#).await;
    world.avro("t_atomic_key-value", RECORD).await;
    let table = frozen(&world, "t_atomic_key").await;
    assert_eq!(columns(&table).0[0], "key INT NOT NULL");
    let key = kafka(&table).key.as_ref().unwrap();
    assert!(key.is_atomic && key.kind == FormatKind::AvroRegistry && key.schema.is_some());
    world.topic("t_atomic_value", 2, &[]).await;
    world.avro("t_atomic_value-value", r#"["null", "long"]"#).await;
    let table = frozen(&world, "t_atomic_value").await;
    assert_eq!(columns(&table).0, [format!("key {BYTES}"), "val BIGINT".to_owned()]);
    assert!(kafka(&table).value.is_atomic);
    world.end().await;
}

/// Rule 4: the default key column gives way to a value's field.
#[tokio::test]
async fn clashing_names_are_prefixed() {
    let world = World::new().await;
    world.topic("t_raw_disjoint", 1, &[]).await;
    let value = record(r#"{"name": "i", "type": "int"}, {"name": "key", "type": "string"}"#);
    world.avro("t_raw_disjoint-value", &value).await;
    let table = frozen(&world, "t_raw_disjoint").await;
    let expected =
        vec![format!("key_key {BYTES}"), "i INT NOT NULL".to_owned(), "key VARCHAR(2147483647) NOT NULL".to_owned()];
    assert_eq!(columns(&table), (expected, "key_key".to_owned()));
    assert_eq!(option(&table, "key.fields-prefix"), Some("key_"));
    // Fields of a record key that differ from the value's of the same name.
    world.topic("t_differ", 1, &[]).await;
    world.avro("t_differ-key", &record(r#"{"name": "id", "type": "int"}"#)).await;
    world.avro("t_differ-value", &record(r#"{"name": "id", "type": "long"}"#)).await;
    let table = frozen(&world, "t_differ").await;
    assert_eq!(
        columns(&table),
        (vec!["key_id INT NOT NULL".to_owned(), "id BIGINT NOT NULL".to_owned()], "key_id".to_owned())
    );
    let key = &kafka(&table).key.as_ref().unwrap().fields[0];
    assert_eq!((key.column.as_str(), key.field.as_str()), ("key_id", "id"));
    // A prefixed name that is taken as well.
    world.topic("t_twice", 1, &[]).await;
    world.avro("t_twice-value", &record(r#"{"name": "key", "type": "int"}, {"name": "key_key", "type": "int"}"#)).await;
    assert_eq!(columns(&frozen(&world, "t_twice").await).1, "key_key_key");
    world.end().await;
}

/// Rules 5 and 6.
#[tokio::test]
async fn record_keys_stand_first_or_inside_the_value() {
    let world = World::new().await;
    let key = record(r#"{"name": "uid", "type": "int"}"#);
    world.topic("t_sr_disjoint", 1, &[]).await;
    world.avro("t_sr_disjoint-key", &key).await;
    world.avro("t_sr_disjoint-value", &record(r#"{"name": "name", "type": "string"}"#)).await;
    let table = frozen(&world, "t_sr_disjoint").await;
    assert_eq!(columns(&table).0, ["uid INT NOT NULL", "name VARCHAR(2147483647) NOT NULL"]);
    assert_eq!(option(&table, "value.fields-include"), None);
    world.topic("t_sr_joint", 1, &[]).await;
    world.avro("t_sr_joint-key", &key).await;
    world
        .avro("t_sr_joint-value", &record(r#"{"name": "uid", "type": "int"}, {"name": "name", "type": "string"}"#))
        .await;
    let table = frozen(&world, "t_sr_joint").await;
    assert_eq!(
        columns(&table),
        (vec!["uid INT NOT NULL".to_owned(), "name VARCHAR(2147483647) NOT NULL".to_owned()], "uid".to_owned())
    );
    assert_eq!(option(&table, "value.fields-include"), Some("all"));
    assert_eq!(kafka(&table).value.fields.len(), 2);
    // Nullability counts.
    world.topic("t_nullable", 1, &[]).await;
    world.avro("t_nullable-key", &key).await;
    world.avro("t_nullable-value", &record(r#"{"name": "uid", "type": ["null", "int"], "default": null}"#)).await;
    assert_eq!(option(&frozen(&world, "t_nullable").await, "key.fields-prefix"), Some("key_"));
    world.end().await;
}

/// Rule 7.
#[tokio::test]
async fn unions_are_one_nullable_column_per_branch() {
    let world = World::new().await;
    world.topic("t_union", 1, &[]).await;
    let user = r#"{"type": "record", "name": "User", "namespace": "org.myorg.avro", "fields": [{"name": "uid", "type": "int"}]}"#;
    world.avro("t_union-value", &format!(r#"["int", "string", {user}]"#)).await;
    let table = frozen(&world, "t_union").await;
    let expected = [
        format!("key {BYTES}"),
        "int INT".to_owned(),
        "string VARCHAR(2147483647)".to_owned(),
        "org.myorg.avro.User ROW<`uid` INT NOT NULL>".to_owned(),
    ];
    assert_eq!(columns(&table).0, expected);
    assert!(!kafka(&table).value.is_atomic);
    let json = r#"{"oneOf": [{"type": "object", "title": "A", "properties": {"a": {"type": "integer"}}}, {"type": "string"}]}"#;
    world.topic("t_one_of", 1, &[]).await;
    world.schema("t_one_of-value", SchemaType::Json, json, &[]).await;
    let table = frozen(&world, "t_one_of").await;
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["key", "connect_union_field_0", "connect_union_field_1"]);
    world.end().await;
}

/// Rule 8 in JSON, and a JSON key beside an Avro value.
#[tokio::test]
async fn formats_of_the_sides_are_their_own() {
    let world = World::new().await;
    world.topic("t_mixed", 3, &[]).await;
    let key = r#"{"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}"#;
    world.schema("t_mixed-key", SchemaType::Json, key, &[]).await;
    world.avro("t_mixed-value", RECORD).await;
    let table = frozen(&world, "t_mixed").await;
    assert_eq!(
        (option(&table, "key.format"), option(&table, "value.format")),
        (Some("json-registry"), Some("avro-registry"))
    );
    assert_eq!(columns(&table).0[0], "id VARCHAR(2147483647) NOT NULL");
    world.end().await;
}

/// Rule 9: the key of a compacted topic is its primary key.
#[tokio::test]
async fn compacted_topics_upsert() {
    let world = World::new().await;
    for (topic, policy) in [("t_compact", "compact"), ("t_both", "compact,delete")] {
        world.topic(topic, 1, &[("cleanup.policy", policy)]).await;
        world
            .avro(&format!("{topic}-key"), &record(r#"{"name": "uid", "type": ["null", "int"], "default": null}"#))
            .await;
        world.avro(&format!("{topic}-value"), RECORD).await;
        let table = frozen(&world, topic).await;
        assert_eq!(table.changelog_mode, ChangelogMode::Upsert);
        let key = table.primary_key.as_ref().unwrap();
        assert_eq!((key.name.as_str(), key.columns.join(",")), ("PK_uid", "uid".to_owned()));
        assert_eq!(columns(&table).0[0], "uid INT NOT NULL");
    }
    let both = frozen(&world, "t_both").await;
    assert_eq!(option(&both, "kafka.cleanup-policy"), Some("delete-compact"));
    world.end().await;
}

pub(super) const ENVELOPE: &str = r#"{"type": "record", "name": "Customer", "namespace": "io.debezium.data", "fields": [
    {"name": "before", "type": ["null", {"type": "record", "name": "Value", "fields": [
        {"name": "id", "type": "int"}, {"name": "name", "type": "string"}]}], "default": null},
    {"name": "after", "type": ["null", "Value"], "default": null},
    {"name": "op", "type": "string"}]}"#;

/// Rule 9: an envelope is a table of the rows in `after`, whose changes are retracted; it can only be read.
#[tokio::test]
async fn debezium_envelopes_are_changes_of_the_rows_in_them() {
    let world = World::new().await;
    world.topic("changes", 6, &[]).await;
    world.avro("changes-value", ENVELOPE).await;
    let text = world.show("changes").await;
    assert!(text.contains("`id` INT NOT NULL") && text.contains("'changelog.mode' = 'retract'"), "{text}");
    assert!(text.contains("'value.format' = 'avro-debezium-registry'"), "{text}");
    assert_eq!(world.describe("changes").await.len(), 3);
    let table = frozen(&world, "changes").await;
    assert_eq!((table.changelog_mode, &table.primary_key), (ChangelogMode::Retract, &None));
    assert!(kafka(&table).value.debezium && !kafka(&table).key.as_ref().unwrap().debezium);
    let error = world.error("INSERT INTO changes SELECT CAST(NULL AS BYTES), 1, 'a'").await;
    assert!(error.starts_with("NUTKIN-3203") && error.contains("Debezium"), "{error}");
    world.end().await;
}

/// Rule 9: of a compacted topic, an envelope's changes are upserted by the key, which stands in the rows too (rule 6).
#[tokio::test]
async fn debezium_envelopes_of_a_compacted_topic_upsert() {
    let world = World::new().await;
    world.topic("changes", 1, &[("cleanup.policy", "compact")]).await;
    world.avro("changes-key", &record(r#"{"name": "id", "type": "int"}"#)).await;
    world.avro("changes-value", ENVELOPE).await;
    let table = frozen(&world, "changes").await;
    assert_eq!(table.changelog_mode, ChangelogMode::Upsert);
    assert_eq!(table.primary_key.as_ref().unwrap().columns, ["id"]);
    assert_eq!(option(&table, "value.fields-include"), Some("all"));
    assert_eq!(columns(&table).0, ["id INT NOT NULL", "name VARCHAR(2147483647) NOT NULL"]);
    world.end().await;
}

/// Rule 9 in the other two languages, and records that only look like an envelope.
#[tokio::test]
async fn envelopes_are_known_by_their_fields() {
    let world = World::new().await;
    let row = r#"{"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}"#;
    let json = format!(
        r#"{{"type": "object", "properties": {{"before": {{"oneOf": [{{"type": "null"}}, {row}]}},
            "after": {{"oneOf": [{{"type": "null"}}, {row}]}}, "op": {{"type": "string"}}}}, "required": ["op"]}}"#
    );
    let proto = "syntax = \"proto3\"; message Envelope { Value before = 1; Value after = 2; string op = 4; \
                 message Value { int64 id = 1; } }";
    let no_op = r#"{"type": "object", "properties": {"before": {"type": "object"}, "after": {"type": "object"}}}"#;
    let number = json.replace(r#""op": {"type": "string"}"#, r#""op": {"type": "integer"}"#);
    for (topic, kind, text, format) in [
        ("t_json", SchemaType::Json, json.as_str(), "json-debezium-registry"),
        ("t_proto", SchemaType::Protobuf, proto, "proto-debezium-registry"),
        ("t_no_op", SchemaType::Json, no_op, "json-registry"),
        ("t_number", SchemaType::Json, &number, "json-registry"),
    ] {
        world.topic(topic, 1, &[]).await;
        world.schema(&format!("{topic}-value"), kind, text, &[]).await;
        let table = frozen(&world, topic).await;
        assert_eq!(option(&table, "value.format"), Some(format));
        let expected = if format.contains("debezium") { "id BIGINT NOT NULL" } else { "after" };
        assert!(columns(&table).0[1].starts_with(expected), "{:?}", table.columns);
    }
    world.end().await;
}

/// Rule 10: a metadata column hides a physical one that came later.
#[tokio::test]
async fn metadata_comes_before_a_later_physical_column() {
    let world = World::new().await;
    world.done("CREATE TABLE t (uid INT NOT NULL, `timestamp` TIMESTAMP_LTZ(3) NOT NULL METADATA)").await;
    let evolved = r#"{"type": "record", "name": "record", "namespace": "org.apache.flink.avro.generated", "fields": [
        {"name": "uid", "type": "int"}, {"name": "timestamp", "type": ["null", "string"], "default": null},
        {"name": "more", "type": ["null", "string"], "default": null}]}"#;
    world.avro("t-value", evolved).await;
    let table = frozen(&world, "t").await;
    assert_eq!(
        columns(&table).0,
        ["uid INT NOT NULL", "more VARCHAR(2147483647)", "timestamp TIMESTAMP_LTZ(3) NOT NULL"]
    );
    let written: Vec<&str> = kafka(&table).value.fields.iter().map(|field| field.column.as_str()).collect();
    assert_eq!(written, ["uid", "more"]);
    assert_eq!(kafka(&table).value.schema.as_ref().unwrap().version, 2);
    world.end().await;
}

/// Rule 13: references are frozen with their texts, those that others need first.
#[tokio::test]
async fn references_are_resolved() {
    let world = World::new().await;
    world.topic("t", 1, &[]).await;
    world
        .avro(
            "city",
            r#"{"type": "record", "name": "City", "namespace": "x", "fields": [{"name": "zip", "type": "int"}]}"#,
        )
        .await;
    let address =
        r#"{"type": "record", "name": "Address", "namespace": "x", "fields": [{"name": "city", "type": "x.City"}]}"#;
    world.schema("address", SchemaType::Avro, address, &[("x.City", "city")]).await;
    let value = r#"{"type": "record", "name": "User", "fields": [{"name": "home", "type": "x.Address"}]}"#;
    world.schema("t-value", SchemaType::Avro, value, &[("x.Address", "address")]).await;
    let table = frozen(&world, "t").await;
    assert_eq!(columns(&table).0[1], "home ROW<`city` ROW<`zip` INT NOT NULL> NOT NULL> NOT NULL");
    let references = &kafka(&table).value.schema.as_ref().unwrap().references;
    let names: Vec<&str> = references.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["x.City", "x.Address"]);
    assert!(references[0].1.contains("zip"));
    world.end().await;
}

/// A record is of one topic: another topic under its name is inferred.
#[tokio::test]
async fn a_topic_made_again_elsewhere_is_another_table() {
    let world = World::new().await;
    world.done("CREATE TABLE t (k INT PRIMARY KEY NOT ENFORCED, v INT)").await;
    world.client.admin().delete_topic("t").await.unwrap();
    let error = world.error("SELECT * FROM t").await;
    assert!(error.starts_with("NUTKIN-2001") && error.contains("Object 't' not found"), "{error}");
    world.topic("t", 1, &[]).await;
    let table = frozen(&world, "t").await;
    assert_eq!((table.changelog_mode, table.primary_key), (ChangelogMode::Append, None));
    world.end().await;
}

/// The schema of a table that was created is gone.
#[tokio::test]
async fn a_table_without_its_schema_says_so() {
    use nutkin_registry::Schemas;
    let world = World::new().await;
    world.done("CREATE TABLE t (v INT)").await;
    world.registry.delete_subject("t-value", false).await.unwrap();
    let error = world.error("SELECT * FROM t").await;
    assert!(error.starts_with("NUTKIN-3207") && error.contains("'t-value'"), "{error}");
    assert_eq!(world.done("DROP TABLE t").await.detail, "Table 't' dropped");
    assert!(world.subjects().await.is_empty());
    world.end().await;
}

/// Protobuf is refused by the formats room until it is built there, and named in the error.
#[tokio::test]
async fn protobuf_columns_come_from_the_formats_room() {
    let world = World::new().await;
    world.topic("t_proto", 1, &[]).await;
    world
        .schema(
            "t_proto-value",
            SchemaType::Protobuf,
            "syntax = \"proto3\"; message A { string a = 1; optional int32 b = 2; }",
            &[],
        )
        .await;
    match world.submit("SELECT * FROM t_proto").await {
        Ok(crate::Outcome::Job { plan, .. }) => {
            let (found, _) = columns(&plan.tables[0]);
            assert_eq!(found[1..], ["a VARCHAR(2147483647) NOT NULL".to_owned(), "b INT".to_owned()]);
        }
        Ok(other) => panic!("{other:?}"),
        Err(error) => assert!(error.code() == "NUTKIN-3003", "{error}"),
    }
    world.end().await;
}
