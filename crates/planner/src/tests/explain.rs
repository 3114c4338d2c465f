//! Golden plans. Those called published are the original's (operations.md 4.6); the others follow from its rules. More of both
//! stand in `explain_joins.rs`.

use super::support::Catalog;

fn orders() -> Catalog {
    Catalog::marketplace()
        .with("CREATE TABLE low_orders (order_id STRING NOT NULL, customer_id INT NOT NULL, product_id STRING NOT NULL, price DOUBLE NOT NULL)")
        .with("CREATE TABLE high_orders (order_id STRING NOT NULL, customer_id INT NOT NULL, product_id STRING NOT NULL, price DOUBLE NOT NULL)")
        .with("CREATE TABLE orders (order_id INT, customer_id INT, `day` STRING, price DOUBLE)")
        .with("CREATE TABLE per_customer (customer_id INT NOT NULL PRIMARY KEY NOT ENFORCED, orders BIGINT)")
        .with("CREATE TABLE totals (total BIGINT PRIMARY KEY NOT ENFORCED, customer_id INT)")
}

#[test]
fn published_plan_of_insert_values() {
    let text = orders().explain(
        "INSERT INTO orders VALUES
          (1, 1001, '2023-02-24', 50.0),
          (2, 1002, '2023-02-25', 60.0),
          (3, 1003, '2023-02-26', 70.0)",
    );
    assert_eq!(
        text,
        "== Physical Plan ==

StreamSink [3]
  +- StreamCalc [2]
    +- StreamValues [1]

== Physical Details ==

[1] StreamValues
Changelog mode: append
State size: low

[3] StreamSink
Table: `catalog`.`database`.`orders`
Changelog mode: append
State size: low
"
    );
}

#[test]
fn published_plan_of_a_statement_set() {
    let text = orders().explain(
        "STATEMENT SET
        BEGIN
          INSERT INTO low_orders SELECT * from examples.marketplace.orders where price < 100;
          INSERT INTO high_orders SELECT * from examples.marketplace.orders where price > 100;
        END",
    );
    assert_eq!(
        text,
        "== Physical Plan ==

StreamSink [3]
  +- StreamCalc [2]
    +- StreamTableSourceScan [1]

StreamSink [5]
  +- StreamCalc [4]
    +- (reused) [1]

== Physical Details ==

[1] StreamTableSourceScan
Table: `examples`.`marketplace`.`orders`
Changelog mode: append
State size: low

[3] StreamSink
Table: `catalog`.`database`.`low_orders`
Changelog mode: append
State size: low

[5] StreamSink
Table: `catalog`.`database`.`high_orders`
Changelog mode: append
State size: low
"
    );
}

/// CREATE TABLE AS is explained as the INSERT that it becomes, into the table that it would make.
#[test]
fn the_plan_of_create_table_as() {
    let text = orders().explain(
        "CREATE TABLE spending (PRIMARY KEY (customer_id) NOT ENFORCED) AS
         SELECT customer_id, SUM(price) AS total FROM examples.marketplace.orders GROUP BY customer_id",
    );
    assert_eq!(
        text,
        "== Physical Plan ==

StreamSink [5]
  +- StreamGroupAggregate [4]
    +- StreamExchange [3]
      +- StreamCalc [2]
        +- StreamTableSourceScan [1]

== Physical Details ==

[1] StreamTableSourceScan
Table: `examples`.`marketplace`.`orders`
Changelog mode: append
State size: low

[4] StreamGroupAggregate
Changelog mode: upsert
Upsert key: (customer_id)
State size: medium

[5] StreamSink
Table: `catalog`.`database`.`spending`
Primary key: (customer_id)
Changelog mode: upsert
Upsert key: (customer_id)
State size: low
"
    );
}

/// The part of the published basic analysis below its join.
#[test]
fn published_plan_of_distinct() {
    let text = orders().explain("SELECT DISTINCT customer_id FROM examples.marketplace.orders");
    assert_eq!(
        text,
        "== Physical Plan ==

StreamSink [5]
  +- StreamGroupAggregate [4]
    +- StreamExchange [3]
      +- StreamCalc [2]
        +- StreamTableSourceScan [1]

== Physical Details ==

[1] StreamTableSourceScan
Table: `examples`.`marketplace`.`orders`
Changelog mode: append
State size: low

[4] StreamGroupAggregate
Changelog mode: retract
Upsert key: (customer_id)
State size: medium

[5] StreamSink
Table: Foreground
Changelog mode: retract
Upsert key: (customer_id)
State size: low
"
    );
}

/// The lower part of the published plan with a window function over an upsert table.
#[test]
fn an_upsert_source_is_completed_where_old_rows_are_needed() {
    let text = orders().explain("SELECT city, COUNT(*) FROM examples.marketplace.customers GROUP BY city");
    assert_eq!(
        text,
        "== Physical Plan ==

StreamSink [8]
  +- StreamGroupAggregate [7]
    +- StreamExchange [6]
      +- StreamCalc [5]
        +- StreamChangelogNormalize [4]
          +- StreamExchange [3]
            +- StreamCalc [2]
              +- StreamTableSourceScan [1]

== Physical Details ==

[1] StreamTableSourceScan
Table: `examples`.`marketplace`.`customers`
Primary key: (customer_id)
Changelog mode: upsert
Upsert key: (customer_id)
State size: low

[2] StreamCalc
Changelog mode: upsert
Upsert key: (customer_id)

[3] StreamExchange
Changelog mode: upsert
Upsert key: (customer_id)

[4] StreamChangelogNormalize
Changelog mode: retract
Upsert key: (customer_id)
State size: medium

[5] StreamCalc
Changelog mode: retract

[6] StreamExchange
Changelog mode: retract

[7] StreamGroupAggregate
Changelog mode: retract
Upsert key: (city)
State size: medium

[8] StreamSink
Table: Foreground
Changelog mode: retract
Upsert key: (city)
State size: low
"
    );
}

#[test]
fn an_aggregation_into_its_own_key_sends_no_old_rows() {
    let text = orders().explain(
        "INSERT INTO per_customer SELECT customer_id, COUNT(*) FROM examples.marketplace.orders GROUP BY customer_id",
    );
    assert!(text.contains("[4] StreamGroupAggregate\nChangelog mode: upsert\nUpsert key: (customer_id)\n"), "{text}");
    assert!(
        text.contains(
            "Primary key: (customer_id)\nChangelog mode: upsert\nUpsert key: (customer_id)\nState size: low\n"
        ),
        "{text}"
    );
}

#[test]
fn another_key_is_corrected_at_the_sink_with_a_warning() {
    let text = orders().explain(
        "INSERT INTO totals SELECT COUNT(*), customer_id FROM examples.marketplace.orders GROUP BY customer_id",
    );
    assert!(text.contains("State size: high"), "{text}");
    assert!(
        text.contains(
            "== Warnings ==\n\n[Warning] The primary key \"total\" does not match the upsert key \"customer_id\""
        ),
        "{text}"
    );
    assert!(text.contains("[Warning] Your query includes one or more highly state-intensive operators"), "{text}");
}

#[test]
fn a_window_aggregation_takes_its_function_in() {
    let text = orders().explain(
        "SELECT window_start, window_end, product_id, SUM(price) FROM TABLE(
           TUMBLE(TABLE examples.marketplace.orders, DESCRIPTOR($rowtime), INTERVAL '10' MINUTES))
         GROUP BY window_start, window_end, product_id",
    );
    assert_eq!(
        text,
        "== Physical Plan ==

StreamSink [7]
  +- StreamCalc [6]
    +- StreamGlobalWindowAggregate [5]
      +- StreamExchange [4]
        +- StreamLocalWindowAggregate [3]
          +- StreamCalc [2]
            +- StreamTableSourceScan [1]

== Physical Details ==

[1] StreamTableSourceScan
Table: `examples`.`marketplace`.`orders`
Changelog mode: append
State size: low

[3] StreamLocalWindowAggregate
Changelog mode: append
State size: low

[5] StreamGlobalWindowAggregate
Changelog mode: append
State size: low

[7] StreamSink
Table: Foreground
Changelog mode: append
State size: low
"
    );
}

/// S002-080, as written.
#[test]
fn the_acceptance_query_is_a_temporal_join() {
    let text = orders().explain(
        "create table last_orders(
          order_id VARCHAR(2147483647) NOT NULL PRIMARY KEY not enforced,
          ts TIMESTAMP_LTZ(3),
          customer_id INT,
          product_id VARCHAR(2147483647),
          name VARCHAR(2147483647),
          email VARCHAR(2147483647),
          price DOUBLE
        ) DISTRIBUTED BY (order_id) WITH (
          'changelog.mode' = 'upsert'
        ) as
        SELECT
          o.order_id,
          o.`$rowtime` as ts,
          c.customer_id,
          o.product_id,
          c.name,
          c.email,
          o.price
        FROM examples.marketplace.orders o
        JOIN examples.marketplace.customers FOR SYSTEM_TIME AS OF o.`$rowtime` c
        ON o.customer_id = c.customer_id
        WHERE o.`$rowtime` >= CURRENT_TIMESTAMP - INTERVAL '1' HOUR",
    );
    assert_eq!(
        text,
        "== Physical Plan ==

StreamSink [9]
  +- StreamCalc [8]
    +- StreamTemporalJoin [7]
      +- StreamExchange [3]
      :  +- StreamCalc [2]
      :    +- StreamTableSourceScan [1]
      +- StreamExchange [6]
        +- StreamCalc [5]
          +- StreamTableSourceScan [4]

== Physical Details ==

[1] StreamTableSourceScan
Table: `examples`.`marketplace`.`orders`
Changelog mode: append
State size: low

[4] StreamTableSourceScan
Table: `examples`.`marketplace`.`customers`
Primary key: (customer_id)
Changelog mode: upsert
Upsert key: (customer_id)
State size: low

[5] StreamCalc
Changelog mode: upsert
Upsert key: (customer_id)

[6] StreamExchange
Changelog mode: upsert
Upsert key: (customer_id)

[7] StreamTemporalJoin
Changelog mode: append
State size: medium

[9] StreamSink
Table: `catalog`.`database`.`last_orders`
Primary key: (order_id)
Changelog mode: append
State size: low
"
    );
}
