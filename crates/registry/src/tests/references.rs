//! References between schemas, for all three languages.

use serde_json::{Value, json};

use super::Api;
use crate::Schemas;
use crate::model::Schema;

fn reference(name: &str, subject: &str, version: i32) -> Value {
    json!([{"name": name, "subject": subject, "version": version}])
}

#[tokio::test]
async fn every_language_refers() {
    let api = Api::new().await;
    let address = r#"{"type":"record","name":"Address","namespace":"x","fields":[{"name":"street","type":"string"}]}"#;
    api.avro("address", address).await;
    let person = r#"{"type":"record","name":"Person","fields":[{"name":"home","type":"x.Address"},{"name":"work","type":["null","x.Address"]}]}"#;
    let body = json!({"schema": person, "references": reference("x.Address", "address", 1)});
    let id = api.post("/subjects/person/versions", body.clone()).await["id"].clone();
    assert_eq!(api.post("/subjects/person/versions", body.clone()).await["id"], id);
    let shown = api.get("/subjects/person/versions/1").await;
    assert_eq!(shown["references"], body["references"]);
    assert_eq!(shown["schema"], json!(person), "referenced types are not spelled out");
    assert_eq!(api.get("/subjects/address/versions/1/referencedby").await, json!([id]));

    api.post("/subjects/point/versions", json!({"schemaType": "JSON", "schema": "{\"type\":\"object\"}"})).await;
    let line = json!({"schemaType": "JSON", "schema": "{\"properties\":{\"a\":{\"$ref\":\"point.json\"}}}",
        "references": reference("point.json", "point", 1)});
    api.post("/subjects/line/versions", line).await;

    let money = "syntax = \"proto3\"; package m; message Money { int64 cents = 1; }";
    api.post("/subjects/money.proto/versions", json!({"schemaType": "PROTOBUF", "schema": money})).await;
    let order = "syntax = \"proto3\"; import \"money.proto\"; message Order { m.Money price = 1; }";
    let order =
        json!({"schemaType": "PROTOBUF", "schema": order, "references": reference("money.proto", "money.proto", 1)});
    api.post("/subjects/order/versions", order).await;
    let serialized = api.get("/subjects/order/versions/1?format=serialized").await["schema"].clone();
    assert!(serialized.as_str().unwrap().bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b)));
    let lookup = json!({"schemaType": "PROTOBUF", "schema": serialized, "references": reference("money.proto", "money.proto", 1)});
    assert_eq!(api.post("/subjects/order", lookup).await["version"], json!(1), "both forms are one schema");
}

#[tokio::test]
async fn what_is_referred_to_stays() {
    let api = Api::new().await;
    api.avro("a", r#"{"type":"fixed","name":"A","size":1}"#).await;
    let body = json!({"schema": "{\"type\":\"array\",\"items\":\"A\"}", "references": reference("A", "a", 1)});
    api.post("/subjects/b/versions", body).await;
    let (status, code, message) = api.fails("DELETE", "/subjects/a/versions/1", None).await;
    assert_eq!((status, code), (422, 42206));
    assert_eq!(message, "One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=a,version=1}.");
    assert_eq!(api.fails("DELETE", "/subjects/a", None).await.1, 42206);
    api.delete("/subjects/b").await;
    api.delete("/subjects/a").await;
    assert_eq!(
        api.fails("DELETE", "/subjects/a?permanent=true", None).await.1,
        42206,
        "a deleted schema still needs it"
    );
    api.delete("/subjects/b?permanent=true").await;
    api.delete("/subjects/a?permanent=true").await;
}

#[tokio::test]
async fn unknown_references_are_invalid_schemas() {
    let api = Api::new().await;
    let body = |references: Value| Some(json!({"schema": "\"A\"", "references": references}));
    for references in [reference("A", "none", 1), reference("A", "none", -1)] {
        assert_eq!(api.fails("POST", "/subjects/b/versions", body(references)).await.1, 42201);
    }
    assert_eq!(api.fails("POST", "/subjects/b/versions", body(json!([{"name": "A"}]))).await.0, 400);
    assert_eq!(api.fails("POST", "/subjects/b/versions", body(json!("A"))).await.0, 400);
}

#[tokio::test]
async fn references_stay_in_their_context() {
    let api = Api::new().await;
    api.avro(":.c:a", r#"{"type":"fixed","name":"A","size":1}"#).await;
    let body = json!({"schema": "{\"type\":\"array\",\"items\":\"A\"}", "references": reference("A", "a", 1)});
    api.post("/subjects/:.c:b/versions", body.clone()).await;
    assert_eq!(api.fails("POST", "/subjects/b/versions", Some(body)).await.1, 42201);
    let shown = api.get("/subjects/:.c:b/versions/1?referenceFormat=qualified").await;
    assert_eq!(shown["references"], reference("A", ":.c:a", 1));
}

#[tokio::test]
async fn resolving_goes_all_the_way_down() {
    let api = Api::new().await;
    api.avro("a", r#"{"type":"fixed","name":"A","size":1}"#).await;
    let b = json!({"schema": r#"{"type":"record","name":"B","fields":[{"name":"a","type":"A"}]}"#, "references": reference("A", "a", 1)});
    api.post("/subjects/b/versions", b).await;
    let c = json!({"schema": r#"{"type":"array","items":"B"}"#, "references": reference("B", "b", 1)});
    api.post("/subjects/c/versions", c).await;
    let handle = api.service.handle();
    let c: Schema = handle.latest("c").await.unwrap().schema;
    let names: Vec<_> = handle.resolve_references("c", &c).await.unwrap().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["A", "B"], "what is used comes first");
}
