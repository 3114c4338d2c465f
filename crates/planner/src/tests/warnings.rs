//! The statement advisor (spec statements.md 3.5).

use super::support::Catalog;
use crate::Severity;

fn reasons(sql: &str) -> Vec<String> {
    let catalog = Catalog::marketplace()
        .with("CREATE TABLE customer_orders (total_orders INT PRIMARY KEY NOT ENFORCED, customer_name STRING)");
    let warnings = catalog.analyze(sql).unwrap().warnings;
    assert!(warnings.iter().all(|warning| warning.severity == Severity::Moderate));
    warnings.into_iter().map(|warning| warning.reason).collect()
}

#[test]
fn published_example_of_another_key() {
    let sql = "INSERT INTO customer_orders SELECT SUM(order_count), customer_name
        FROM (VALUES ('Bob', 2), ('Alice', 1), ('Bob', 2)) AS OrderData(customer_name, order_count) GROUP BY customer_name";
    assert_eq!(reasons(sql), ["PRIMARY_KEY_DIFFERS_FROM_UPSERT_KEY", "HIGH_STATE_INTENSIVE_OPERATOR_WITHOUT_TTL"]);
}

#[test]
fn published_example_of_one_window_bound() {
    let window = "TABLE(TUMBLE(TABLE `examples`.`marketplace`.`orders`, DESCRIPTOR($rowtime), INTERVAL '10' MINUTES))";
    let sql = format!("SELECT window_end, SUM(price) AS `sum` FROM {window} GROUP BY window_end");
    assert_eq!(reasons(&sql), ["MISSING_WINDOW_START_END"]);
    let sql =
        format!("SELECT window_start, window_end, SUM(price) AS `sum` FROM {window} GROUP BY window_start, window_end");
    assert!(reasons(&sql).is_empty());
}
