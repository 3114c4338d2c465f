//! Definitions that cannot be: code, cause and remedy; and the page of every code.

use super::support::World;

#[tokio::test]
async fn contradictions_are_refused_before_anything_is_made() {
    let world = World::new().await;
    for (sql, code, text) in [
        ("CREATE TABLE t (a INT) WITH ('changelog.mode' = 'upsert')", "NUTKIN-3205", "needs a PRIMARY KEY"),
        (
            "CREATE TABLE t (a INT, b INT, PRIMARY KEY (a) NOT ENFORCED) DISTRIBUTED BY (b)",
            "NUTKIN-3205",
            "'b' is not part of the primary key",
        ),
        (
            "CREATE TABLE t (a INT, b INT, PRIMARY KEY (a, b) NOT ENFORCED) DISTRIBUTED BY (a)",
            "NUTKIN-3205",
            "must be the whole primary key (a, b)",
        ),
        ("CREATE TABLE t (a INT) WITH ('kafka.cleanup-policy' = 'compact')", "NUTKIN-3205", "needs keys"),
        ("CREATE TABLE t (a INT, b INT) WITH ('value.format' = 'raw')", "NUTKIN-3205", "holds one column"),
        (
            "CREATE TABLE t (a INT, b INT, c INT) DISTRIBUTED BY (a, b) WITH ('key.format' = 'raw')",
            "NUTKIN-3205",
            "the key has 2",
        ),
        ("CREATE TABLE t (a ARRAY<INT>) WITH ('value.format' = 'raw')", "NUTKIN-3001", "raw"),
        (
            "CREATE TABLE t (a INT, k INT) DISTRIBUTED BY (k) WITH ('key.fields-prefix' = 'x_')",
            "NUTKIN-3204",
            "does not begin with 'x_'",
        ),
        (
            "CREATE TABLE t (x_ INT, a INT) DISTRIBUTED BY (x_) WITH ('key.fields-prefix' = 'x_')",
            "NUTKIN-3204",
            "go on after it",
        ),
        (
            "CREATE TABLE t (k INT, a INT) DISTRIBUTED BY (k) WITH ('key.fields-prefix' = 'k', 'value.fields-include' = 'all')",
            "NUTKIN-3204",
            "except-key",
        ),
        ("CREATE TABLE t (a INT) WITH ('key.format' = 'json-registry')", "NUTKIN-3204", "no key columns"),
        ("CREATE TABLE t (a INT) WITH ('key.fields-prefix' = 'k')", "NUTKIN-3204", "no key columns"),
        (
            "CREATE TABLE t (a INT) DISTRIBUTED INTO 4 BUCKETS WITH ('kafka.partitions' = '5')",
            "NUTKIN-3204",
            "4 BUCKETS",
        ),
        ("CREATE TABLE t (a INT) DISTRIBUTED INTO 5000 BUCKETS", "NUTKIN-3205", "5000 buckets"),
        ("CREATE TABLE `a b` (a INT)", "NUTKIN-3205", "letters, digits"),
        ("CREATE TABLE `__t` (a INT)", "NUTKIN-3205", "kept for the system"),
        ("CREATE TABLE t (a INT, o BOOLEAN METADATA FROM 'offset' VIRTUAL)", "NUTKIN-3205", "Declare it as BIGINT"),
        ("CREATE TABLE t (a INT, h BIGINT METADATA FROM 'timestamp')", "NUTKIN-3205", "metadata column 'h'"),
        ("CREATE TABLE t (a INTERVAL YEAR TO MONTH)", "NUTKIN-3001", "interval"),
        ("CREATE TABLE t (`a b` INT)", "NUTKIN-3001", "name"),
        ("CREATE TABLE t (a INT) WITH ('connector' = 'blackhole')", "NUTKIN-3204", "benchmark flag"),
        (
            "CREATE TABLE t (a INT) WITH ('connector' = 'faker', 'fields.a.expression' = '#{x}')",
            "NUTKIN-3203",
            "'connector' = 'faker'",
        ),
        ("CREATE TABLE t (a INT) WITH ('connector' = 'kafka')", "NUTKIN-3204", "no connector"),
        ("CREATE TABLE t (a INT) WITH ('kafka.partition' = '5')", "NUTKIN-3202", "kafka.partitions"),
    ] {
        let error = world.error(sql).await;
        assert!(error.starts_with(code) && error.contains(text), "{sql}: {error}");
        assert!(!error.contains('\n') || code == "NUTKIN-3001", "{error}");
    }
    assert!(world.done("SHOW TABLES").await.rows().is_empty() && world.subjects().await.is_empty());
    world.end().await;
}

#[tokio::test]
async fn a_name_in_use_is_refused() {
    let world = World::new().await;
    world.topic("taken", 1, &[]).await;
    world.done("CREATE TABLE t (a INT)").await;
    for name in ["taken", "t"] {
        let error = world.error(&format!("CREATE TABLE {name} (b STRING)")).await;
        assert!(error.starts_with("NUTKIN-3200") && error.contains("already exists"), "{error}");
        let done = world.done(&format!("CREATE TABLE IF NOT EXISTS {name} (b STRING)")).await;
        assert_eq!(done.detail, format!("Table '{name}' already exists"));
    }
    assert_eq!(world.describe("t").await[0][0], "a");
    world.end().await;
}

/// A subject that stayed behind with other columns decides who may write to it.
#[tokio::test]
async fn an_incompatible_subject_is_named() {
    let world = World::new().await;
    world.avro("t-value", r#"{"type": "record", "name": "record", "namespace": "org.apache.flink.avro.generated", "fields": [{"name": "a", "type": "string"}]}"#).await;
    let error = world.error("CREATE TABLE t (a INT)").await;
    assert!(error.starts_with("NUTKIN-3502") && error.contains("'t-value'"), "{error}");
    assert!(!world.has_topic("t").await);
    assert_eq!(world.subjects().await, ["t-value"]);
    world.end().await;
}

#[test]
fn every_code_has_a_page() {
    let errors = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
    for number in 3200..=3210 {
        let page = errors.join(format!("NUTKIN-{number}.md"));
        let text = std::fs::read_to_string(&page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
        assert!(text.starts_with(&format!("# NUTKIN-{number}: ")) && text.contains("## What to do"), "{number}");
    }
}
