//! What is refused, with which code, where, and in which words.

use super::support::{Catalog, session};
use crate::Session;

fn catalog() -> Catalog {
    Catalog::marketplace()
        .with("CREATE TABLE t (a INT, b STRING NOT NULL, `order` ROW<x INT>, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)")
        .with("CREATE TABLE plain (k INT PRIMARY KEY NOT ENFORCED, v INT)")
        .with("CREATE TABLE no_key (k INT, v INT)")
}

/// Line and column.
type Place = (usize, usize);

/// `(statement, code, place, part of the text)`
const CASES: &[(&str, &str, Option<Place>, &str)] = &[
    ("SELECT x FROM t", "NUTKIN-2001", Some((1, 8)), "Column 'x' not found in any table"),
    ("SELECT A FROM t", "NUTKIN-2001", Some((1, 8)), "Did you mean 'a'? Names are case-sensitive."),
    ("SELECT t.x FROM t", "NUTKIN-2001", Some((1, 10)), "Column 'x' not found in table 't'"),
    ("SELECT t.a FROM t AS s", "NUTKIN-2001", Some((1, 8)), "Table 't' not found"),
    ("SELECT *\nFROM missing", "NUTKIN-2001", Some((2, 6)), "Object 'missing' not found"),
    ("SELECT * FROM `catalog`.`database`.missing", "NUTKIN-2001", Some((1, 15)), "not found within 'catalog.database'"),
    ("SELECT * FROM nowhere.t", "NUTKIN-2001", Some((1, 15)), "Database 'nowhere' not found in catalog 'catalog'"),
    (
        "SELECT foo(a, b) FROM t",
        "NUTKIN-2001",
        Some((1, 8)),
        "No match found for function signature FOO(<INTEGER>, <VARCHAR(2147483647)>)",
    ),
    ("SELECT `order`.y FROM t", "NUTKIN-2001", Some((1, 16)), "Column 'y' not found in any table"),
    (
        "SELECT a = b FROM t",
        "NUTKIN-2003",
        Some((1, 8)),
        "Cannot apply '=' to arguments of type '<INTEGER> = <VARCHAR(2147483647)>'",
    ),
    ("SELECT a FROM t WHERE a", "NUTKIN-2003", Some((1, 23)), "WHERE clause must be a condition"),
    (
        "SELECT CAST(a AS DATE) FROM t",
        "NUTKIN-2003",
        Some((1, 8)),
        "Cast function cannot convert value of type INT to type DATE",
    ),
    ("SELECT CASE WHEN a > 1 THEN a ELSE b END FROM t", "NUTKIN-2003", Some((1, 8)), "Illegal mixing of types in CASE"),
    ("SELECT a, COUNT(*) FROM t", "NUTKIN-2004", Some((1, 8)), "Expression 'a' is not being grouped"),
    (
        "SELECT a FROM t WHERE COUNT(*) > 1",
        "NUTKIN-2004",
        Some((1, 23)),
        "Aggregate expression is illegal in WHERE clause",
    ),
    (
        "SELECT SUM(a) IGNORE NULLS FROM t",
        "NUTKIN-2004",
        Some((1, 8)),
        "Cannot specify IGNORE NULLS or RESPECT NULLS following 'SUM'",
    ),
    ("SELECT COUNT(DISTINCT `order`) FROM t", "NUTKIN-2003", Some((1, 8)), "a type that DISTINCT compares"),
    (
        "SELECT APPROX_COUNT_DISTINCT(a) FROM t",
        "NUTKIN-2007",
        Some((1, 8)),
        "APPROX_COUNT_DISTINCT aggregate function does not support yet for streaming",
    ),
    ("SELECT KEY_SEARCH_AGG(a) FROM t", "NUTKIN-2002", Some((1, 8)), "Function KEY_SEARCH_AGG"),
    ("SELECT ML_FORECAST(a, ts) FROM t", "NUTKIN-2004", Some((1, 8)), "OVER clause is necessary for ML_FORECAST"),
    (
        "SELECT ML_FORECAST(a, ts) OVER (ORDER BY ts ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) FROM t",
        "NUTKIN-2004",
        Some((1, 32)),
        "ML_FORECAST needs the rows from UNBOUNDED PRECEDING",
    ),
    (
        "SELECT ML_DETECT_ANOMALIES(a, ts, JSON_OBJECT('x' VALUE 1)) OVER (ORDER BY ts) FROM t",
        "NUTKIN-2003",
        Some((1, 8)),
        "there is no setting 'x'",
    ),
    ("SELECT AI_FORECAST(a, ts) OVER (ORDER BY ts) FROM t", "NUTKIN-2002", Some((1, 8)), "Function AI_FORECAST"),
    ("SELECT SUM(COUNT(*)) FROM t", "NUTKIN-2004", Some((1, 12)), "Aggregate expressions cannot be nested"),
    (
        "SELECT window_start FROM TABLE(TUMBLE(TABLE no_key, DESCRIPTOR(v), INTERVAL '1' MINUTE))",
        "NUTKIN-2004",
        Some((1, 64)),
        "requires the timecol is a time attribute type, but is INT",
    ),
    (
        "SELECT window_start FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '2' MINUTE, INTERVAL '5' MINUTE)) GROUP BY window_start, window_end",
        "NUTKIN-2004",
        Some((1, 1)),
        "HOP table function based aggregate requires size must be an integral multiple of slide, but got size 300000 ms and slide 120000 ms",
    ),
    (
        "SELECT * FROM t JOIN no_key FOR SYSTEM_TIME AS OF t.ts ON t.a = no_key.k",
        "NUTKIN-2004",
        Some((1, 22)),
        "Temporal Table Join requires primary key in versioned table",
    ),
    (
        "SELECT * FROM t JOIN plain FOR SYSTEM_TIME AS OF t.ts ON t.a = plain.v",
        "NUTKIN-2004",
        Some((1, 15)),
        "Temporal table's primary key [k] must be included in the equivalence condition of temporal join, but current temporal join condition is [v].",
    ),
    (
        "SELECT * FROM no_key JOIN plain FOR SYSTEM_TIME AS OF no_key.v ON no_key.k = plain.k",
        "NUTKIN-2004",
        Some((1, 55)),
        "currently only supports 'FOR SYSTEM_TIME AS OF' left table's time attribute field",
    ),
    (
        "INSERT INTO no_key SELECT a, COUNT(*) FROM t GROUP BY a",
        "NUTKIN-2005",
        Some((1, 13)),
        "Incompatible types for sink column 'v' at position 1.\n\nQuery schema: [a: INT, EXPR$1: BIGINT NOT NULL]\nSink schema:  [k: INT, v: INT]",
    ),
    (
        "INSERT INTO no_key SELECT a, CAST(COUNT(*) AS INT) FROM t GROUP BY a",
        "NUTKIN-2005",
        Some((1, 13)),
        "Table sink 'catalog.database.no_key' doesn't support consuming update changes which is produced by node GroupAggregate(groupBy=[a])",
    ),
    (
        "INSERT INTO no_key SELECT k, v FROM plain",
        "NUTKIN-2005",
        Some((1, 13)),
        "doesn't support consuming update and delete changes which is produced by node TableSourceScan(table=[[catalog, database, plain]])",
    ),
    (
        "INSERT INTO no_key SELECT a FROM t",
        "NUTKIN-2005",
        Some((1, 13)),
        "Column types of query result and sink for 'catalog.database.no_key' do not match.\nCause: Different number of columns.",
    ),
    (
        "INSERT INTO plain (v) VALUES (1)",
        "NUTKIN-2005",
        Some((1, 23)),
        "Column 'k' has no default value and does not allow NULLs",
    ),
    ("INSERT INTO plain (k, w) VALUES (1, 2)", "NUTKIN-2001", Some((1, 23)), "Unknown target column 'w'"),
    (
        "INSERT INTO examples.marketplace.orders SELECT * FROM examples.marketplace.orders",
        "NUTKIN-2005",
        Some((1, 13)),
        "is read-only",
    ),
    (
        "SELECT * FROM t /*+ OPTIONS('scan.startup.mood' = 'x') */",
        "NUTKIN-2006",
        Some((1, 21)),
        "The option 'scan.startup.mood' cannot be set by a hint",
    ),
    (
        "SELECT * FROM t /*+ OPTIONS('scan.startup.mode' = 'timestamp') */",
        "NUTKIN-2006",
        Some((1, 21)),
        "needs 'scan.startup.timestamp-millis'",
    ),
    (
        "SELECT /*+ STATE_TTL('t' = '1d') */ window_start, window_end, COUNT(*) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) AS t GROUP BY window_start, window_end",
        "NUTKIN-2002",
        Some((1, 1)),
        "STATE_TTL of a window aggregation is not built yet",
    ),
    ("SELECT PROCTIME()", "NUTKIN-2007", Some((1, 8)), "Processing time is not supported. Use event time"),
    (
        "SELECT COUNT(*) FROM t GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE)",
        "NUTKIN-2007",
        Some((1, 33)),
        "Use a window table function",
    ),
    (
        "SELECT a FROM t ORDER BY a",
        "NUTKIN-2007",
        Some((1, 26)),
        "Sort on a non-time-attribute field is not supported.",
    ),
    ("SELECT * FROM t, plain", "NUTKIN-2007", None, "A join needs an equality between its sides"),
    (
        "SELECT SUM(a) OVER (ORDER BY ts DESC) FROM t",
        "NUTKIN-2004",
        Some((1, 1)),
        "The window can only be ordered in ASCENDING mode.",
    ),
    ("CREATE TEMPORARY VIEW v AS SELECT 1 AS a", "NUTKIN-2007", Some((1, 23)), "Temporary views are not supported"),
    (
        "CREATE TABLE x (a BIGINT, WATERMARK FOR a AS a)",
        "NUTKIN-2008",
        Some((1, 41)),
        "Invalid data type of time field for watermark definition. The field must be of type TIMESTAMP(p) or TIMESTAMP_LTZ(p), the supported precision 'p' is from 0 to 3, but the time field type is BIGINT",
    ),
    (
        "CREATE TABLE x (a INT PRIMARY KEY)",
        "NUTKIN-2008",
        Some((1, 23)),
        "Flink doesn't support ENFORCED mode for PRIMARY KEY constraint",
    ),
    (
        "CREATE TABLE x (a INT METADATA FROM 'nothing' VIRTUAL, b INT)",
        "NUTKIN-2008",
        Some((1, 37)),
        "Invalid metadata key 'nothing'",
    ),
    ("CREATE TABLE x (a BIGINT NOT NULL METADATA FROM 'offset', b INT)", "NUTKIN-2008", Some((1, 17)), "is read-only"),
    ("CREATE TEMPORARY TABLE x (a INT)", "NUTKIN-2007", Some((1, 24)), "Temporary tables are not supported"),
];

#[test]
fn errors_name_cause_and_place() {
    let catalog = catalog();
    let mut wrong = Vec::new();
    for (sql, code, place, text) in CASES {
        let error = catalog.error(sql);
        let found = error.place.map(|(from, _)| (from.line, from.column));
        if error.code() != *code || found != *place || !error.message().contains(text) {
            wrong.push(format!("{sql}\n  {} {found:?} {}", error.code(), error.message()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn places_are_written_as_flink_writes_them() {
    let error = catalog().error("SELECT a,\n  wrong FROM t");
    assert!(
        error.message().starts_with("SQL validation failed. From line 2, column 3 to line 2, column 7: Column 'wrong'"),
        "{error}"
    );
}

#[test]
fn a_window_of_groups_needs_its_group() {
    let session = Session { flink_extensions: true, ..session() };
    for (sql, cause) in [
        (
            "SELECT TUMBLE_START(ts, INTERVAL '1' MINUTE) FROM t",
            "Call to auxiliary group function 'TUMBLE_START' must have matching call to group function '$TUMBLE' in GROUP BY clause",
        ),
        (
            "SELECT TUMBLE_START(ts, INTERVAL '2' MINUTE) FROM t GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE)",
            "must have matching call to group function '$TUMBLE'",
        ),
        ("SELECT HOP(ts, INTERVAL '1' MINUTE) FROM t", "Group function '$HOP' can only appear in GROUP BY clause"),
    ] {
        let error = catalog().analyze_in(sql, &session).unwrap_err();
        assert_eq!(error.code(), "NUTKIN-2004", "{sql}: {error}");
        assert!(error.to_string().contains(cause), "{sql}: {error}");
    }
}

#[test]
fn every_code_has_a_page() {
    let pages = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
    for kind in crate::ErrorKind::ALL {
        let page = pages.join(format!("{}.md", kind.code()));
        assert!(page.is_file(), "{} is missing", page.display());
    }
}

/// Names stand for queries: what they multiply is bounded before it fills the memory or the stack.
#[test]
fn a_query_of_very_many_operators_is_refused() {
    let catalog = Catalog::marketplace();
    let twice = |n: usize| match n {
        0 => "w0 AS (SELECT order_id FROM examples.marketplace.orders)".to_owned(),
        _ => format!("w{n} AS (SELECT order_id FROM w{p} UNION ALL SELECT order_id FROM w{p})", p = n - 1),
    };
    let above = |n: usize| match n {
        0 => twice(0),
        _ => format!("w{n} AS (SELECT DISTINCT order_id FROM w{})", n - 1),
    };
    let error = |tables: Vec<String>| {
        let sql = format!("WITH {} SELECT order_id FROM w{}", tables.join(", "), tables.len() - 1);
        catalog.analyze(&sql).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(error((0..8).map(twice).collect()), Ok(()));
    let text = error((0..40).map(twice).collect()).unwrap_err();
    assert!(text.contains("The query is too large") && text.contains("INSERT or CREATE TABLE AS"), "{text}");
    let text = error((0..1200).map(above).collect()).unwrap_err();
    assert!(text.contains("The query is too large"), "{text}");
}
