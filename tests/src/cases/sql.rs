//! Topics that Confluent's Avro serializers filled, as tables that nobody declared (spec sql.md 2.4).

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::clients;
use crate::need::{Part, need};
use crate::service::{Options, Service};
use crate::workplace::{Workplace, create_key};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn topics_of_confluent_serializers_are_tables() {
    if !need(&[Part::Python]) {
        return;
    }
    let service = Service::start(Options::default()).await;
    let place = Workplace::new(&service).await;
    let (registry_key, registry_secret) = create_key(&place.api, json!({"id": place.registry})).await;
    let registry = format!("{}/sr/{}", service.url(), place.registry);
    let (user, password) = &place.kafka_key;
    let arguments = |topic: &'static str| -> [&str; 7] {
        [&place.bootstrap, user, password, &registry, &registry_key, &registry_secret, topic]
    };
    let printed = clients::python("avro_sales.py", &arguments("sales"), Duration::from_secs(60)).await;
    let sales: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(sales.len(), 300);

    // Columns and their types follow the schemas.
    let columns = place.query("DESCRIBE sales", 1).await;
    let columns: Vec<(String, String)> =
        columns.iter().map(|(_, row)| (text(&row[0]), text(&row[1]).replace(" NOT NULL", ""))).collect();
    let expected = [
        ("key", "VARCHAR(2147483647)"),
        ("customer", "VARCHAR(2147483647)"),
        ("quantity", "INT"),
        ("amount", "DOUBLE"),
        ("note", "VARCHAR(2147483647)"),
        ("sold_at", "TIMESTAMP_LTZ(3)"),
    ];
    for (name, data_type) in expected {
        let found = columns.iter().find(|(column, _)| column == name);
        let found = found.unwrap_or_else(|| panic!("no column {name}: {columns:?}"));
        assert!(found.1.contains(data_type) || (data_type.starts_with("VARCHAR") && found.1 == "STRING"), "{found:?}");
    }

    // Every row, value by value.
    let rows = place.query("SELECT key, customer, quantity, amount, note FROM sales", 300).await;
    let mut seen: Vec<_> = rows.iter().map(|(_, row)| row.clone()).collect();
    let mut sold: Vec<Vec<Value>> = sales
        .iter()
        .map(|sale| {
            let number = |value: &Value| json!(value.to_string());
            vec![
                sale["key"].clone(),
                sale["customer"].clone(),
                number(&sale["quantity"]),
                sale["amount"].clone(),
                sale["note"].clone(),
            ]
        })
        .collect();
    for row in seen.iter_mut() {
        row[3] = json!(text(&row[3]).parse::<f64>().unwrap());
    }
    let order = |row: &Vec<Value>| row.iter().map(Value::to_string).collect::<Vec<_>>();
    seen.sort_by_key(order);
    sold.sort_by_key(order);
    assert_eq!(seen, sold);

    // An aggregate settles at what can be computed from the same records.
    place.execute("CREATE TABLE by_customer (customer STRING, n BIGINT, quantity BIGINT, PRIMARY KEY (customer) NOT ENFORCED)").await;
    place.run("by-customer", "INSERT INTO by_customer SELECT customer, COUNT(*), SUM(quantity) FROM sales WHERE note IS NULL GROUP BY customer").await;
    let mut expected: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for sale in sales.iter().filter(|sale| sale["note"].is_null()) {
        let entry = expected.entry(text(&sale["customer"])).or_default();
        entry.0 += 1;
        entry.1 += sale["quantity"].as_i64().unwrap();
    }
    crate::process::eventually("the totals by customer", Duration::from_secs(60), || async {
        let printed = clients::python("avro_read.py", &arguments("by_customer"), Duration::from_secs(60)).await;
        let mut found: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for line in printed.lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            let counted = (row["value"]["n"].as_i64().unwrap(), row["value"]["quantity"].as_i64().unwrap());
            found.insert(text(&row["key"]["customer"]), counted);
        }
        (found == expected).then_some(())
    })
    .await;

    // Errors point at their place.
    let detail = place.failure("SELECT customer,\n  nothing FROM sales").await;
    assert!(detail.contains("nothing") && detail.contains("line 2"), "{detail}");
    let detail = place.failure("SELECT * FROM no_such_table").await;
    assert!(detail.contains("no_such_table"), "{detail}");
    let detail = place.failure("UPDATE sales SET quantity = 1").await;
    assert!(detail.contains("UPDATE"), "{detail}");
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
