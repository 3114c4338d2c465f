//! CREATE, DROP, SHOW and DESCRIBE FUNCTION of functions that users register, and calls of them (spec D-11, D-17, D-18).

use super::support::World;
use crate::{Catalog, Options};

const CREATE: &str =
    "CREATE FUNCTION is_smaller AS 'com.example.my.TShirtSizingIsSmaller' USING JAR 'confluent-artifact://cfa-1/ver-2'";

fn value(rows: &[Vec<String>], name: &str) -> Option<String> {
    rows.iter().find(|row| row[0] == name).map(|row| row[1].clone())
}

#[tokio::test]
async fn a_function_is_registered_listed_and_dropped() {
    let mut world = World::new().await;
    assert_eq!(world.done(CREATE).await.detail, "Function 'is_smaller' created.");
    world.done("CREATE FUNCTION IF NOT EXISTS Upper2 AS 'm.f' LANGUAGE PYTHON USING JAR 'confluent-artifact://cfa-9' USING CONNECTIONS ('c1', 'c2')").await;
    // Kept over a restart; one database's only.
    world.catalog = Catalog::new(Options::default(), world.parts.clone(), world.parts.clone());
    assert_eq!(world.done("SHOW USER FUNCTIONS").await.names(), ["Upper2", "is_smaller"]);
    assert_eq!(world.done("SHOW USER FUNCTIONS LIKE 'is%'").await.names(), ["is_smaller"]);
    assert!(world.done("SHOW FUNCTIONS").await.names().contains(&"is_smaller".to_owned()));
    assert!(world.done("SHOW USER FUNCTIONS IN `test`.`lkc-2`").await.names().is_empty());
    // Functions are found in any case.
    let error = world.error("CREATE FUNCTION IS_SMALLER AS 'x' USING JAR 'confluent-artifact://cfa-1'").await;
    assert!(error.starts_with("NUTKIN-3200") && error.contains("do not change"), "{error}");
    let again =
        world.done("CREATE FUNCTION IF NOT EXISTS is_SMALLER AS 'x' USING JAR 'confluent-artifact://cfa-1'").await;
    assert_eq!(again.detail, "Function 'is_SMALLER' already exists.");
    assert_eq!(world.done("DROP FUNCTION IS_Smaller").await.detail, "Function 'IS_Smaller' dropped.");
    assert_eq!(world.done("SHOW USER FUNCTIONS").await.names(), ["Upper2"]);
    let error = world.error("DROP FUNCTION is_smaller").await;
    assert!(error.starts_with("NUTKIN-3201"), "{error}");
    let gone = world.done("DROP FUNCTION IF EXISTS is_smaller").await;
    assert_eq!(gone.detail, "Function 'is_smaller' does not exist.");
    world.done(CREATE).await;
    world.end().await;
}

/// The second try of a statement that was cut off after its last step.
#[tokio::test]
async fn second_tries_find_their_work_done() {
    let world = World::new().await;
    for sql in [CREATE, "DROP FUNCTION is_smaller"] {
        for _ in 0..2 {
            let outcome = world.submit_as(sql, sql).await;
            assert!(matches!(outcome, Ok(crate::Outcome::Executed { .. })), "{outcome:?}");
        }
        assert!(world.submit_as("another", sql).await.is_err());
    }
    world.end().await;
}

#[tokio::test]
async fn a_function_is_described_as_far_as_it_is_known() {
    let world = World::new().await;
    world.done(CREATE).await;
    world.done("CREATE FUNCTION f AS 'm.f' LANGUAGE PYTHON USING JAR 'confluent-artifact://cfa-9' USING CONNECTIONS ('c1', 'c2')").await;
    let short = world.done("DESCRIBE FUNCTION IS_SMALLER").await;
    assert_eq!(short.headings(), ["info name", "info value"]);
    let rows = short.rows();
    let names: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let expected = [
        "system function",
        "temporary",
        "class name",
        "function language",
        "plugin id",
        "version id",
        "argument types",
        "return type",
    ];
    assert_eq!(names, expected);
    assert_eq!(value(&rows, "class name").as_deref(), Some("com.example.my.TShirtSizingIsSmaller"));
    assert_eq!(value(&rows, "plugin id").as_deref(), Some("cfa-1"));
    assert_eq!(value(&rows, "version id").as_deref(), Some("ver-2"));
    let rows = world.done("DESC FUNCTION EXTENDED prod.cluster_0.F").await.rows();
    assert_eq!(value(&rows, "function language").as_deref(), Some("PYTHON"));
    assert_eq!(value(&rows, "connections").as_deref(), Some("c1, c2"));
    for name in ["kind", "deterministic", "argument types", "return type"] {
        assert!(value(&rows, name).unwrap().starts_with("unknown"), "{name}");
    }
    assert!(value(&rows, "signature").unwrap().starts_with("prod.cluster_0.f("));
    let listed = world
        .done("SELECT ROUTINE_SCHEMA, ROUTINE_NAME, ROUTINE_TYPE, FUNCTION_KIND FROM `INFORMATION_SCHEMA`.`ROUTINES` WHERE ROUTINE_NAME = 'f'")
        .await;
    assert_eq!(listed.rows(), [["cluster_0", "f", "FUNCTION", "NULL"]]);
    world.end().await;
}

/// Calls are refused by name, with their place; built-in functions come before those of users.
#[tokio::test]
async fn calls_of_user_functions_are_refused_by_name() {
    let world = World::new().await;
    world.done(CREATE).await;
    world.done("CREATE FUNCTION `upper` AS 'x' USING JAR 'confluent-artifact://cfa-1'").await;
    for (sql, place) in [
        ("SELECT Is_Smaller('a', 'b')", "line 1, column 8"),
        ("SELECT 1 FROM examples.marketplace.orders WHERE cluster_0.is_smaller(order_id, 'b')", "column 49"),
        ("SELECT * FROM examples.marketplace.orders, LATERAL TABLE(is_smaller(order_id))", "column 58"),
        ("EXPLAIN SELECT COUNT(prod.cluster_0.is_smaller(order_id)) FROM examples.marketplace.orders", "column 22"),
        ("CREATE VIEW v AS SELECT is_smaller('a') AS a", "column 25"),
        ("SELECT cluster_0.`upper`('a')", "column 8"),
    ] {
        let error = world.error(sql).await;
        assert!(
            error.starts_with("NUTKIN-2002") && error.contains("user function `prod`.`cluster_0`."),
            "{sql}: {error}"
        );
        assert!(error.contains(place), "{sql}: {error}");
    }
    world.job("SELECT UPPER('a')").await;
    let error = world.error("SELECT nothing_here('a')").await;
    assert!(error.starts_with("NUTKIN-2001") && error.contains("No match found for function signature"), "{error}");
    let rows = world.done("DESCRIBE FUNCTION `upper`").await.rows();
    assert_eq!(value(&rows, "system function").as_deref(), Some("true"));
    let rows = world.done("DESCRIBE FUNCTION cluster_0.`upper`").await.rows();
    assert_eq!(value(&rows, "system function").as_deref(), Some("false"));
    world.end().await;
}

/// Immutable, lasting, from an artifact: everything else is refused with the reason.
#[tokio::test]
async fn other_forms_are_refused() {
    let world = World::new().await;
    for (sql, code, cause) in [
        ("CREATE OR REPLACE FUNCTION f AS 'x' USING JAR 'confluent-artifact://a'", "NUTKIN-1003", "do not change"),
        ("ALTER FUNCTION f AS 'y'", "NUTKIN-1003", "ALTER FUNCTION"),
        ("CREATE TEMPORARY FUNCTION f AS 'x'", "NUTKIN-2007", "Temporary functions"),
        ("CREATE TEMPORARY SYSTEM FUNCTION f AS 'x'", "NUTKIN-2007", "Temporary functions"),
        ("DROP TEMPORARY FUNCTION f", "NUTKIN-2007", "TEMPORARY"),
        ("CREATE FUNCTION f AS 'x'", "NUTKIN-2008", "USING JAR"),
        ("CREATE FUNCTION f AS '' USING JAR 'confluent-artifact://a'", "NUTKIN-2008", "class"),
        ("CREATE FUNCTION f AS 'x' LANGUAGE SCALA USING JAR 'confluent-artifact://a'", "NUTKIN-2007", "SCALA"),
        ("CREATE FUNCTION f AS 'x' USING FILE 'confluent-artifact://a'", "NUTKIN-2007", "USING JAR"),
        ("CREATE FUNCTION f AS 'x' USING JAR 'file:///a.jar'", "NUTKIN-2008", "'file:///a.jar' is not the address"),
        ("CREATE FUNCTION f AS 'x' USING JAR 'confluent-artifact://'", "NUTKIN-2008", "not the address"),
        ("CREATE FUNCTION f AS 'x' USING JAR 'confluent-artifact://a/b/c'", "NUTKIN-2008", "not the address"),
        (
            "CREATE FUNCTION f AS 'x' USING JAR 'confluent-artifact://a', JAR 'confluent-artifact://b'",
            "NUTKIN-2008",
            "one artifact",
        ),
        (
            "CREATE FUNCTION f AS 'x' USING JAR 'confluent-artifact://a' USING CONNECTIONS ('c', 'c')",
            "NUTKIN-2008",
            "'c'",
        ),
        (
            "CREATE FUNCTION examples.marketplace.f AS 'x' USING JAR 'confluent-artifact://a'",
            "NUTKIN-3206",
            "read-only",
        ),
    ] {
        let error = world.error(sql).await;
        assert!(error.starts_with(code) && error.contains(cause), "{sql}: {error}");
    }
    assert!(world.done("SHOW USER FUNCTIONS").await.names().is_empty());
    world.end().await;
}
