//! Modes: S002-051 and imports.

use serde_json::json;

use super::Api;

#[tokio::test]
async fn read_only_refuses_with_the_known_text() {
    let api = Api::new().await;
    api.avro("error_log-value", "\"int\"").await;
    assert_eq!(api.put("/mode/error_log-value", json!({"mode": "READONLY"})).await, json!({"mode": "READONLY"}));
    let schema = json!({"schema": "\"long\""});
    let (status, code, message) = api.fails("POST", "/subjects/error_log-value/versions", Some(schema.clone())).await;
    // S002-051
    assert_eq!((status, code), (422, 42205));
    assert_eq!(message, "Subject error_log-value in context  is not in read-write mode.");
    // Also for a schema that is there.
    let known = Some(json!({"schema": "\"int\""}));
    assert_eq!(api.fails("POST", "/subjects/error_log-value/versions", known).await.1, 42205);
    assert_eq!(api.fails("DELETE", "/subjects/error_log-value", None).await.1, 42205);
    assert_eq!(api.fails("PUT", "/config/error_log-value", Some(json!({"compatibility": "NONE"}))).await.1, 42205);
    api.get("/subjects/error_log-value/versions/1").await;
    api.avro("other", "\"long\"").await;
    assert_eq!(api.delete("/mode/error_log-value").await, json!({"mode": "READONLY"}));
    api.post("/subjects/error_log-value/versions", schema).await;
}

#[tokio::test]
async fn modes_are_inherited_by_context_and_registry() {
    let api = Api::new().await;
    api.put("/mode/:.linked:", json!({"mode": "READONLY"})).await;
    let schema = Some(json!({"schema": "\"int\""}));
    let (_, code, message) = api.fails("POST", "/subjects/:.linked:s/versions", schema.clone()).await;
    assert_eq!(code, 42205);
    assert_eq!(message, "Subject :.linked:s in context :.linked: is not in read-write mode.");
    assert_eq!(api.get("/mode/:.linked:s?defaultToGlobal=true").await, json!({"mode": "READONLY"}));
    api.avro("s", "\"int\"").await;
    api.put("/mode", json!({"mode": "READONLY"})).await;
    assert_eq!(api.fails("POST", "/subjects/t/versions", schema.clone()).await.1, 42205);
    api.put("/mode/t", json!({"mode": "READWRITE"})).await;
    api.avro("t", "\"int\"").await;
    api.put("/mode", json!({"mode": "READONLY_OVERRIDE"})).await;
    assert_eq!(api.fails("POST", "/subjects/t/versions", Some(json!({"schema": "\"long\""}))).await.1, 42205);
    api.delete("/mode").await;
    assert_eq!(api.get("/mode").await, json!({"mode": "READWRITE"}));
    assert_eq!(api.fails("PUT", "/mode/t", Some(json!({"mode": "READONLY_OVERRIDE"}))).await.0, 400);
}

#[tokio::test]
async fn imports_bring_ids_and_versions() {
    let api = Api::new().await;
    let import = |id: i32, version: i32, schema: &str| Some(json!({"schema": schema, "id": id, "version": version}));
    assert_eq!(api.fails("POST", "/subjects/s/versions", import(100, 3, "\"int\"")).await.1, 42205);
    api.avro("s", "\"int\"").await;
    let error = api.fails("PUT", "/mode/s", Some(json!({"mode": "IMPORT"}))).await;
    assert_eq!((error.1, error.2.as_str()), (42205, "Cannot import since found existing subjects"));
    api.put("/mode/s?force=true", json!({"mode": "IMPORT"})).await;
    api.delete("/mode/s").await;
    api.delete("/subjects/s").await;
    api.put("/mode/s", json!({"mode": "IMPORT"})).await;
    assert_eq!(api.fails("GET", "/subjects/s/versions?deleted=true", None).await.1, 40401, "leftovers are gone");
    let answer = api.post("/subjects/s/versions", import(100, 3, "\"int\"").unwrap()).await;
    assert_eq!((&answer["id"], &answer["version"]), (&json!(100), &json!(3)));
    assert_eq!(api.post("/subjects/s/versions", import(100, 3, "\"int\"").unwrap()).await["id"], json!(100));
    // No compatibility check, any order of versions.
    assert_eq!(api.post("/subjects/s/versions", import(50, 1, "\"string\"").unwrap()).await["version"], json!(1));
    assert_eq!(
        api.fails("POST", "/subjects/s/versions", import(100, 4, "\"long\"")).await.1,
        42205,
        "an id is one schema"
    );
    assert_eq!(api.fails("POST", "/subjects/s/versions", import(101, 3, "\"long\"")).await.1, 42205);
    assert_eq!(api.fails("POST", "/subjects/s/versions", Some(json!({"schema": "\"long\""}))).await.1, 42205);
    assert_eq!(api.get("/subjects/s/versions").await, json!([1, 3]));
    assert_eq!(api.avro("t", "\"long\"").await, 101, "new ids follow the imported ones");
}
