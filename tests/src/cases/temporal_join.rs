//! The acceptance query S002-080 as written, its rows compared with those of both tables, read for themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use crate::avro::AvroReader;
use crate::service::{Options, Service};
use crate::topic::Reader;
use crate::workplace::{PATIENCE, Results, Workplace};

const QUERY: &str = "create table last_orders(
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
WHERE o.`$rowtime` >= CURRENT_TIMESTAMP - INTERVAL '1' HOUR;";

/// Number of joined rows to compare.
const ROWS: usize = 300;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn last_orders_are_orders_with_their_customers() {
    let service = Service::start(Options::default()).await;
    let place = Workplace::new(&service).await;
    // Both sides, read before, while and after the join reads them.
    place
        .run(
            "orders",
            "SELECT order_id, customer_id, product_id, price, CAST(EXTRACT(EPOCH FROM `$rowtime`) AS BIGINT)
             FROM examples.marketplace.orders",
        )
        .await;
    place.run("customers", "SELECT customer_id, name, email FROM examples.marketplace.customers").await;
    let mut orders = Results::of(&place, "orders");
    let mut customers = Results::of(&place, "customers");
    orders.more().await;
    customers.more().await;

    place.run("last-orders", QUERY).await;
    let client = place.kafka().await;
    let joined = Reader::new(&client, "last_orders").await.take(ROWS, PATIENCE).await;
    let until = std::time::Instant::now() + Duration::from_secs(2);
    while std::time::Instant::now() < until {
        orders.more().await;
        customers.more().await;
    }

    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let by_id: BTreeMap<String, &Vec<Value>> = orders.rows.iter().map(|(_, row)| (text(&row[0]), row)).collect();
    let mut versions: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for (_, row) in &customers.rows {
        versions.entry(text(&row[0])).or_default().insert((text(&row[1]), text(&row[2])));
    }
    let mut seen = BTreeSet::new();
    for record in &joined {
        let order_id = AvroReader(&record.key.as_ref().unwrap()[5..]).string();
        let mut value = AvroReader(&record.value.as_ref().unwrap()[5..]);
        let ts = value.nullable(AvroReader::long).unwrap();
        let customer_id = value.nullable(AvroReader::long).unwrap().to_string();
        let product_id = value.nullable(AvroReader::string).unwrap();
        let name = value.nullable(AvroReader::string).unwrap();
        let email = value.nullable(AvroReader::string).unwrap();
        let price = value.nullable(AvroReader::double).unwrap();
        let order = by_id.get(&order_id).unwrap_or_else(|| panic!("{order_id} is no order of that time"));
        assert_eq!((text(&order[1]), text(&order[2])), (customer_id.clone(), product_id), "{order_id}");
        assert_eq!(text(&order[3]).parse::<f64>().unwrap(), price, "{order_id}");
        assert_eq!(text(&order[4]).parse::<i64>().unwrap(), ts / 1000, "{order_id}");
        assert!(versions[&customer_id].contains(&(name, email)), "{order_id}: no such version of {customer_id}");
        assert!(seen.insert(order_id.clone()), "{order_id} twice");
    }
    // None is left out between the first second, in which customers appear, and the last one that is here.
    let time = |row: &[Value]| text(&row[4]).parse::<i64>().unwrap();
    let times: Vec<i64> = seen.iter().map(|id| time(by_id[id])).collect();
    let (first, last) = (times.iter().min().unwrap() + 2, *times.iter().max().unwrap());
    let missing: Vec<_> = orders
        .rows
        .iter()
        .filter(|(_, row)| (first..last).contains(&time(row)) && !seen.contains(&text(&row[0])))
        .map(|(_, row)| row)
        .collect();
    assert!(missing.is_empty(), "orders between {first} and {last} without a joined row: {missing:?}");
}
