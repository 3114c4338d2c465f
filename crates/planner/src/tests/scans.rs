//! Scans: columns read, hints, time attributes, sharing, operator ids.

use nutkin_plan::operators::{ScanColumn, ScanWatermark, TableSourceScan};
use nutkin_plan::table::{BoundedMode, KafkaTable, StartupMode};
use nutkin_plan::{Connector, Operator, Plan};

use super::support::{Catalog, session};
use crate::session::ScanSettings;
use crate::{Action, Session};

fn scans(plan: &Plan) -> Vec<&TableSourceScan> {
    let scan = |node| match node {
        &nutkin_plan::Node { operator: Operator::TableSourceScan(ref scan), .. } => Some(scan),
        _ => None,
    };
    plan.nodes.iter().filter_map(scan).collect()
}

fn topic(plan: &Plan) -> &KafkaTable {
    match &plan.tables[0].connector {
        Connector::Kafka(topic) => topic,
        other => panic!("{other:?}"),
    }
}

fn catalog() -> Catalog {
    Catalog::marketplace().with("CREATE TABLE t (a INT, b INT, c AS a + 1, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)")
}

#[test]
fn only_columns_that_are_read_are_scanned() {
    let plan = catalog().plan("SELECT c FROM t WHERE b > 1");
    assert_eq!(scans(&plan)[0].columns, [ScanColumn::Physical("a".to_owned()), ScanColumn::Physical("b".to_owned())]);
    assert!(scans(&plan)[0].watermark.is_none());
    let plan = catalog().plan("SELECT COUNT(*) FROM t");
    assert!(scans(&plan)[0].columns.is_empty());
}

#[test]
fn the_system_column_is_found_by_name_only() {
    let run = catalog().run("SELECT * FROM examples.marketplace.orders");
    assert_eq!(run.schema.len(), 4);
    let run = catalog().run("SELECT $rowtime, o.`$rowtime` AS again FROM examples.marketplace.orders AS o");
    assert!(run.schema.columns.iter().all(nutkin_types::Column::is_rowtime), "bare columns keep event time");
    let run = catalog().run("SELECT ts + INTERVAL '1' SECOND FROM t");
    assert!(!run.schema.columns[0].is_rowtime(), "an expression does not");
}

#[test]
fn windows_make_scans_emit_watermarks() {
    let plan = catalog().plan(
        "SELECT * FROM TABLE(CUMULATE(TABLE examples.marketplace.orders, DESCRIPTOR($rowtime), INTERVAL '1' MINUTE, INTERVAL '5' MINUTE))",
    );
    assert!(matches!(scans(&plan)[0].watermark, Some(ScanWatermark::MaxSeen { .. })));
    let table = plan.nodes.iter().find(|n| n.operator.name() == "StreamWindowTableFunction").unwrap();
    let columns: Vec<String> = table.schema.columns.iter().map(|c| format!("{} {}", c.name, c.summary())).collect();
    assert!(columns.contains(&"window_start TIMESTAMP(3) NOT NULL".to_owned()));
    assert!(columns.contains(&"window_time TIMESTAMP_LTZ(3) *ROWTIME* NOT NULL".to_owned()));
}

/// the first hint counts, of a key written twice the last.
#[test]
fn hints_change_how_a_table_is_read() {
    let plan = catalog().plan(
        "SELECT a FROM t /*+ OPTIONS('scan.startup.mode' = 'latest-offset', 'scan.startup.mode' = 'specific-offsets',
           'scan.startup.specific-offsets' = 'partition:0,offset:3;partition:1,offset:42') */",
    );
    assert_eq!(topic(&plan).startup, StartupMode::SpecificOffsets([(0, 3), (1, 42)].into()));
    let run = catalog().run("SELECT a FROM t /*+ OPTIONS('scan.bounded.mode' = 'latest-offset') */");
    assert_eq!(topic(&run.plan).bounded, BoundedMode::LatestOffset);
    assert!(run.is_bounded);
}

#[test]
fn session_settings_fill_in_defaults_only() {
    let session = Session {
        scan: ScanSettings { startup: Some(StartupMode::LatestOffset), ..ScanSettings::default() },
        ..session()
    };
    let plan = |sql: &str| match catalog().analyze_in(sql, &session).unwrap().action {
        Action::Run(execution) => execution.plan,
        other => panic!("{other:?}"),
    };
    assert_eq!(topic(&plan("SELECT a FROM t")).startup, StartupMode::LatestOffset);
    let hinted = plan("SELECT a FROM t /*+ OPTIONS('scan.startup.mode' = 'earliest-offset') */");
    assert_eq!(topic(&hinted).startup, StartupMode::EarliestOffset);
}

/// D-22: one read for several INSERTs, also when they read different columns.
#[test]
fn a_statement_set_reads_a_table_once() {
    let catalog = catalog().with("CREATE TABLE x (v INT)").with("CREATE TABLE y (v INT)");
    let plan = catalog.plan(
        "EXECUTE STATEMENT SET BEGIN INSERT INTO x SELECT a FROM t; INSERT INTO y SELECT b FROM t WHERE a > 1; END",
    );
    assert_eq!(scans(&plan).len(), 1);
    assert_eq!(plan.sinks().count(), 2);
}

/// State is found again when only names, order or unrelated columns change.
#[test]
fn operator_ids_come_from_meaning() {
    let id = |sql: &str| {
        let plan = catalog().plan(sql);
        plan.nodes.iter().find(|n| n.operator.name() == "StreamGroupAggregate").unwrap().id.clone()
    };
    let first = id("SELECT a, SUM(b) AS total FROM t GROUP BY a");
    assert_eq!(first, id("SELECT SUM(b) AS other, a AS k FROM t GROUP BY a"));
    assert_ne!(first, id("SELECT a, SUM(a) AS total FROM t GROUP BY a"));
    assert_ne!(first, id("SELECT a, SUM(b) AS total FROM t WHERE b > 1 GROUP BY a"));
    assert_ne!(first, id("SELECT b, SUM(b) AS total FROM t GROUP BY b"));
}
