//! What Apache Flink has and the original refuses, with `sql.flink-extensions` on (decision 15), and MATCH_RECOGNIZE.

use nutkin_plan::operators::match_recognize::{AfterMatch, Pattern, Reference};
use nutkin_plan::operators::{JoinKind, WindowProperty};
use nutkin_plan::{Connector, Operator, Plan, WindowSpec};

use super::support::{Catalog, session};
use crate::{Action, PlannerError, Session};

fn catalog() -> Catalog {
    Catalog::default()
        .with("CREATE TABLE o (k INT, b INT NOT NULL, ts TIMESTAMP(3), at_ TIMESTAMP(3), WATERMARK FOR ts AS ts)")
        .with("CREATE TABLE named (k INT, name STRING, age INT, unread STRING)")
}

fn run(sql: &str, session: &Session) -> Result<Plan, PlannerError> {
    let mut catalog = catalog();
    let flink = Session { flink_extensions: true, ..super::support::session() };
    let ddl = "CREATE TABLE p (k INT, b INT, now_ AS PROCTIME())";
    let Action::CreateTable(table) = catalog.analyze_in(ddl, &flink)?.action else { panic!("{ddl}") };
    catalog.put(super::support::frozen(*table));
    match catalog.analyze_in(sql, session)?.action {
        Action::Run(execution) => {
            super::consistency::assert_consistent(&execution.plan);
            Ok(execution.plan)
        }
        other => panic!("{sql}: {other:?}"),
    }
}

fn plan(sql: &str) -> Plan {
    let flink = Session { flink_extensions: true, ..session() };
    run(sql, &flink).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

fn error(sql: &str) -> PlannerError {
    let flink = Session { flink_extensions: true, ..session() };
    run(sql, &flink).map(|plan| panic!("{sql}: {plan:?}")).unwrap_err()
}

#[test]
fn group_windows_name_their_bounds() {
    let plan = plan(
        "SELECT k, HOP_END(ts, INTERVAL '5' SECOND, INTERVAL '8' SECOND) AS e, SUM(b) FROM o
         GROUP BY k, HOP(ts, INTERVAL '5' SECOND, INTERVAL '8' SECOND) HAVING COUNT(*) > 1",
    );
    let (node, window) = plan
        .nodes
        .iter()
        .find_map(|node| match &node.operator {
            Operator::GroupWindowAggregate(window) => Some((node, window)),
            _ => None,
        })
        .unwrap();
    assert_eq!(window.window, WindowSpec::Hop { slide: 5000, size: 8000, offset: 0 });
    assert_eq!(window.properties, [WindowProperty::Start, WindowProperty::End]);
    assert_eq!((window.grouping.len(), window.calls.len(), window.is_event_time), (1, 2, true));
    assert!(node.changelog_mode.is_append());
}

/// A window's time is event time again, so that windows can be put on windows.
#[test]
fn group_windows_stand_on_each_other() {
    let plan = plan(
        "SELECT TUMBLE_START(t, INTERVAL '1' HOUR), SUM(n) FROM (
           SELECT TUMBLE_ROWTIME(ts, INTERVAL '1' MINUTE) AS t, COUNT(*) AS n FROM o GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE)
         ) GROUP BY TUMBLE(t, INTERVAL '1' HOUR)",
    );
    let windows = plan.nodes.iter().filter(|node| matches!(node.operator, Operator::GroupWindowAggregate(_)));
    assert_eq!(windows.count(), 2);
}

#[test]
fn group_windows_by_processing_time_know_no_event_time() {
    let sql = |property: &str| {
        format!(
            "SELECT SESSION_{property}(now_, INTERVAL '1' MINUTE), COUNT(*) FROM p GROUP BY SESSION(now_, INTERVAL '1' MINUTE)"
        )
    };
    let plan = plan(&sql("PROCTIME"));
    let window = plan.nodes.iter().find_map(|node| match &node.operator {
        Operator::GroupWindowAggregate(window) => Some(window),
        _ => None,
    });
    assert!(!window.unwrap().is_event_time);
    assert!(error(&sql("ROWTIME")).to_string().contains("A proctime window cannot provide a rowtime attribute"));
}

#[test]
fn group_windows_need_time_unless_all_rows_are_there() {
    let sql = "SELECT COUNT(*) FROM o GROUP BY TUMBLE(at_, INTERVAL '1' MINUTE)";
    assert!(error(sql).to_string().contains("Window aggregate can only be defined over a time attribute column"));
    let batch = Session { flink_extensions: true, batch: true, ..session() };
    let refused = run(sql, &batch).unwrap_err();
    assert!(refused.to_string().contains("Querying an unbounded table"), "{refused}");
    let mut catalog = Catalog::default();
    let mut table = catalog.table_of("CREATE TABLE o (at_ TIMESTAMP(3))");
    table.connector = Connector::Memory;
    catalog.put(table);
    assert!(catalog.analyze_in(sql, &batch).is_ok());
    let windows = "SELECT window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(at_), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end";
    assert!(catalog.analyze_in(windows, &batch).is_ok());
}

#[test]
fn a_join_by_processing_time_asks_for_what_is_read() {
    let plan = plan(
        "SELECT p.k, n.name FROM p LEFT JOIN named FOR SYSTEM_TIME AS OF p.now_ AS n ON p.k = n.k AND n.age > 30 AND p.b > 1",
    );
    let node = plan.nodes.iter().find(|node| matches!(node.operator, Operator::LookupJoin(_))).unwrap();
    let Operator::LookupJoin(join) = &node.operator else { panic!("{node:?}") };
    assert_eq!((join.kind, join.keys.len(), join.columns.len()), (JoinKind::Left, 1, 3));
    assert!(join.condition.is_some());
    let nothing = error("SELECT 1 FROM p JOIN named FOR SYSTEM_TIME AS OF p.now_ AS n ON n.age > 30");
    assert!(nothing.to_string().contains("Temporal table join requires an equality condition on fields of table"));
}

const PATTERN: &str = "SELECT * FROM o MATCH_RECOGNIZE (
    PARTITION BY k ORDER BY ts
    MEASURES FIRST(A.b) AS first_b, LAST(A.b, 1) AS before_last, B.b + k AS last_b, SUM(A.b * 2) AS total, MATCH_ROWTIME() AS at_
    ONE ROW PER MATCH AFTER MATCH SKIP TO LAST A
    PATTERN (A{2,} B) WITHIN INTERVAL '1' HOUR
    DEFINE A AS b > LAST(A.b, 1) OR LAST(A.b, 1) IS NULL, B AS B.b < AVG(A.b)) AS m";

#[test]
fn a_pattern_is_variables_with_what_they_ask_for() {
    let plan = catalog().plan(PATTERN);
    let node = plan.nodes.iter().find(|node| matches!(node.operator, Operator::Match(_))).unwrap();
    let Operator::Match(found) = &node.operator else { panic!("{node:?}") };
    let Pattern::Sequence(parts) = &found.pattern else { panic!("{found:?}") };
    assert!(matches!(&parts[0], Pattern::Quantified { min: 2, max: None, reluctant: false, .. }));
    assert_eq!(found.after_match, AfterMatch::ToLast("A".to_owned()));
    assert_eq!(found.within, Some(3_600_000));
    // The row at hand is no reference; the row of A before it is one, written twice.
    assert_eq!(found.defines[0].references.len(), 1);
    assert!(matches!(&found.defines[0].references[0], Reference::Row { offset: 1, from_last: true, .. }));
    assert!(matches!(&found.defines[1].references[0], Reference::Aggregate { variable: Some(of), .. } if of == "A"));
    let names: Vec<&str> = node.schema.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["k", "first_b", "before_last", "last_b", "total", "at_"]);
    assert!(node.schema.columns[5].is_rowtime());
    assert!(catalog().explain(PATTERN).contains("StreamMatch"));
}

#[test]
fn patterns_that_flink_does_not_run_are_refused() {
    let matches = |pattern: &str, define: &str| {
        format!("SELECT * FROM o MATCH_RECOGNIZE (ORDER BY ts MEASURES A.b AS b PATTERN ({pattern}) DEFINE {define})")
    };
    for (pattern, define, cause) in [
        ("A B+", "A AS b > 1", "Greedy quantifiers are not allowed as the last element"),
        ("A* B*", "A AS b > 1", "Patterns that can produce empty matches are not supported"),
        ("A | B", "A AS b > 1", "Alternation"),
        ("A (B C)+ D", "A AS b > 1", "group"),
        ("A A", "A AS b > 1", "Pattern variables must be unique"),
        ("A", "X AS b > 1", "Unknown pattern 'X'"),
        ("A", "A AS PREV(A.b) > 1", "PREV is not supported"),
        ("A", "A AS COUNT(DISTINCT A.b) > 1", "DISTINCT"),
        ("A B", "B AS SUM(A.b + B.b) > 1", "must be of one pattern variable"),
    ] {
        let sql = matches(pattern, define);
        let error = catalog().error(&sql);
        assert!(error.to_string().contains(cause), "{sql}: {error}");
    }
    let unordered = "SELECT * FROM o MATCH_RECOGNIZE (ORDER BY b MEASURES A.b AS b PATTERN (A) DEFINE A AS b > 1)";
    let error = catalog().error(unordered);
    assert!(
        error.to_string().contains("You must specify either rowtime or proctime for order by as the first one"),
        "{error}"
    );
}

/// A name of the select list counts in QUALIFY, also when it stands for an aggregate.
#[test]
fn qualify_knows_the_names_of_the_select_list() {
    for sql in [
        "SELECT k, ROW_NUMBER() OVER (PARTITION BY k ORDER BY b) AS n FROM o QUALIFY n = 1",
        "SELECT k, SUM(b) AS s, RANK() OVER (ORDER BY SUM(b)) AS n FROM o GROUP BY k QUALIFY n <= 3 AND s > 1",
    ] {
        let plan = catalog().plan(sql);
        assert!(plan.nodes.iter().any(|node| matches!(node.operator, Operator::Rank(_))), "{sql}");
    }
}

#[test]
fn the_value_of_a_correlated_in_is_unknown_where_only_null_stands_in_the_way() {
    let plan = catalog().plan("SELECT k, k IN (SELECT age FROM named WHERE named.k = o.b) AS found FROM o");
    let joins = plan.nodes.iter().filter(|node| matches!(node.operator, Operator::Join(_)));
    assert_eq!(joins.count(), 2);
}

#[test]
fn partition_gives_columns_their_values() {
    let catalog = catalog().with("CREATE TABLE s (a INT, p BIGINT, b INT)");
    let flink = Session { flink_extensions: true, ..session() };
    let sql = "INSERT INTO s PARTITION (p = 2) SELECT k, b FROM o";
    assert!(matches!(catalog.analyze_in(sql, &flink).unwrap().action, Action::Run(_)));
    assert_eq!(catalog.error(sql).code(), "NUTKIN-2007");
    let few = catalog.analyze_in("INSERT INTO s PARTITION (p = 2) SELECT k FROM o", &flink).unwrap_err();
    assert_eq!(few.code(), "NUTKIN-2005", "{few}");
    let overwrite = catalog.analyze_in("INSERT OVERWRITE s SELECT k, 1, b FROM o", &flink).unwrap_err();
    assert_eq!(overwrite.code(), "NUTKIN-2007");
}
