//! Names of result columns, as Apache Flink 2.2.1 gives them.

use super::support::Catalog;

const CASES: &[(&str, &[&str])] = &[
    ("SELECT 1, a, a + 1, t.a, a AS b FROM t", &["EXPR$0", "a", "EXPR$2", "a0", "b"]),
    (
        "SELECT LOCALTIME, localtimestamp, CURRENT_DATE, Current_Time, CURRENT_TIMESTAMP, NOW(), PI()",
        &["LOCALTIME", "localtimestamp", "CURRENT_DATE", "Current_Time", "CURRENT_TIMESTAMP", "EXPR$5", "EXPR$6"],
    ),
    ("SELECT * FROM (VALUES (1), (2)) AS x", &["x"]),
    ("SELECT x FROM ((VALUES (1), (2))) AS x", &["x"]),
    ("SELECT MAX(x) FROM (VALUES (1), (2)) AS x", &["EXPR$0"]),
    ("SELECT * FROM (VALUES (1, 2)) AS x", &["EXPR$0", "EXPR$1"]),
    ("SELECT * FROM (SELECT 1) AS x", &["EXPR$0"]),
    ("SELECT * FROM UNNEST(ARRAY[1, 2]) AS x", &["x"]),
    ("SELECT x FROM l, UNNEST(list) AS x", &["x"]),
    ("SELECT * FROM l CROSS JOIN UNNEST(l.list) AS x", &["list", "x"]),
];

#[test]
fn columns_are_named_as_in_flink() {
    let catalog = Catalog::default().with("CREATE TABLE t (a INT)").with("CREATE TABLE l (list ARRAY<INT>)");
    for (sql, wanted) in CASES {
        let execution = catalog.run(sql);
        let names: Vec<&str> = execution.schema.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, *wanted, "{sql}");
    }
}
