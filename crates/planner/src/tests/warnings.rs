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

#[test]
fn sessions_of_all_rows_together() {
    let sessions = |partition: &str| {
        format!(
            "SELECT window_start, window_end, customer_id, COUNT(*) FROM TABLE(SESSION(TABLE `examples`.`marketplace`.`orders` {partition},
             DESCRIPTOR($rowtime), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, customer_id"
        )
    };
    assert!(reasons(&sessions("")).contains(&"SESSION_WINDOW_WITHOUT_PARTITION_BY".to_owned()));
    assert!(reasons(&sessions("PARTITION BY customer_id")).is_empty());
}

/// The texts are what users of the original know and look for.
#[test]
fn published_texts() {
    let text = |sql: &str, reason: &str| {
        let warnings = Catalog::marketplace().analyze(sql).unwrap().warnings;
        warnings.into_iter().find(|warning| warning.reason == reason).unwrap().message
    };
    let sessions =
        "SELECT * FROM SESSION(TABLE `examples`.`marketplace`.`orders`, DESCRIPTOR($rowtime), INTERVAL '5' MINUTES)";
    let session = text(sessions, "SESSION_WINDOW_WITHOUT_PARTITION_BY");
    assert!(
        session.starts_with("Your query uses a SESSION window without a PARTITION BY clause. This results in"),
        "{session}"
    );
    assert!(session.ends_with("see https://cnfl.io/session_without_partioning."), "{session}");
}

/// A join of two streams, and one with a table that has a row per key.
#[test]
fn published_example_of_endless_state() {
    let join = "SELECT c.*, o.* FROM `examples`.`marketplace`.`clicks` c
        INNER JOIN `examples`.`marketplace`.`orders` o ON c.user_id = o.customer_id";
    assert_eq!(reasons(join), ["HIGH_STATE_INTENSIVE_OPERATOR_WITHOUT_TTL"]);
    assert!(reasons(&join.replace("SELECT c", "SELECT /*+ STATE_TTL('c' = '1 d', 'o' = '1 d') */ c")).is_empty());
    let with_key = "SELECT c.*, o.* FROM `examples`.`marketplace`.`customers` c
        INNER JOIN `examples`.`marketplace`.`orders` o ON c.customer_id = o.customer_id";
    assert!(reasons(with_key).is_empty());
}

#[test]
fn values_that_are_computed_anew_on_rows_that_are_updated() {
    let counts = "(SELECT customer_id, COUNT(*) AS n FROM `examples`.`marketplace`.`orders` GROUP BY customer_id)";
    let found = |select: &str| {
        let catalog = Catalog::marketplace();
        let warnings = catalog.analyze(&format!("SELECT {select} FROM {counts}")).unwrap().warnings;
        let found = warnings.into_iter().find(|warning| warning.reason == "NON_DETERMINISTIC_UPDATES");
        found.map(|warning| (warning.severity, warning.message.contains("UUID")))
    };
    // The key finds the row again; without it nothing does.
    assert_eq!(found("customer_id, n, UUID() AS id"), None);
    assert_eq!(found("n, UUID() AS id"), Some((Severity::Critical, true)));
    assert_eq!(found("n, n + 1"), None);
    let plain = Catalog::marketplace().analyze("SELECT UUID() FROM `examples`.`marketplace`.`orders`").unwrap();
    assert!(plain.warnings.is_empty());
}
