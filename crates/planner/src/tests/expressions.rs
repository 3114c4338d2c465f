//! Types of expressions and names of columns.

use super::support::Catalog;

fn types(select: &str) -> Vec<String> {
    let catalog = Catalog::default()
        .with("CREATE TABLE t (i INT, l BIGINT NOT NULL, s STRING, r ROW<x INT NOT NULL, y ROW<z DOUBLE>>, m MAP<STRING, INT>, l3 TIMESTAMP_LTZ(3))");
    let run = catalog.run(&format!("SELECT {select} FROM t"));
    run.schema.columns.iter().map(|column| format!("{} {}", column.name, column.data_type)).collect()
}

#[test]
fn literals() {
    assert_eq!(
        types(
            "1, 3000000000, 1.50, 0.5, 1e3, 'abc', DATE '2020-01-31', TIMESTAMP '2020-01-31 12:00:00.123', TIME '12:00:00'"
        ),
        [
            "EXPR$0 INT NOT NULL",
            "EXPR$1 BIGINT NOT NULL",
            "EXPR$2 DECIMAL(3, 2) NOT NULL",
            "EXPR$3 DECIMAL(2, 1) NOT NULL",
            "EXPR$4 DOUBLE NOT NULL",
            "EXPR$5 CHAR(3) NOT NULL",
            "EXPR$6 DATE NOT NULL",
            "EXPR$7 TIMESTAMP(3) NOT NULL",
            "EXPR$8 TIME(0) NOT NULL",
        ]
    );
}

#[test]
fn a_text_is_as_long_as_it_has_utf16_units() {
    assert_eq!(types("'x😀y', SUBSTRING('😀', 1)"), ["EXPR$0 CHAR(4) NOT NULL", "EXPR$1 VARCHAR(2) NOT NULL"]);
}

#[test]
fn fields_of_rows_are_reached_by_name() {
    assert_eq!(
        types("r.x, t.r.y.z, r.*, m['a'] AS v"),
        ["x INT", "z DOUBLE", "x0 INT", "y ROW<`z` DOUBLE>", "v INT"],
        "a field is NULL when its row is"
    );
}

#[test]
fn branches_and_operands_widen() {
    assert_eq!(
        types(
            "CASE WHEN i > 1 THEN i ELSE l END AS a, CASE i WHEN 1 THEN 'x' ELSE 'yz' END AS b, i + l AS c, i BETWEEN 1 AND 2 AS d, s LIKE 'a%' AS e"
        ),
        ["a BIGINT", "b VARCHAR(2) NOT NULL", "c BIGINT", "d BOOLEAN", "e BOOLEAN"]
    );
}

#[test]
fn intervals_move_timestamps() {
    assert_eq!(
        types("l3 - INTERVAL '1' HOUR AS a, l3 + INTERVAL '1 12:00:00' DAY TO SECOND AS b"),
        ["a TIMESTAMP_LTZ(3)", "b TIMESTAMP_LTZ(3)"]
    );
}

#[test]
fn functions_of_the_session() {
    assert_eq!(types("CURRENT_DATABASE()"), ["EXPR$0 VARCHAR(2147483647) NOT NULL"]);
}

#[test]
fn nulls_are_left_out_by_a_filter() {
    let catalog = Catalog::default().with("CREATE TABLE t (i INT)");
    let plan = format!("{:?}", catalog.plan("SELECT ARRAY_AGG(i) IGNORE NULLS, ARRAY_AGG(i) RESPECT NULLS FROM t"));
    assert_eq!((plan.matches("filter: Some(").count(), plan.matches("filter: None").count()), (1, 1), "{plan}");
}

#[test]
fn aggregates_of_nothing_are_null() {
    assert_eq!(types("COUNT(*) AS a, SUM(l) AS b"), ["a BIGINT NOT NULL", "b BIGINT"]);
    assert_eq!(types("UPPER(s) AS u, LOWER(s)"), ["u VARCHAR(2147483647)", "EXPR$1 VARCHAR(2147483647)"]);
}

/// What can be seen to be wrong in the text of the statement is said before it runs.
#[test]
fn literals_are_judged_at_once() {
    let catalog = super::support::Catalog::default().with("CREATE TABLE t (s STRING, a INT, b INT, m MAP<INT, INT>)");
    for (sql, cause) in [
        ("SELECT 99999999999999999999.99", "Numeric literal '99999999999999999999.99' out of range"),
        ("SELECT s LIKE 'te_st' ESCAPE '_' FROM t", "te_st"),
        ("SELECT COUNT(DISTINCT a, b) FROM t", "takes one value"),
        ("SELECT COUNT(DISTINCT m) FROM t", "of type MAP"),
    ] {
        let error = catalog.error(sql);
        assert_eq!(error.code(), "NUTKIN-2003", "{sql}: {error}");
        assert!(error.to_string().contains(cause), "{sql}: {error}");
    }
    for sql in
        ["SELECT s LIKE 'te__st' ESCAPE '_' FROM t", "SELECT 92233720368547758.07", "SELECT COUNT(DISTINCT a) FROM t"]
    {
        catalog.plan(sql);
    }
}
