//! Topics that nobody declared, filled through Confluent's serializers with schemas of every kind, as tables (spec sql.md 2.4,
//! 2.5): unions, references inside a schema, several Protobuf messages, Debezium envelopes, records under names of their own,
//! payloads without a schema id, schemas of a context.

use std::time::Duration;

use serde_json::{Value, json};

use crate::clients;
use crate::need::{Part, need};
use crate::service::{Options, Service};
use crate::workplace::{Workplace, create_key};

/// Cells of the rows of a query, and the kinds of their changes.
async fn rows(place: &Workplace, sql: &str, count: usize) -> (Vec<u64>, Vec<Value>) {
    let rows = place.query(sql, count).await;
    assert_eq!(rows.len(), count, "{sql}: {rows:?}");
    rows.into_iter().map(|(kind, cells)| (kind, Value::Array(cells))).unzip()
}

/// Names and types of a table's columns.
async fn columns(place: &Workplace, table: &str, count: usize) -> Vec<String> {
    let described = place.query(&format!("DESCRIBE `{table}`"), count).await;
    let text = |cell: &Value| cell.as_str().unwrap_or_default().replace("VARCHAR(2147483647)", "STRING");
    described.iter().map(|(_, row)| format!("{} {}", text(&row[0]), text(&row[1]))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schemas_of_every_kind_are_tables() {
    if !need(&[Part::Python]) {
        return;
    }
    let service = Service::start(Options::default()).await;
    let place = Workplace::new(&service).await;
    let (key, secret) = create_key(&place.api, json!({"id": place.registry})).await;
    let registry = format!("{}/sr/{}", service.url(), place.registry);
    let (user, password) = &place.kafka_key;
    let arguments = [place.bootstrap.as_str(), user, password, &registry, &key, &secret];
    clients::python("inferred_topics.py", &arguments, Duration::from_secs(90)).await;

    // Rule 7: a column per branch.
    let (_, found) = rows(&place, "SELECT `int`, `string`, `shop.User`.uid FROM avro_union", 3).await;
    assert_eq!(found, [json!(["7", null, null]), json!([null, "seven", null]), json!([null, null, "8"])]);

    // 2.5: JSON Schema with references, a union, a map and Connect's types; properties stand by name.
    let described = columns(&place, "json_event", 6).await;
    assert!(described[1].starts_with("count INT") && described[2].starts_with("id STRING"), "{described:?}");
    assert!(described[4].starts_with("tags MAP<STRING"), "{described:?}");
    let sql = "SELECT id, `count`, kind, what.connect_union_field_0.url, what.connect_union_field_1.amount, tags['x'] FROM json_event";
    let (_, found) = rows(&place, sql, 3).await;
    assert_eq!(found[0], json!(["1", "5", "A", "/a", null, "y"]));
    assert_eq!((&found[1][0], &found[1][3], &found[2][4]), (&json!("2"), &Value::Null, &Value::Null));
    assert_eq!(found[1][4].as_str().unwrap().parse::<f64>().unwrap(), 1.5);

    // Rules 7 and 8: several messages in one file, told apart by their index.
    let sql = "SELECT Purchase.item, Purchase.how.card, Purchase.how.cash, Purchase.detail.city, Purchase.counts['bags'], \
               Purchase.color, CAST(Purchase.`at` AS STRING), Purchase.rebate, Pageview.url, Pageview.is_special FROM proto_many";
    let (_, found) = rows(&place, sql, 3).await;
    assert_eq!(
        found[0].as_array().unwrap()[..6],
        [json!("tea"), Value::Null, json!("3"), json!("Ulm"), json!("20"), json!("BLUE")]
    );
    assert!(found[0][6].as_str().unwrap().starts_with("2026-01-02 03:04:05"), "{found:?}");
    assert_eq!(found[0][7].as_str().unwrap().parse::<f64>().unwrap(), 0.5);
    assert_eq!((&found[1][0], &found[1][8]), (&Value::Null, &json!("/tea")));
    assert!(found[1][9].to_string().to_lowercase().contains("true"), "{found:?}");
    assert_eq!((&found[2][1], &found[2][4], &found[2][5]), (&json!("visa"), &Value::Null, &json!("RED")));

    // Rule 9: an envelope's changes. Rule 6: the key stands in the rows.
    let (kinds, found) = rows(&place, "SELECT id, name FROM changes", 5).await;
    assert_eq!(kinds, [0, 0, 1, 2, 3]);
    let expected = [json!(["1", "a"]), json!(["2", "b"]), json!(["1", "a"]), json!(["1", "c"]), json!(["2", "b"])];
    assert_eq!(found, expected);
    place.execute("ALTER TABLE changes SET ('changelog.mode' = 'append')").await;
    let (kinds, found) = rows(&place, "SELECT id, name FROM changes", 3).await;
    assert_eq!((kinds, &found[2]), (vec![0, 0, 0], &json!(["1", "c"])));

    // 2.3 subject-names: records under names of their own.
    place
        .execute(
            "ALTER TABLE by_record SET ('value.format' = 'avro-registry', \
             'value.avro-registry.subject-names' = 'shop.Order;shop.Shipment')",
        )
        .await;
    let sql = "SELECT `shop.Order`.id, `shop.Shipment`.tracking FROM by_record";
    let (_, found) = rows(&place, sql, 3).await;
    assert_eq!(found, [json!(["o1", null]), json!([null, "t1"]), json!(["o2", null])]);

    // Rule 11: payloads without a schema id, of a schema that knows only some of their fields.
    let (_, found) = rows(&place, "SELECT id FROM bare_json", 2).await;
    assert_eq!(found, [json!(["a"]), json!(["b"])]);

    // Rule 12: the schema's GUID stands in a header. The first version has its field at another place.
    let (_, found) = rows(&place, "SELECT a, b FROM by_guid", 2).await;
    assert_eq!(found, [json!(["old", null]), json!(["new", "5"])]);

    // A record that names no schema of the registry is a bad record, not a registry that is away.
    place.execute("ALTER TABLE unknown_id SET ('error-handling.mode' = 'ignore')").await;
    assert_eq!(rows(&place, "SELECT a FROM unknown_id", 1).await.1, [json!(["good"])]);

    // Decision 8: ids are counted in each context, so the first record's schema is another one in the default context.
    place.execute("ALTER TABLE in_context SET ('value.avro-registry.schema-context' = '.stage', 'value.format' = 'avro-registry')").await;
    let (_, found) = rows(&place, "SELECT a, b FROM in_context", 2).await;
    assert_eq!(found, [json!(["old", null]), json!(["new", "4"])]);
}
