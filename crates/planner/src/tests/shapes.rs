//! Which operators stand for which SQL, from the sink down, left before right; projections and exchanges left out.

use nutkin_plan::{Operator, Plan};

use super::support::{Catalog, session};
use crate::{Action, Session};

const CASES: &[(&str, &str)] = &[
    ("SELECT o.b FROM o JOIN p ON o.k = p.k", "Join(o, p)"),
    ("SELECT o.b FROM o, p WHERE o.k = p.k AND p.b > 1", "Join(o, p)"),
    ("SELECT o.b FROM o LEFT JOIN p USING (k)", "Join(o, p)"),
    (
        "SELECT o.b FROM o JOIN p ON o.k = p.k AND o.ts BETWEEN p.ts - INTERVAL '1' HOUR AND p.ts",
        "IntervalJoin(o, p)",
    ),
    (
        "SELECT l.k FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' HOUR)) l
         JOIN TABLE(TUMBLE(TABLE p, DESCRIPTOR(ts), INTERVAL '1' HOUR)) r
         ON l.k = r.k AND l.window_start = r.window_start AND l.window_end = r.window_end",
        "WindowJoin(WindowTableFunction(o), WindowTableFunction(p))",
    ),
    ("SELECT k FROM o WHERE k IN (SELECT k FROM p)", "Join(o, p)"),
    ("SELECT k FROM o WHERE NOT EXISTS (SELECT 1 FROM p WHERE p.k = o.k)", "Join(o, p)"),
    ("SELECT k FROM o WHERE b > (SELECT AVG(b) FROM p WHERE p.k = o.k)", "Join(o, GroupAggregate(p))"),
    ("SELECT k FROM o INTERSECT SELECT k FROM p", "GroupAggregate(Join(o, p))"),
    ("SELECT k FROM o EXCEPT ALL SELECT k FROM p", "Correlate(GroupAggregate(Union(o, p)))"),
    ("SELECT k, b, COUNT(*) FROM o GROUP BY ROLLUP (k, b)", "GroupAggregate(Expand(o))"),
    ("SELECT k, SUM(b) OVER (PARTITION BY k ORDER BY ts) FROM o", "OverAggregate(o)"),
    (
        "SELECT k FROM (SELECT k, ROW_NUMBER() OVER (PARTITION BY k ORDER BY b DESC) AS n FROM o) WHERE n <= 3",
        "Rank(o)",
    ),
    ("SELECT k FROM (SELECT k, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts) AS n FROM o) WHERE n = 1", "Deduplicate(o)"),
    ("SELECT k FROM o QUALIFY RANK() OVER (PARTITION BY k ORDER BY b) <= 2", "Rank(o)"),
    (
        "SELECT * FROM (SELECT k, window_start, window_end, ROW_NUMBER() OVER (PARTITION BY window_start, window_end, k ORDER BY b) AS n
         FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' HOUR))) WHERE n <= 3",
        "WindowRank(WindowTableFunction(o))",
    ),
    (
        "SELECT k, COUNT(*) FROM TABLE(SESSION(TABLE o PARTITION BY k, DESCRIPTOR(ts), INTERVAL '1' HOUR)) GROUP BY k, window_start, window_end",
        "WindowAggregate(o)",
    ),
    (
        "SELECT k, COUNT(*) FROM TABLE(SESSION(TABLE o, DESCRIPTOR(ts), INTERVAL '1' HOUR)) GROUP BY k, window_start, window_end",
        "GroupAggregate(WindowTableFunction(o))",
    ),
    ("SELECT k, e FROM o CROSS JOIN UNNEST(list) AS t (e)", "Correlate(o)"),
    ("SELECT k FROM o ORDER BY ts", "TemporalSort(o)"),
    ("SELECT k FROM o ORDER BY b LIMIT 3", "SortLimit(o)"),
];

fn catalog() -> Catalog {
    Catalog::default()
        .with("CREATE TABLE o (k INT, b INT, list ARRAY<INT>, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)")
        .with("CREATE TABLE p (k INT, b INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)")
}

fn shape(plan: &Plan, position: usize) -> String {
    let node = &plan.nodes[position];
    let inputs: Vec<String> = node.inputs.iter().map(|&input| shape(plan, input)).collect();
    match &node.operator {
        Operator::TableSourceScan(scan) => plan.tables[scan.table].path.name.clone(),
        Operator::Calc(_) | Operator::Exchange(_) | Operator::Sink(_) => inputs.join(", "),
        other => format!("{}({})", other.name().trim_start_matches("Stream"), inputs.join(", ")),
    }
}

#[test]
fn sql_becomes_the_operators_of_flink() {
    let catalog = catalog();
    for (sql, expected) in CASES {
        let plan = catalog.plan(sql);
        let sink = plan.sinks().next().unwrap_or_default();
        assert_eq!(shape(&plan, sink), *expected, "{sql}");
        assert!(catalog.explain(sql).contains("== Physical Details =="), "{sql}");
    }
}

/// What a stream must know to be sorted or joined without end is asked for, and not where the query follows Apache Flink.
#[test]
fn joins_without_keys_and_other_orders_need_extensions() {
    let catalog = catalog();
    let flink = Session { flink_extensions: true, ..session() };
    for sql in ["SELECT o.k FROM o CROSS JOIN p", "SELECT k FROM o ORDER BY b"] {
        assert_eq!(catalog.error(sql).code(), "NUTKIN-2007", "{sql}");
        let analyzed = catalog.analyze_in(sql, &flink).unwrap();
        assert!(matches!(analyzed.action, Action::Run(_)), "{sql}");
    }
}

/// A regular join makes ordinary timestamps of time attributes: a window above it is refused.
#[test]
fn event_time_is_lost_in_a_regular_join() {
    let error = catalog().error(
        "SELECT window_start, COUNT(*) FROM TABLE(TUMBLE(
           TABLE (SELECT o.ts FROM o JOIN p ON o.k = p.k), DESCRIPTOR(ts), INTERVAL '1' HOUR))
         GROUP BY window_start, window_end",
    );
    assert_eq!(error.code(), "NUTKIN-2004");
}

/// USING names columns of both sides once, whichever side has a row.
#[test]
fn common_columns_come_first_and_once() {
    let catalog = Catalog::default()
        .with("CREATE TABLE l (k INT, a INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)")
        .with("CREATE TABLE r (k INT PRIMARY KEY NOT ENFORCED, b INT, at_ TIMESTAMP(3), WATERMARK FOR at_ AS at_)");
    for (sql, columns) in [
        ("SELECT * FROM l FULL JOIN r USING (k)", vec!["k", "a", "ts", "b", "at_"]),
        ("SELECT k, l.k AS lk, r.k AS rk FROM l NATURAL FULL JOIN r", vec!["k", "lk", "rk"]),
        ("SELECT * FROM l JOIN r FOR SYSTEM_TIME AS OF l.ts USING (k)", vec!["k", "a", "ts", "b", "at_"]),
    ] {
        let schema = catalog.run(sql).schema;
        let names: Vec<&str> = schema.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, columns, "{sql}");
    }
}
