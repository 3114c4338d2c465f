//! `sql.snapshot.mode` = 'now' (spec Q-18): what ends by itself with rows that are final, and what is refused.

use nutkin_plan::Connector;
use nutkin_plan::table::BoundedMode;

use super::support::{Catalog, session};
use crate::{Action, Execution, PlannerError, Session};

fn catalog() -> Catalog {
    Catalog::marketplace()
        .with("CREATE TABLE t (a INT, b INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)")
        .with("CREATE TABLE u (a INT, b INT)")
        .with("CREATE TABLE latest (k INT PRIMARY KEY NOT ENFORCED, v INT)")
        .with("CREATE TABLE changed (a INT, b INT) WITH ('changelog.mode' = 'retract')")
}

fn plan(sql: &str) -> Result<Execution, PlannerError> {
    let session = Session { snapshot: true, ..session() };
    match catalog().analyze_in(sql, &session)?.action {
        Action::Run(execution) => {
            super::consistency::assert_consistent(&execution.plan);
            Ok(execution)
        }
        other => panic!("{sql}: {other:?}"),
    }
}

#[test]
fn tables_are_read_to_their_ends() {
    for sql in [
        "SELECT * FROM t",
        "SELECT a + 1 FROM t WHERE b > 2 LIMIT 5",
        "SELECT a FROM t UNION ALL SELECT a FROM u",
        "SELECT a FROM t /*+ OPTIONS('scan.bounded.mode' = 'unbounded') */",
        "SELECT window_start, a FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE))",
        "INSERT INTO u SELECT a, b FROM t",
        "INSERT INTO latest SELECT a, b FROM t",
        "SELECT COUNT(*) FROM t",
        "SELECT a, SUM(b) FROM t GROUP BY a",
        "SELECT window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end",
        "SELECT * FROM latest",
        "SELECT v, COUNT(*) FROM latest GROUP BY v",
        "SELECT COUNT(*) FROM changed",
        "SELECT * FROM changed",
        "SELECT a FROM t ORDER BY b LIMIT 3",
        "SELECT a, ts FROM t ORDER BY ts",
        "SELECT a, b, COUNT(*) FROM t GROUP BY ROLLUP (a, b)",
        "INSERT INTO latest SELECT a, MAX(b) FROM t GROUP BY a",
    ] {
        let run = plan(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert!(run.is_bounded && run.is_append_only, "{sql}");
        for node in &run.plan.nodes {
            let Some(table) = node.operator.table().filter(|_| node.inputs.is_empty()) else { continue };
            let Connector::Kafka(kafka) = &run.plan.tables[table].connector else { panic!("{sql}") };
            assert_eq!(kafka.bounded, BoundedMode::LatestOffset, "{sql}");
        }
    }
}

/// An end that is asked for is kept.
#[test]
fn an_earlier_end_is_kept() {
    let run = plan(
        "SELECT a FROM t /*+ OPTIONS('scan.bounded.mode' = 'timestamp', 'scan.bounded.timestamp-millis' = '5') */",
    );
    let Connector::Kafka(kafka) = &run.unwrap().plan.tables[0].connector else { panic!("not a topic") };
    assert_eq!(kafka.bounded, BoundedMode::Timestamp(5));
}

#[test]
fn without_tables_nothing_changes() {
    for sql in [
        "SELECT 1",
        "SELECT CURRENT_TIMESTAMP",
        "SELECT * FROM (VALUES (1), (2)) AS v(x)",
        "INSERT INTO u VALUES (1, 2)",
    ] {
        let run = plan(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert!(run.is_bounded && run.is_append_only, "{sql}");
    }
}

#[test]
fn what_would_not_be_a_batch_result_is_refused_by_name() {
    for (sql, name) in [
        ("SELECT t.a FROM t JOIN u ON t.a = u.a", "StreamJoin"),
        ("SELECT order_id FROM examples.marketplace.orders", "`orders`, which never ends"),
        ("SELECT a, CURRENT_TIMESTAMP FROM t", "CURRENT_TIMESTAMP"),
        ("SELECT a FROM t WHERE ts < LOCALTIMESTAMP", "LOCALTIMESTAMP"),
    ] {
        let error = plan(sql).map(|run| run.plan).unwrap_err();
        let text = error.to_string();
        assert_eq!(error.code(), "NUTKIN-2002", "{sql}: {text}");
        assert!(text.contains(name) && text.contains("in a snapshot query"), "{sql}: {text}");
        assert!(text.contains("sql.snapshot.mode"), "{sql}: {text}");
    }
}
