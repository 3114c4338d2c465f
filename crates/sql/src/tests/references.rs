//! Table references and statement kinds.

use crate::{parse_statement, table_references};

fn names(text: &str) -> Vec<String> {
    let statement = parse_statement(text).unwrap();
    table_references(&statement).iter().map(ToString::to_string).collect()
}

#[test]
fn tables_are_found_wherever_they_stand() {
    let cases: [(&str, &[&str]); 14] = [
        ("SELECT * FROM a, c.d.b JOIN a ON TRUE", &["a", "c.d.b"]),
        (
            "SELECT (SELECT 1 FROM a), f(b => (SELECT x FROM b)) FROM c WHERE x IN (SELECT x FROM d)",
            &["a", "b", "c", "d"],
        ),
        ("SELECT * FROM TABLE(TUMBLE(TABLE a, DESCRIPTOR(t), INTERVAL '1' HOUR))", &["a"]),
        ("SELECT * FROM a FOR SYSTEM_TIME AS OF x, LATERAL (SELECT * FROM b)", &["a", "b"]),
        ("SELECT * FROM a MATCH_RECOGNIZE (PATTERN (A) DEFINE A AS A.x = (SELECT 1 FROM b))", &["a", "b"]),
        ("WITH x AS (SELECT * FROM a), y AS (SELECT * FROM x) SELECT * FROM x, y, c.x", &["a", "c.x"]),
        ("WITH x AS (SELECT * FROM x) SELECT * FROM x", &["x"]),
        ("SELECT * FROM (WITH x AS (SELECT 1) SELECT * FROM x), x", &["x"]),
        ("INSERT INTO s SELECT * FROM a UNION ALL TABLE b", &["s", "a", "b"]),
        (
            "EXECUTE STATEMENT SET BEGIN INSERT INTO s SELECT * FROM a; INSERT INTO r SELECT * FROM a; END",
            &["s", "a", "r"],
        ),
        ("CREATE TABLE s LIKE a", &["s", "a"]),
        ("EXPLAIN CREATE TABLE s AS SELECT COUNT(*) FILTER (WHERE EXISTS (TABLE b)) FROM a", &["s", "b", "a"]),
        ("ALTER TABLE `c`.`d`.`t` DROP WATERMARK", &["`c`.`d`.`t`"]),
        ("SHOW TABLES", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(names(text), expected, "{text}");
    }
}

/// statements.md L-06.
#[test]
fn kinds_are_named_as_in_the_api() {
    let cases = [
        ("SELECT 1", "SELECT"),
        ("VALUES 1", "SELECT"),
        ("INSERT INTO t SELECT 1", "INSERT_INTO"),
        ("EXECUTE STATEMENT SET BEGIN INSERT INTO t SELECT 1; END", "STATEMENT_SET"),
        ("CREATE TABLE t (a INT)", "CREATE_TABLE"),
        ("CREATE TABLE t AS SELECT 1", "CREATE_TABLE_AS"),
        ("DROP TABLE t", "DROP_TABLE"),
        ("ALTER TABLE t DROP WATERMARK", "ALTER_TABLE"),
        ("CREATE VIEW v AS SELECT 1", "CREATE_VIEW"),
        ("DROP VIEW v", "DROP_VIEW"),
        ("CREATE MATERIALIZED TABLE m AS SELECT 1", "CREATE_MATERIALIZED_TABLE"),
        ("CREATE OR ALTER MATERIALIZED TABLE m AS SELECT 1", "CREATE_OR_ALTER_MATERIALIZED_TABLE"),
        ("ALTER MATERIALIZED TABLE m SUSPEND", "ALTER_MATERIALIZED_TABLE"),
        ("DROP MATERIALIZED TABLE m", "DROP_MATERIALIZED_TABLE"),
        ("SHOW TABLES", "SHOW_TABLES"),
        ("SHOW CREATE TABLE t", "SHOW_CREATE_TABLE"),
        ("SHOW CURRENT CATALOG", "SHOW_CURRENT_CATALOG"),
        ("DESCRIBE t", "DESCRIBE_TABLE"),
        ("DESCRIBE FUNCTION f", "DESCRIBE_FUNCTION"),
        ("EXPLAIN SELECT 1", "EXPLAIN"),
    ];
    for (text, kind) in cases {
        assert_eq!(parse_statement(text).unwrap().kind().to_string(), kind, "{text}");
    }
}
