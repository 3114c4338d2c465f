//! The acceptance query S002-080 as written, its rows compared with those of both tables, read for themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use crate::avro::AvroReader;
use crate::service::{Options, Service};
use crate::topic::{Reader, now_ms};
use crate::workplace::{PATIENCE, Results, Row, Workplace};

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
/// Sources of one statement do not start in the same millisecond.
const START_SPREAD_MS: i64 = 1000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn last_orders_are_orders_with_their_customers() {
    let service = Service::start(Options::default()).await;
    let place = Workplace::new(&service).await;
    // Both sides for themselves: the same rows come to every statement, at the same time (spec sample-data).
    let tables = "examples.marketplace";
    let sql = format!("SELECT order_id, customer_id, product_id, price, `$rowtime` FROM {tables}.orders");
    place.run("orders", &sql).await;
    let sql = format!("SELECT customer_id, name, email, `$rowtime` FROM {tables}.customers");
    place.run("customers", &sql).await;
    let mut orders = Results::of(&place, "orders");
    let mut customers = Results::of(&place, "customers");

    place.run("last-orders", QUERY).await;
    let client = place.kafka().await;
    let mut reader = Reader::new(&client, "last_orders").await;
    let mut joined = reader.take(ROWS, PATIENCE).await;
    joined.extend(reader.rest().await);
    // What was joined is in what is read here, as this began before.
    let read_until = std::time::Instant::now();
    while read_until.elapsed() < Duration::from_secs(1) {
        orders.more().await;
        customers.more().await;
    }

    let orders = Orders::new(&orders.rows);
    let customers = Customers::new(&customers.rows);
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
        let number = orders.number(&order_id);
        let (after, order) = &orders.rows[number];
        assert_eq!((text(&order[1]), text(&order[2])), (customer_id.clone(), product_id), "{order_id}");
        assert_eq!(text(&order[3]).parse::<f64>().unwrap(), price, "{order_id}");
        assert!((ts - now_ms()).abs() < 120_000, "{order_id} came at {ts}");
        let versions = customers.versions(&customer_id, *after);
        assert!(versions.contains(&(name, email)), "{order_id}: {versions:?}");
        assert!(seen.insert(number), "{order_id} twice");
    }
    // Every customer has come after a second, so from then on no order is left out.
    let newest = *seen.last().unwrap();
    let missing: Vec<usize> = orders
        .rows
        .iter()
        .enumerate()
        .filter(|(number, (after, _))| {
            *after > orders.rows[0].0 + 1000 + START_SPREAD_MS && number + 100 < newest && !seen.contains(number)
        })
        .map(|(number, _)| number)
        .collect();
    assert!(missing.is_empty(), "orders without a joined row, up to {newest}: {missing:?}");
}

/// Rows with their time in milliseconds.
struct Orders {
    rows: Vec<(i64, Vec<Value>)>,
    numbers: BTreeMap<String, usize>,
}

impl Orders {
    fn new(rows: &[Row]) -> Orders {
        let rows: Vec<_> = rows.iter().map(|(_, row)| (millis(&row[4]), row.clone())).collect();
        let numbers = rows.iter().enumerate().map(|(number, (_, row))| (text(&row[0]), number)).collect();
        Orders { rows, numbers }
    }

    fn number(&self, order_id: &str) -> usize {
        *self.numbers.get(order_id).unwrap_or_else(|| panic!("{order_id} is no order of that time"))
    }
}

/// Per customer time in milliseconds, name and email, oldest first.
struct Customers(BTreeMap<String, Vec<(i64, Version)>>);

/// Name and email.
type Version = (String, String);

impl Customers {
    fn new(rows: &[Row]) -> Customers {
        let mut versions: BTreeMap<String, Vec<_>> = BTreeMap::new();
        // Of an update, what was before it is told too.
        for (_, row) in rows.iter().filter(|(op, _)| *op == 0 || *op == 2) {
            let version = (millis(&row[3]), (text(&row[1]), text(&row[2])));
            versions.entry(text(&row[0])).or_default().push(version);
        }
        Customers(versions)
    }

    /// Versions that may hold at `after`: the newest before, and those about then.
    fn versions(&self, customer_id: &str, after: i64) -> Vec<Version> {
        let all = &self.0[customer_id];
        let begun = all.partition_point(|(at, _)| *at <= after - START_SPREAD_MS);
        let coming = all.partition_point(|(at, _)| *at <= after + START_SPREAD_MS);
        all[begun.saturating_sub(1)..coming].iter().map(|(_, version)| version.clone()).collect()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// `2026-01-31 10:20:30.123` as milliseconds since some day; good for differences over one midnight.
fn millis(value: &Value) -> i64 {
    let text = text(value);
    let (date, time) = text.split_once(' ').unwrap();
    let parts: Vec<f64> = time.split(':').map(|part| part.parse().unwrap()).collect();
    let days = date.rsplit_once('-').unwrap().1.parse::<i64>().unwrap();
    days * 86_400_000 + ((parts[0] * 3600.0 + parts[1] * 60.0 + parts[2]) * 1000.0).round() as i64
}
