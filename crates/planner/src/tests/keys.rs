//! Which columns identify a row, and what follows for the sink.

use nutkin_plan::{Operator, Plan};

use super::support::{Catalog, session};
use crate::{Action, Session};

fn is_corrected(plan: &Plan) -> bool {
    plan.nodes.iter().any(|node| matches!(&node.operator, Operator::Sink(sink) if sink.upsert_materialize))
}

/// A key is still a key when it is cast so that different values stay different.
#[test]
fn keys_survive_casts_that_lose_nothing() {
    for (from, to, survives) in [
        ("INT", "BIGINT", true),
        ("INT", "DECIMAL(10, 0)", true),
        ("INT", "DECIMAL(12, 3)", false),
        ("INT", "DOUBLE", true),
        ("BIGINT", "DOUBLE", false),
        ("VARCHAR(3)", "STRING", true),
        ("TIMESTAMP(3)", "TIMESTAMP(6)", true),
        ("TIMESTAMP(6)", "TIMESTAMP(3)", false),
        ("FLOAT", "DOUBLE", true),
    ] {
        let catalog = Catalog::default()
            .with(&format!("CREATE TABLE t (a {from})"))
            .with(&format!("CREATE TABLE s (a {to} PRIMARY KEY NOT ENFORCED, n BIGINT)"));
        let plan = catalog.plan("INSERT INTO s SELECT a, COUNT(*) FROM t GROUP BY a");
        assert_eq!(is_corrected(&plan), !survives, "{from} to {to}");
    }
}

#[test]
fn the_remainder_of_a_division_is_a_key_of_a_wider_table() {
    let catalog = Catalog::default()
        .with("CREATE TABLE bid (auction BIGINT)")
        .with("CREATE TABLE s (half BIGINT PRIMARY KEY NOT ENFORCED, n BIGINT)");
    let plan = catalog.plan("INSERT INTO s SELECT MOD(auction, 2) AS half, COUNT(*) FROM bid GROUP BY MOD(auction, 2)");
    assert!(!is_corrected(&plan));
}

/// What updates its result waits for the end where there is one.
#[test]
fn results_wait_for_the_end_of_a_batch() {
    let mut catalog = Catalog::default();
    let mut table = catalog.table_of("CREATE TABLE t (a INT)");
    table.connector = nutkin_plan::Connector::Memory;
    catalog.put(table);
    let always = |session: Session, sql: &str| {
        let Action::Run(execution) = catalog.analyze_in(sql, &session).unwrap().action else { panic!("{sql}") };
        let found = execution.plan.nodes.iter().find_map(|node| match &node.operator {
            Operator::GroupAggregate(aggregate) => Some(aggregate.at_end),
            _ => None,
        });
        found.unwrap()
    };
    let batch = Session { flink_extensions: true, batch: true, ..session() };
    assert!(always(batch.clone(), "SELECT COUNT(*) FROM t"));
    assert!(always(batch, "SELECT COUNT(*) FROM t GROUP BY a"));
    assert!(!always(session(), "SELECT COUNT(*) FROM t"));
}

/// Where all rows are there none is late: no watermark before the end.
#[test]
fn a_batch_has_no_watermarks() {
    let mut catalog = Catalog::default();
    let mut table = catalog.table_of("CREATE TABLE t (a INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)");
    table.connector = nutkin_plan::Connector::Memory;
    catalog.put(table);
    let has_watermark = |session: &Session| {
        let sql = "SELECT window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end";
        let Action::Run(execution) = catalog.analyze_in(sql, session).unwrap().action else { panic!("{sql}") };
        execution
            .plan
            .nodes
            .iter()
            .any(|node| matches!(&node.operator, Operator::TableSourceScan(scan) if scan.watermark.is_some()))
    };
    assert!(has_watermark(&session()));
    assert!(!has_watermark(&Session { flink_extensions: true, batch: true, ..session() }));
}
