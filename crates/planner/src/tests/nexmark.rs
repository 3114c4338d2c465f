//! The Nexmark queries whose operators exist, over the event table with its computed time column.

use nutkin_plan::operators::{ScanColumn, ScanWatermark, WindowInput};
use nutkin_plan::{ExprKind, Operator, Plan, WindowSpec};

use super::support::Catalog;

const EVENTS: &str = "CREATE TABLE events (
    event_type INT,
    person ROW<id BIGINT, name STRING, emailAddress STRING, creditCard STRING, city STRING, state STRING, `dateTime` TIMESTAMP(3), extra STRING>,
    auction ROW<id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, `dateTime` TIMESTAMP(3),
                expires TIMESTAMP(3), seller BIGINT, category BIGINT, extra STRING>,
    bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, `dateTime` TIMESTAMP(3), extra STRING>,
    `dateTime` AS CASE event_type WHEN 0 THEN person.`dateTime` WHEN 1 THEN auction.`dateTime` ELSE bid.`dateTime` END,
    WATERMARK FOR `dateTime` AS `dateTime` - INTERVAL '4' SECOND)";

/// Views are not built: the queries read the bids from a table of WITH.
const BIDS: &str = "WITH bid AS (SELECT bid.auction, bid.bidder, bid.price, bid.channel, bid.url, `dateTime`, bid.extra FROM events WHERE event_type = 2) ";

fn plan(query: &str) -> Plan {
    Catalog::default().with(EVENTS).plan(&format!("{BIDS}{query}"))
}

fn names(plan: &Plan) -> Vec<&'static str> {
    plan.nodes.iter().map(|node| node.operator.name()).collect()
}

/// The stored columns that are read.
fn read(plan: &Plan) -> Vec<String> {
    let Operator::TableSourceScan(scan) = &plan.nodes[0].operator else { panic!("no scan first") };
    let name = |column: &ScanColumn| match column {
        ScanColumn::Physical(name) => name.clone(),
        other => format!("{other:?}"),
    };
    scan.columns.iter().map(name).collect()
}

#[test]
fn stateless_queries_are_one_calc_over_the_columns_they_read() {
    for (query, columns) in [
        ("SELECT auction, price FROM bid WHERE MOD(auction, 123) = 0", vec!["event_type", "bid"]),
        (
            "SELECT auction, bidder, 0.908 * price AS price, `dateTime`, extra FROM bid",
            vec!["event_type", "person", "auction", "bid"],
        ),
        (
            "SELECT auction, bidder, price, channel, SPLIT_INDEX(url, '/', 3) AS dir1, SPLIT_INDEX(url, '/', 4) AS dir2,
             SPLIT_INDEX(url, '/', 5) AS dir3 FROM bid",
            vec!["event_type", "bid"],
        ),
        (
            "SELECT auction, bidder, price, channel, CASE LOWER(channel) WHEN 'apple' THEN '0' WHEN 'google' THEN '1' WHEN 'facebook' THEN '2'
             WHEN 'baidu' THEN '3' ELSE REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) END AS channel_id FROM bid
             WHERE REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) IS NOT NULL OR LOWER(channel) IN ('apple', 'google', 'facebook', 'baidu')",
            vec!["event_type", "bid"],
        ),
    ] {
        let plan = plan(query);
        assert_eq!(names(&plan), ["StreamTableSourceScan", "StreamCalc", "StreamSink"], "{query}");
        assert_eq!(read(&plan), columns, "{query}");
    }
}

#[test]
fn arithmetic_has_the_types_of_flink() {
    let run = Catalog::default().with(EVENTS).run(&format!("{BIDS}SELECT 0.908 * price AS price FROM bid"));
    assert_eq!(run.schema.columns[0].data_type.to_string(), "DECIMAL(24, 3)");
    assert!(run.is_append_only);
    assert!(!run.is_bounded);
}

#[test]
fn distinct_counts_share_their_arguments() {
    let counts: String = ["bidder", "auction"]
        .map(|k| {
            format!(
                ", COUNT(DISTINCT {k}) AS {k}s, COUNT(DISTINCT {k}) FILTER (WHERE price < 10000) AS {k}s1,
                 COUNT(DISTINCT {k}) FILTER (WHERE price >= 10000 AND price < 1000000) AS {k}s2"
            )
        })
        .concat();
    let plan = plan(&format!(
        "SELECT channel, DATE_FORMAT(`dateTime`, 'yyyy-MM-dd') AS `day`, MAX(DATE_FORMAT(`dateTime`, 'HH:mm')) AS `minute`,
         COUNT(*) AS bids, COUNT(*) FILTER (WHERE price < 10000) AS bids1{counts}
         FROM bid GROUP BY channel, DATE_FORMAT(`dateTime`, 'yyyy-MM-dd')"
    ));
    let aggregate = plan.nodes.iter().find_map(|node| match &node.operator {
        Operator::GroupAggregate(op) => Some(op),
        _ => None,
    });
    let aggregate = aggregate.unwrap();
    assert_eq!(aggregate.grouping, [0, 1]);
    assert_eq!(aggregate.calls.len(), 9);
    // Two keys, the minute, two filters, two counted columns.
    let exchange = plan.nodes.iter().find(|node| node.operator.name() == "StreamExchange").unwrap();
    assert_eq!(exchange.schema.len(), 7);
}

#[test]
fn a_tumbling_count_assigns_windows_in_the_aggregation() {
    let plan = plan(
        "SELECT auction, COUNT(*) AS num, window_start, window_end FROM TABLE(
           TUMBLE(TABLE bid, DESCRIPTOR(`dateTime`), INTERVAL '10' SECOND)) GROUP BY auction, window_start, window_end",
    );
    let Operator::TableSourceScan(scan) = &plan.nodes[0].operator else { panic!("no scan first") };
    let Some(ScanWatermark::Expression { rowtime, watermark }) = &scan.watermark else { panic!("no watermark") };
    assert!(matches!(rowtime.kind, ExprKind::Case { .. }), "the computed column is written out");
    assert!(matches!(&watermark.kind, ExprKind::Call { function, .. } if function == "-"));
    let window = plan.nodes.iter().find_map(|node| match &node.operator {
        Operator::LocalWindowAggregate(op) => Some(&op.input),
        _ => None,
    });
    let Some(WindowInput::Assign { window, time_column }) = window else { panic!("{plan:?}") };
    assert_eq!(*window, WindowSpec::Tumble { size: 10_000, offset: 0 });
    let local = plan.nodes.iter().find(|node| node.operator.name() == "StreamLocalWindowAggregate").unwrap();
    assert!(plan.nodes[local.inputs[0]].schema.columns[*time_column].is_rowtime());
}

#[test]
fn hopping_windows_may_be_used_again() {
    let plan = plan(
        "SELECT window_start, window_end, MAX(num) FROM (
           SELECT auction, window_start, window_end, COUNT(*) AS num FROM TABLE(
             HOP(TABLE bid, DESCRIPTOR(`dateTime`), INTERVAL '2' SECOND, INTERVAL '10' SECOND))
           GROUP BY auction, window_start, window_end)
         GROUP BY window_start, window_end",
    );
    let windows: Vec<&WindowInput> = plan
        .nodes
        .iter()
        .filter_map(|node| match &node.operator {
            Operator::LocalWindowAggregate(op) => Some(&op.input),
            _ => None,
        })
        .collect();
    assert!(matches!(windows[0], WindowInput::Assign { .. }));
    assert!(matches!(windows[1], WindowInput::Attached { .. }));
}
