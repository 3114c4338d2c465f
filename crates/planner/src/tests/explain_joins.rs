//! Golden plans of joins that are published for the original (operations.md 4.6).

use super::support::Catalog;

const QUERY: &str = "SELECT c.*
        FROM `examples`.`marketplace`.`clicks` c
        LEFT JOIN (
          SELECT DISTINCT customer_id
          FROM `examples`.`marketplace`.`orders`
        ) o ON c.user_id = o.customer_id
        WHERE o.customer_id IS NULL";

/// The plan of the query into a sink.
fn published(sink: &str) -> String {
    format!(
        "== Physical Plan ==

StreamSink [11]
  +- StreamCalc [10]
    +- StreamJoin [9]
      +- StreamExchange [3]
      :  +- StreamCalc [2]
      :    +- StreamTableSourceScan [1]
      +- StreamExchange [8]
        +- StreamGroupAggregate [7]
          +- StreamExchange [6]
            +- StreamCalc [5]
              +- StreamTableSourceScan [4]

== Physical Details ==

[1] StreamTableSourceScan
Table: `examples`.`marketplace`.`clicks`
Changelog mode: append
State size: low

[4] StreamTableSourceScan
Table: `examples`.`marketplace`.`orders`
Changelog mode: append
State size: low

[7] StreamGroupAggregate
Changelog mode: retract
Upsert key: (customer_id)
State size: medium

[8] StreamExchange
Changelog mode: retract
Upsert key: (customer_id)

[9] StreamJoin
Changelog mode: retract
State size: medium

[10] StreamCalc
Changelog mode: retract

[11] StreamSink
Table: {sink}
Changelog mode: retract
State size: low
"
    )
}

#[test]
fn published_basic_plan() {
    assert_eq!(Catalog::marketplace().explain(QUERY), published("Foreground"));
}

/// The same query into the table that it makes: it has no key, so that the rows of the join are taken back in full.
#[test]
fn published_plan_of_create_table_as() {
    let text = Catalog::marketplace().explain(&format!("CREATE TABLE clicks_without_orders AS {QUERY}"));
    assert_eq!(text, published("`catalog`.`database`.`clicks_without_orders`"));
}

#[test]
fn published_plan_of_a_windowed_self_join() {
    let text = Catalog::marketplace().explain(
        "WITH windowed_customers AS (
          SELECT * FROM TABLE(
            TUMBLE(TABLE `examples`.`marketplace`.`customers`, DESCRIPTOR($rowtime), INTERVAL '1' MINUTE)
          )
        )
        SELECT
            c1.window_start,
            c1.city,
            COUNT(DISTINCT c1.customer_id) as unique_customers,
            COUNT(c2.customer_id) as total_connections
        FROM
            windowed_customers c1
            JOIN windowed_customers c2
            ON c1.city = c2.city
            AND c1.customer_id < c2.customer_id
            AND c1.window_start = c2.window_start
        GROUP BY
            c1.window_start,
            c1.city
        HAVING
            COUNT(DISTINCT c1.customer_id) > 5",
    );
    let plan = text.split("\n== Physical Details ==").next().unwrap_or_default();
    assert_eq!(
        plan,
        "== Physical Plan ==

StreamSink [14]
  +- StreamCalc [13]
    +- StreamGroupAggregate [12]
      +- StreamExchange [11]
        +- StreamCalc [10]
          +- StreamJoin [9]
            +- StreamExchange [8]
            :  +- StreamCalc [7]
            :    +- StreamWindowTableFunction [6]
            :      +- StreamCalc [5]
            :        +- StreamChangelogNormalize [4]
            :          +- StreamExchange [3]
            :            +- StreamCalc [2]
            :              +- StreamTableSourceScan [1]
            +- (reused) [8]
"
    );
    for details in [
        "[6] StreamWindowTableFunction\nChangelog mode: retract\nState size: low\n",
        "[9] StreamJoin\nChangelog mode: retract\nState size: medium\n",
        "[12] StreamGroupAggregate\nChangelog mode: retract\nUpsert key: (window_start,city)\nState size: medium\n",
        "[14] StreamSink\nTable: Foreground\nChangelog mode: retract\nUpsert key: (window_start,city)\nState size: low\n",
    ] {
        assert!(text.contains(details), "{details}\n{text}");
    }
}
