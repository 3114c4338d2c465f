//! SHOW FUNCTIONS, DESCRIBE FUNCTION (spec D-17, D-18).

use super::support::World;

#[tokio::test]
async fn functions_are_listed_under_the_heading_that_clients_look_for() {
    let world = World::new().await;
    let all = world.done("SHOW FUNCTIONS").await;
    assert_eq!((all.traits.sql_kind.as_str(), all.headings()), ("SHOW_FUNCTIONS", vec!["Function Name".to_owned()]));
    let names = all.names();
    assert!(
        names.is_sorted()
            && ["UPPER", "COUNT", "CAST"].iter().filter(|name| names.contains(&(**name).to_owned())).count() >= 2
    );
    assert_eq!(
        world.done("SHOW FUNCTIONS LIKE 'SHA%'").await.names(),
        ["SHA1", "SHA2", "SHA224", "SHA256", "SHA384", "SHA512"]
    );
    let own = world.done("SHOW USER FUNCTIONS IN `env-1`.`lkc-1`").await;
    assert_eq!((own.headings(), own.rows().len()), (vec!["Function Name".to_owned()], 0));
    assert!(world.error("SHOW USER FUNCTIONS IN `env-1`.`lkc-9`").await.contains("Database 'lkc-9' not found"));
    world.end().await;
}

#[tokio::test]
async fn a_function_is_described_from_the_registry() {
    let world = World::new().await;
    let short = world.done("DESCRIBE FUNCTION `upper`").await;
    assert_eq!(short.headings(), ["info name", "info value"]);
    assert_eq!(short.rows(), [["system function", "true"], ["temporary", "false"]]);
    let value = |rows: &[Vec<String>], name: &str| -> String {
        rows.iter().find(|row| row[0] == name).map(|row| row[1].clone()).unwrap_or_default()
    };
    let rows = world.done("DESCRIBE FUNCTION EXTENDED `upper`").await.rows();
    assert_eq!((value(&rows, "kind").as_str(), value(&rows, "deterministic").as_str()), ("SCALAR", "true"));
    assert!(value(&rows, "signature").contains("UPPER") && value(&rows, "description").contains("UPPER"));
    let rows = world.done("DESC FUNCTION EXTENDED `RAND`").await.rows();
    assert_eq!(value(&rows, "constant folding"), "false");
    let rows = world.done("DESCRIBE FUNCTION EXTENDED `COUNT`").await.rows();
    assert_eq!(value(&rows, "kind"), "AGGREGATE");
    let error = world.error("DESCRIBE FUNCTION no_such_function").await;
    assert!(error.contains("Function with the identifier 'no_such_function' doesn't exist"), "{error}");
    world.end().await;
}

/// What the original does not have either is refused for good; what is missing here, by name.
#[tokio::test]
async fn statements_that_are_not_here_say_what_to_do() {
    let world = World::new().await;
    for (sql, code) in [
        ("SHOW MODULES", "NUTKIN-2007"),
        ("SHOW JARS", "NUTKIN-2007"),
        ("SHOW PARTITIONS t", "NUTKIN-2007"),
        ("DROP TEMPORARY TABLE t", "NUTKIN-2007"),
        ("DROP TEMPORARY VIEW v", "NUTKIN-2007"),
        ("CREATE TEMPORARY TABLE t (a INT)", "NUTKIN-2007"),
        ("CREATE TEMPORARY FUNCTION f AS 'x'", "NUTKIN-2007"),
        ("CREATE DATABASE d", "NUTKIN-2007"),
        ("DROP CATALOG c", "NUTKIN-2007"),
        ("CREATE MODEL m WITH ('a' = 'b')", "NUTKIN-2002"),
        ("CREATE CONNECTION c WITH ('type' = 'rest')", "NUTKIN-2002"),
        ("CREATE MATERIALIZED TABLE m AS SELECT 1 AS a", "NUTKIN-2002"),
        ("UPDATE t SET a = 1", "NUTKIN-1003"),
        ("TRUNCATE TABLE t", "NUTKIN-1003"),
    ] {
        let error = world.error(sql).await;
        assert!(error.starts_with(code) && error.contains('\n'), "{sql}: {error}");
    }
    world.end().await;
}
