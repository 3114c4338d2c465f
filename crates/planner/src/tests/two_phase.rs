//! Aggregations in two phases and over buckets: the operators that Apache Flink 2.2 plans for the same settings, recorded from
//! its EXPLAIN.

use std::collections::BTreeMap;

use nutkin_plan::{Operator, Plan};

use super::consistency::assert_consistent;
use super::support::{Catalog, session};
use crate::{Action, Session, analyze};

const MINI_BATCH: [(&str, &str); 3] = [
    ("table.exec.mini-batch.enabled", "true"),
    ("table.exec.mini-batch.allow-latency", "1 s"),
    ("table.exec.mini-batch.size", "5"),
];
const SPLIT: (&str, &str) = ("table.optimizer.distinct-agg.split.enabled", "true");
const ONE_PHASE: (&str, &str) = ("table.optimizer.agg-phase-strategy", "ONE_PHASE");
const NOT_INCREMENTAL: (&str, &str) = ("table.optimizer.incremental-agg-enabled", "false");

fn with(settings: &[(&str, &str)]) -> Session {
    let all = settings.iter().chain(&[("sql.flink-extensions", "true")]);
    let properties: BTreeMap<String, String> = all.map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Session { optimizer: Session::from_properties(&properties).unwrap().optimizer, ..session() }
}

fn catalog() -> Catalog {
    Catalog::default()
        .with(
            "CREATE TABLE s (k STRING, v INT, x DOUBLE, n STRING, b BOOLEAN, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)",
        )
        .with("CREATE TABLE r (k STRING, v INT, n STRING) WITH ('changelog.mode' = 'retract')")
}

fn plan(sql: &str, settings: &[(&str, &str)]) -> Plan {
    let statement = nutkin_sql::parse_statement(sql).unwrap();
    let analyzed = analyze(&statement, sql, &with(settings), &catalog()).unwrap();
    let Action::Run(execution) = analyzed.action else { panic!("no plan") };
    assert_consistent(&execution.plan);
    execution.plan
}

/// The operators from the sink's input down, exchanges by their keys.
fn chain(plan: &Plan) -> String {
    let mut names = Vec::new();
    let mut node = &plan.nodes[plan.sinks().next().unwrap()];
    while let Some(&input) = node.inputs.first() {
        node = &plan.nodes[input];
        match &node.operator {
            Operator::Calc(_) => {}
            Operator::Exchange(exchange) => match &exchange.kind {
                nutkin_plan::operators::ExchangeKind::Hash(keys) => names.push(format!("by {}", keys.len())),
                nutkin_plan::operators::ExchangeKind::Single => names.push("to one".to_owned()),
            },
            other => names.push(other.name().trim_start_matches("Stream").replace("Aggregate", "")),
        }
    }
    names.pop();
    names.join(" < ")
}

#[test]
fn groups_have_two_phases_with_mini_batches() {
    let of = |sql: &str, settings: &[(&str, &str)]| chain(&plan(sql, settings));
    let sum = "SELECT k, SUM(v), COUNT(*), AVG(x), STDDEV_POP(x) FROM s GROUP BY k";
    assert_eq!(of(sum, &[]), "Group < by 1");
    assert_eq!(of(sum, &MINI_BATCH), "GlobalGroup < by 1 < LocalGroup");
    assert_eq!(of(sum, &[&MINI_BATCH[..], &[ONE_PHASE]].concat()), "Group < by 1");
    assert_eq!(of("SELECT SUM(v) FROM s", &MINI_BATCH), "GlobalGroup < to one < LocalGroup");
    assert_eq!(of("SELECT DISTINCT k, v FROM s", &MINI_BATCH), "GlobalGroup < by 2 < LocalGroup");
    assert_eq!(of("SELECT k, SUM(v), FIRST_VALUE(v) FROM s GROUP BY k", &MINI_BATCH), "Group < by 1");
    let counts = "SELECT c, COUNT(*) FROM (SELECT k, COUNT(*) AS c FROM s GROUP BY k) GROUP BY c";
    assert_eq!(of(counts, &MINI_BATCH), "GlobalGroup < by 1 < LocalGroup < GlobalGroup < by 1 < LocalGroup");
    assert_eq!(plan(sum, &MINI_BATCH).mini_batch_rows, Some(5));
}

#[test]
fn retractions_are_folded_before_they_are_sent() {
    let plan = plan("SELECT k, SUM(v), MIN(v) FROM r GROUP BY k", &MINI_BATCH);
    assert_eq!(chain(&plan), "GlobalGroup < by 1 < LocalGroup");
    let local = plan.nodes.iter().find(|node| matches!(node.operator, Operator::LocalGroupAggregate(_))).unwrap();
    assert!(local.changelog_mode.is_append());
    let Some(Operator::GlobalGroupAggregate(global)) =
        plan.nodes.iter().map(|node| &node.operator).find(|o| matches!(o, Operator::GlobalGroupAggregate(_)))
    else {
        panic!("no second phase")
    };
    assert!(global.retracts);
}

#[test]
fn windows_have_two_phases_where_their_functions_can() {
    let of = |calls: &str, settings: &[(&str, &str)]| {
        chain(&plan(
            &format!(
                "SELECT window_start, window_end, k, {calls} FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '5' SECOND))
                 GROUP BY window_start, window_end, k"
            ),
            settings,
        ))
    };
    for call in
        ["COUNT(DISTINCT v)", "LISTAGG(n, 'x')", "COLLECT(n)", "JSON_OBJECTAGG(KEY n VALUE v)", "PERCENTILE(x, 0.5)"]
    {
        assert_eq!(of(call, &[]), "GlobalWindow < by 1 < LocalWindow", "{call}");
    }
    for call in ["FIRST_VALUE(v)", "SUM(v), LAST_VALUE(v)", "JSON_ARRAYAGG(n)"] {
        assert_eq!(of(call, &[]), "Window < by 1", "{call}");
    }
    assert_eq!(of("SUM(v)", &[ONE_PHASE]), "Window < by 1");
    assert_eq!(
        of("COUNT(DISTINCT v), SUM(v)", &[SPLIT]),
        "GlobalWindow < by 1 < LocalWindow < GlobalWindow < by 2 < LocalWindow"
    );
    assert_eq!(of("COUNT(DISTINCT v), SUM(v)", &[SPLIT, ONE_PHASE]), "Window < by 1 < Window < by 2");
}

#[test]
fn distinct_values_are_split_into_buckets() {
    let of = |calls: &str, settings: &[(&str, &str)]| {
        chain(&plan(&format!("SELECT k, {calls} FROM s GROUP BY k"), &[settings, &[SPLIT]].concat()))
    };
    assert_eq!(of("COUNT(DISTINCT v), SUM(v), COUNT(*), AVG(x)", &[]), "Group < by 1 < Group < by 2");
    assert_eq!(of("COUNT(DISTINCT v), MAX(v), COUNT(*)", &[]), "Group < by 1 < Group < by 2");
    assert_eq!(of("COUNT(DISTINCT v), COUNT(DISTINCT n), COUNT(*)", &[]), "Group < by 1 < Group < by 3 < Expand");
    assert_eq!(of("COUNT(DISTINCT v), MAX(x)", &[]), "Group < by 1 < Group < by 3 < Expand");
    assert_eq!(of("COUNT(DISTINCT k), COUNT(DISTINCT v)", &[]), "Group < by 1 < Group < by 2 < Expand");
    assert_eq!(of("COUNT(DISTINCT k), COUNT(v)", &[]), "Group < by 1 < Group < by 1");
    // Nothing to split, or functions that cannot be.
    assert_eq!(of("MAX(x), SUM(v)", &[]), "Group < by 1");
    assert_eq!(of("COUNT(DISTINCT v), COLLECT(n)", &[]), "Group < by 1");
    // Buckets come in no order.
    for calls in ["LISTAGG(DISTINCT n, '-')", "LISTAGG(DISTINCT n)", "COUNT(DISTINCT v), FIRST_VALUE(n)"] {
        assert_eq!(of(calls, &[]), "Group < by 1", "{calls}");
    }
    let both = &MINI_BATCH[..];
    let incremental = "GlobalGroup < by 1 < IncrementalGroup < by 2 < LocalGroup";
    assert_eq!(of("COUNT(DISTINCT v), SUM(v)", both), incremental);
    assert_eq!(
        of("COUNT(DISTINCT v), SUM(v)", &[both, &[NOT_INCREMENTAL]].concat()),
        "GlobalGroup < by 1 < LocalGroup < GlobalGroup < by 2 < LocalGroup"
    );
    assert_eq!(chain(&plan("SELECT COUNT(DISTINCT v) FROM s", &[SPLIT])), "Group < to one < Group < by 1");
    assert_eq!(
        chain(&plan("SELECT k, n, COUNT(DISTINCT v) FROM s GROUP BY ROLLUP (k, n)", &[SPLIT])),
        "Group < by 3 < Group < by 4 < Expand"
    );
}

/// Windows that are made of other windows know the time zone that these end in.
#[test]
fn windows_of_windows_end_in_the_zone_of_the_first() {
    let of = |time: &str| {
        let catalog =
            Catalog::default().with(&format!("CREATE TABLE s (k STRING, n STRING, ts {time}, WATERMARK FOR ts AS ts)"));
        let sql = "SELECT window_start, window_end, k, COUNT(*) FROM (
                     SELECT window_start, window_end, k, n, COUNT(*) FROM TABLE(TUMBLE(TABLE s, DESCRIPTOR(ts), INTERVAL '1' DAY))
                     GROUP BY window_start, window_end, k, n)
                   GROUP BY window_start, window_end, k";
        let statement = nutkin_sql::parse_statement(sql).unwrap();
        let Action::Run(execution) = analyze(&statement, sql, &session(), &catalog).unwrap().action else {
            panic!("no plan")
        };
        let instants = execution.plan.nodes.iter().filter_map(|node| match &node.operator {
            Operator::GlobalWindowAggregate(window) => Some((window.is_attached, window.is_instant)),
            _ => None,
        });
        instants.collect::<Vec<_>>()
    };
    assert_eq!(of("TIMESTAMP_LTZ(3)"), [(false, true), (true, true)]);
    assert_eq!(of("TIMESTAMP(3)"), [(false, false), (true, false)]);
}

#[test]
fn settings_are_checked() {
    let refused = |settings: &[(&str, &str)]| {
        let properties = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Session::from_properties(&properties).unwrap_err().to_string()
    };
    let extensions = ("sql.flink-extensions", "true");
    assert!(refused(&[SPLIT]).contains("needs 'sql.flink-extensions' = 'true'"));
    let without_size = refused(&[extensions, MINI_BATCH[0], MINI_BATCH[1]]);
    assert!(without_size.contains("'table.exec.mini-batch.size'"), "{without_size}");
    assert!(refused(&[extensions, MINI_BATCH[0], MINI_BATCH[2]]).contains("'table.exec.mini-batch.allow-latency'"));
    assert!(refused(&[extensions, ("table.optimizer.agg-phase-strategy", "THREE")]).contains("ONE_PHASE"));
    assert!(refused(&[extensions, ("table.optimizer.distinct-agg.split.bucket-num", "0")]).contains("a bucket"));
    let orders = ("table.optimizer.bushy-join-reorder-threshold", "15");
    assert!(refused(&[extensions, orders]).contains("more than 14 tables"));
}
