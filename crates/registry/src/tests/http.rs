//! The REST API through the router: paths, bodies, codes, texts.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, json};

use super::Api;
use crate::access::{Action, Principal, RegistryAccess};
use crate::store::MemoryStore;
use crate::{Error, Options, Service};

#[tokio::test]
async fn an_empty_registry() {
    let api = Api::new().await;
    assert_eq!(api.get("/").await, json!({}));
    assert_eq!(api.get("/subjects").await, json!([]));
    assert_eq!(api.get("/schemas").await, json!([]));
    assert_eq!(api.get("/schemas/types").await, json!(["JSON", "PROTOBUF", "AVRO"]));
    assert_eq!(api.get("/config").await, json!({"compatibilityLevel": "BACKWARD"}));
    assert_eq!(api.get("/mode").await, json!({"mode": "READWRITE"}));
    assert_eq!(api.get("/contexts").await, json!(["."]));
    assert_eq!(api.get("/v1/metadata/id").await["scope"]["path"], json!([]));
    assert!(api.get("/v1/metadata/version").await["version"].is_string());
}

#[tokio::test]
async fn registration_is_idempotent_and_ids_are_shared() {
    let api = Api::new().await;
    let answer = api.post("/subjects/a-value/versions", json!({"schema": "{\"type\": \"int\"}"})).await;
    assert_eq!((&answer["id"], &answer["version"]), (&json!(1), &json!(1)));
    assert!(answer["schema"].is_null(), "clients would keep the text under the id");
    assert_eq!(api.avro("a-value", "\"int\"").await, 1);
    assert_eq!(api.avro("b-value", "\"int\"").await, 1, "the same schema has the same id everywhere");
    assert_eq!(api.avro("a-value", "\"long\"").await, 2);
    assert_eq!(api.get("/subjects/a-value/versions").await, json!([1, 2]));
    let shown = api.get("/subjects/a-value/versions/latest").await;
    assert_eq!(shown["schema"], json!("\"long\""));
    assert_eq!((&shown["schemaType"], &shown["version"], &shown["id"]), (&json!("AVRO"), &json!(2), &json!(2)));
    assert_eq!(api.get("/subjects/a-value/versions/1/schema").await, json!("int"));
    assert_eq!(api.get("/schemas/ids/2").await["schema"], json!("\"long\""));
    assert_eq!(api.get("/schemas/ids/2/schema").await, json!("long"));
    assert_eq!(api.get("/schemas/ids/1/subjects").await, json!(["a-value", "b-value"]));
    assert_eq!(
        api.get("/schemas/ids/1/versions").await,
        json!([{"subject": "a-value", "version": 1}, {"subject": "b-value", "version": 1}])
    );
    let guid = shown["guid"].as_str().unwrap();
    assert_eq!(api.get(&format!("/schemas/guids/{guid}")).await["schema"], json!("\"long\""));
    assert_eq!(api.get(&format!("/schemas/guids/{guid}/ids")).await, json!([{"context": ".", "id": 2}]));
    assert_eq!(api.post("/subjects/a-value", json!({"schema": "\"int\""})).await["version"], json!(1));
    assert_eq!(api.get("/schemas/ids/1?fetchMaxId=true").await["maxId"], json!(2));
}

#[tokio::test]
async fn listings_filter_and_page() {
    let api = Api::new().await;
    for subject in ["a-key", "a-value", "b-value"] {
        api.avro(subject, "\"int\"").await;
    }
    api.avro("a-value", "\"long\"").await;
    assert_eq!(api.get("/subjects?subjectPrefix=a-").await, json!(["a-key", "a-value"]));
    assert_eq!(api.get("/subjects?offset=1&limit=1").await, json!(["a-value"]));
    assert_eq!(
        api.get("/subjects?offset=0&limit=-1&deleted=False&deleted_only=False").await.as_array().unwrap().len(),
        3
    );
    let latest = api.get("/schemas?subjectPrefix=a-&latestOnly=true").await;
    let versions: Vec<_> =
        latest.as_array().unwrap().iter().map(|s| (s["subject"].clone(), s["version"].clone())).collect();
    assert_eq!(versions, [(json!("a-key"), json!(1)), (json!("a-value"), json!(2))]);
    assert_eq!(api.get("/schemas").await.as_array().unwrap().len(), 4);
    api.delete("/subjects/b-value").await;
    assert_eq!(api.get("/subjects?deletedOnly=true").await, json!(["b-value"]));
    assert_eq!(api.get("/subjects?deleted=true").await.as_array().unwrap().len(), 3);
    assert_eq!(api.fails("GET", "/subjects?offset=x", None).await.0, 400);
}

#[tokio::test]
async fn deletion_is_soft_then_permanent() {
    let api = Api::new().await;
    let id = api.avro("s", "\"int\"").await;
    api.avro("s", "\"long\"").await;
    assert_eq!(api.fails("DELETE", "/subjects/s/versions/1?permanent=true", None).await.1, 40407);
    assert_eq!(api.delete("/subjects/s/versions/1").await, json!(1), "a bare integer");
    assert_eq!(api.fails("DELETE", "/subjects/s/versions/1", None).await.1, 40406);
    assert_eq!(api.get("/subjects/s/versions").await, json!([2]));
    assert_eq!(api.get("/subjects/s/versions?deleted=true").await, json!([1, 2]));
    assert_eq!(api.get("/subjects/s/versions?deletedOnly=true").await, json!([1]));
    assert_eq!(api.fails("GET", "/subjects/s/versions/1", None).await.1, 40402);
    assert_eq!(api.get("/subjects/s/versions/1?deleted=true").await["deleted"], json!(true));
    assert_eq!(api.get(&format!("/schemas/ids/{id}")).await["schema"], json!("\"int\""), "old data stays readable");
    assert_eq!(api.fails("DELETE", "/subjects/s?permanent=true", None).await.1, 40405);
    assert_eq!(api.delete("/subjects/s").await, json!([2]));
    assert_eq!(api.fails("DELETE", "/subjects/s", None).await.1, 40404);
    assert_eq!(api.fails("GET", "/subjects/s/versions", None).await.1, 40401);
    assert_eq!(api.avro("s", "\"int\"").await, id, "a deleted schema comes back under its id");
    assert_eq!(api.get("/subjects/s/versions").await, json!([3]));
    api.delete("/subjects/s").await;
    assert_eq!(api.delete("/subjects/s?permanent=true").await, json!([2, 3]));
    assert_eq!(api.fails("GET", &format!("/schemas/ids/{id}"), None).await.1, 40403);
    assert_eq!(api.fails("DELETE", "/subjects/s", None).await.1, 40401);
}

/// Method, path, body; status, error code, a part of the message.
type Refused = (&'static str, &'static str, Option<Value>, u16, u64, &'static str);

#[tokio::test]
async fn errors_have_confluents_codes_and_texts() {
    let api = Api::new().await;
    api.avro("s", r#"{"type":"record","name":"R","fields":[]}"#).await;
    let schema = |text: &str| Some(json!({"schema": text}));
    let cases: Vec<Refused> = vec![
        ("GET", "/subjects/none/versions", None, 404, 40401, "Subject 'none' not found."),
        ("GET", "/subjects/s/versions/9", None, 404, 40402, "Version 9 not found."),
        ("GET", "/schemas/ids/99", None, 404, 40403, "Schema 99 not found"),
        ("GET", "/schemas/ids/x", None, 404, 404, "HTTP 404 Not Found"),
        ("GET", "/schemas/guids/x", None, 404, 40403, "Schema x not found"),
        ("POST", "/subjects/s", schema("\"int\""), 404, 40403, "Schema not found"),
        ("POST", "/subjects/none", schema("\"int\""), 404, 40401, "Subject 'none' not found."),
        ("POST", "/subjects/s/versions", schema("{"), 422, 42201, "Invalid schema of type AVRO"),
        ("POST", "/subjects/s/versions", schema(""), 422, 42201, "Empty schema"),
        ("POST", "/subjects/s/versions", Some(json!({})), 422, 42201, "Empty schema"),
        ("POST", "/subjects/s/versions", Some(json!({"schema": "\"int\"", "schemaType": "XML"})), 422, 42201, "XML"),
        (
            "POST",
            "/subjects/fresh/versions",
            Some(json!({"schema": "\"int\"", "version": 7})),
            422,
            42201,
            "Version is not one more",
        ),
        (
            "POST",
            "/subjects/s/versions",
            Some(json!({"schema": "\"int\"", "metadata": {"tags": {"a": ["b"]}}})),
            422,
            422,
            "'metadata'",
        ),
        (
            "POST",
            "/subjects/s/versions",
            Some(json!({"schema": "\"int\"", "ruleSet": {"domainRules": [1]}})),
            422,
            422,
            "'ruleSet'",
        ),
        ("POST", "/subjects/s/versions", Some(json!({"schema": 1})), 400, 400, "schema"),
        ("POST", "/subjects/s/versions", Some(json!([1])), 400, 400, "JSON object"),
        ("GET", "/subjects/s/versions/0", None, 422, 42202, "The specified version '0' is not a valid version id."),
        ("GET", "/subjects/s/versions/newest", None, 422, 42202, "'newest'"),
        ("PUT", "/config", Some(json!({"compatibility": "SIDEWARD"})), 422, 42203, "Invalid compatibility level."),
        ("PUT", "/config", Some(json!({"compatability": "FULL"})), 422, 422, "Unrecognized field: compatability"),
        ("PUT", "/config", Some(json!({"compatibilityGroup": "x"})), 422, 422, "'compatibilityGroup'"),
        ("PUT", "/mode", Some(json!({"mode": "SLEEPING"})), 422, 42204, "Invalid mode."),
        ("PUT", "/mode", Some(json!({"mode": "FORWARD"})), 422, 422, "FORWARD"),
        ("GET", "/config/s", None, 404, 40408, "Subject 's' does not have subject-level compatibility configured"),
        ("GET", "/mode/s", None, 404, 40409, "Subject 's' does not have subject-level mode configured"),
        ("DELETE", "/config/s", None, 404, 40401, "Subject 's' not found."),
        ("POST", "/subjects/a%01b/versions", schema("\"int\""), 422, 42208, "is not a valid"),
        ("POST", "/subjects/%20/versions", schema("\"int\""), 422, 42208, "is not a valid"),
        ("GET", "/nowhere", None, 404, 404, "HTTP 404 Not Found"),
        ("PATCH", "/subjects", None, 405, 405, "HTTP 405 Method Not Allowed"),
        ("POST", "/subjects/s/versions?normalize=maybe", schema("\"int\""), 400, 400, "normalize"),
        ("GET", "/schemas/ids/1?format=unknown", None, 422, 422, "format unknown"),
    ];
    for (method, path, body, status, code, text) in cases {
        let (got_status, got_code, message) = api.fails(method, path, body).await;
        assert_eq!((got_status, got_code), (status, code), "{method} {path}: {message}");
        assert!(message.contains(text), "{method} {path}: {message}");
    }
}

#[tokio::test]
async fn incompatible_schemas_are_refused_with_the_reasons() {
    let api = Api::new().await;
    api.avro("s", r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}"#).await;
    let bad = json!({"schema": r#"{"type":"record","name":"R","fields":[{"name":"b","type":"int"}]}"#});
    let (status, code, message) = api.fails("POST", "/subjects/s/versions", Some(bad.clone())).await;
    assert_eq!((status, code), (409, 409));
    for part in [
        "Schema being registered is incompatible with an earlier schema for subject \"s\", details: [{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE'",
        "{oldSchemaVersion: 1}",
        "{oldSchema: '{\"type\":\"record\"",
        "{validateFields: 'false', compatibility: 'BACKWARD'}]",
    ] {
        assert!(message.contains(part), "{part} is missing in {message}");
    }
    let checked = api.post("/compatibility/subjects/s/versions/latest?verbose=true", bad.clone()).await;
    assert_eq!(checked["is_compatible"], json!(false));
    assert!(checked["messages"][0].as_str().unwrap().contains("/fields/0"), "{checked}");
    assert_eq!(api.post("/compatibility/subjects/s/versions/1", bad.clone()).await, json!({"is_compatible": false}));
    assert_eq!(
        api.post("/compatibility/subjects/new/versions?verbose=true", bad.clone()).await,
        json!({"is_compatible": true, "messages": []})
    );
    assert_eq!(api.fails("POST", "/compatibility/subjects/s/versions/7", Some(bad.clone())).await.1, 40402);
    let unreadable = api.post("/compatibility/subjects/s/versions?verbose=true", json!({"schema": "{"})).await;
    assert_eq!(unreadable["is_compatible"], json!(false));
    api.put("/config/s", json!({"compatibility": "none"})).await;
    api.post("/subjects/s/versions", bad).await;
}

#[tokio::test]
async fn transitive_levels_look_at_every_version() {
    let api = Api::new().await;
    api.put("/config/s", json!({"compatibility": "NONE"})).await;
    api.avro("s", "\"string\"").await;
    api.avro("s", "\"int\"").await;
    let long = json!({"schema": "\"long\""});
    api.put("/config/s", json!({"compatibility": "BACKWARD"})).await;
    assert_eq!(api.post("/compatibility/subjects/s/versions", long.clone()).await, json!({"is_compatible": true}));
    api.put("/config/s", json!({"compatibility": "BACKWARD_TRANSITIVE"})).await;
    assert_eq!(api.post("/compatibility/subjects/s/versions", long.clone()).await, json!({"is_compatible": false}));
    assert_eq!(api.fails("POST", "/subjects/s/versions", Some(long)).await.0, 409);
}

#[tokio::test]
async fn settings_are_inherited_and_removed() {
    let api = Api::new().await;
    assert_eq!(api.put("/config", json!({"compatibility": "FULL"})).await, json!({"compatibility": "FULL"}));
    assert_eq!(api.get("/config/s?defaultToGlobal=true").await, json!({"compatibilityLevel": "FULL"}));
    assert_eq!(
        api.put("/config/s", json!({"compatibility": "NONE", "normalize": true})).await,
        json!({"normalize": true, "compatibility": "NONE"})
    );
    assert_eq!(api.get("/config/s").await, json!({"normalize": true, "compatibilityLevel": "NONE"}));
    api.put("/config/s", json!({"compatibility": null})).await;
    assert_eq!(api.get("/config/s").await, json!({"normalize": true}));
    assert_eq!(api.get("/config/s?defaultToGlobal=true").await["compatibilityLevel"], json!("FULL"));
    assert_eq!(api.delete("/config/s").await, json!({"normalize": true}));
    assert_eq!(api.delete("/config").await, json!({"compatibilityLevel": "FULL"}));
    assert_eq!(api.get("/config").await, json!({"compatibilityLevel": "BACKWARD"}));
}

#[tokio::test]
async fn an_alias_leads_to_another_subject() {
    let api = Api::new().await;
    api.avro("real", "\"int\"").await;
    api.put("/config/nick", json!({"alias": "real"})).await;
    assert_eq!(api.get("/subjects/nick/versions/1").await["subject"], json!("real"));
    assert_eq!(api.get("/config/nick").await, json!({"alias": "real"}));
}

#[tokio::test]
async fn contexts_have_ids_of_their_own() {
    let api = Api::new().await;
    api.avro("x", "\"int\"").await;
    api.avro("s", "\"string\"").await;
    assert_eq!(api.avro(":.prod:s", "\"string\"").await, 1);
    assert_eq!(api.post("/contexts/.prod/subjects/t/versions", json!({"schema": "\"long\""})).await["id"], json!(2));
    assert_eq!(api.get("/contexts").await, json!([".", ".prod"]));
    assert_eq!(api.get("/subjects").await, json!(["s", "x", ":.prod:s", ":.prod:t"]));
    assert_eq!(api.get("/contexts/prod/subjects").await, json!([":.prod:s", ":.prod:t"]));
    assert_eq!(api.get("/subjects?subjectPrefix=:.prod:t").await, json!([":.prod:t"]));
    assert_eq!(api.get("/contexts/.prod/subjects/s/versions/1").await["subject"], json!(":.prod:s"));
    assert_eq!(api.get("/schemas/ids/2?subject=:.prod:").await["schema"], json!("\"long\""));
    assert_eq!(api.get("/contexts/.prod/schemas/ids/1").await["schema"], json!("\"string\""));
    assert_eq!(api.get("/schemas/ids/1").await["schema"], json!("\"int\""));
    api.put("/contexts/.prod/config", json!({"compatibility": "FULL"})).await;
    assert_eq!(api.get("/config/:.prod:s?defaultToGlobal=true").await["compatibilityLevel"], json!("FULL"));
    assert_eq!(api.get("/config/s?defaultToGlobal=true").await["compatibilityLevel"], json!("BACKWARD"));
    assert_eq!(api.fails("DELETE", "/contexts/.prod", None).await.1, 42211);
    for subject in ["s", "t"] {
        api.delete(&format!("/contexts/.prod/subjects/{subject}")).await;
        api.delete(&format!("/contexts/.prod/subjects/{subject}?permanent=true")).await;
    }
    assert_eq!(api.call("DELETE", "/contexts/.prod", None).await.0, 204);
    assert_eq!(api.get("/contexts").await, json!(["."]));
}

#[tokio::test]
async fn names_may_hold_anything_printable() {
    let api = Api::new().await;
    for (encoded, name) in [("a%2Fb", "a/b"), ("%C3%A4%20b", "ä b"), ("a%3Ab", "a:b"), ("100%25", "100%")] {
        api.avro(encoded, "\"int\"").await;
        assert_eq!(api.get(&format!("/subjects/{encoded}/versions/latest")).await["subject"], json!(name));
    }
}

#[tokio::test]
async fn limits_answer_and_never_break() {
    let options = Options { max_body_bytes: 2000, max_schema_bytes: 500, max_references: 3, ..Options::default() };
    let api = Api::with(options).await;
    let long = format!("{{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"{}\"]}}", "A".repeat(600));
    assert_eq!(api.fails("POST", "/subjects/s/versions", Some(json!({"schema": long}))).await.1, 42209);
    let huge = json!({"schema": "x".repeat(5000)});
    assert_eq!(api.fails("POST", "/subjects/s/versions", Some(huge)).await.1, 42209);
    let reference = |i: i32| json!({"name": format!("n{i}"), "subject": "s", "version": i});
    let many: Vec<_> = (1..6).map(reference).collect();
    let body = json!({"schema": "\"int\"", "references": many});
    assert_eq!(api.fails("POST", "/subjects/s/versions", Some(body)).await.1, 42209);
    for body in ["", "{", "null", "[]", "\"x\"", "{\"schema\":\"\\ud800\"}", &"[".repeat(1500), &"{\"a\":".repeat(300)]
    {
        let (status, _) = api.raw("POST", "/subjects/s/versions", Some(body)).await;
        assert_eq!(status.as_u16(), 400, "{body}");
    }
}

struct Keys;

#[async_trait]
impl RegistryAccess for Keys {
    async fn authenticate(&self, authorization: Option<&str>) -> Result<Principal, Error> {
        authorization.and_then(|value| value.strip_prefix("Test ")).map(Principal::new).ok_or(Error::Unauthorized)
    }

    fn allowed(&self, principal: &Principal, action: Action, subject: &str) -> bool {
        match &*principal.name {
            "admin" => true,
            "reader" => action == Action::Read && !subject.starts_with("secret"),
            _ => false,
        }
    }
}

#[tokio::test]
async fn access_is_checked_and_listings_are_filtered() {
    use tower::ServiceExt;
    let service =
        Service::start_with(Options::default(), Arc::new(MemoryStore::default()), Arc::new(Keys)).await.unwrap();
    let router = service.router();
    let send = |who: Option<&'static str>, method: &'static str, path: &'static str, body: &'static str| {
        let router = router.clone();
        async move {
            let mut request = ::http::Request::builder().method(method).uri(path);
            if let Some(who) = who {
                request = request.header("authorization", who);
            }
            let response = router.oneshot(request.body(axum::body::Body::from(body)).unwrap()).await.unwrap();
            let challenge = response.headers().contains_key("www-authenticate");
            let status = response.status().as_u16();
            let bytes = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
            (status, challenge, serde_json::from_slice::<Value>(&bytes).unwrap())
        }
    };
    let schema = r#"{"schema":"\"int\""}"#;
    let (status, challenge, body) = send(None, "GET", "/subjects", "").await;
    assert_eq!((status, challenge, &body["error_code"]), (401, true, &json!(401)));
    for path in ["/subjects/open/versions", "/subjects/secret/versions"] {
        assert_eq!(send(Some("Test admin"), "POST", path, schema).await.0, 200);
        let (status, _, body) = send(Some("Test reader"), "POST", path, schema).await;
        assert_eq!((status, &body["error_code"]), (403, &json!(40301)));
    }
    assert_eq!(send(Some("Test reader"), "GET", "/subjects", "").await.2, json!(["open"]));
    assert_eq!(send(Some("Test reader"), "GET", "/subjects/secret/versions", "").await.0, 403);
    assert_eq!(
        send(Some("Test reader"), "GET", "/schemas/ids/1", "").await.0,
        200,
        "carried by a readable subject too"
    );
    assert_eq!(send(Some("Test reader"), "GET", "/schemas/ids/1/subjects", "").await.2, json!(["open"]));
    assert_eq!(send(Some("Test nobody"), "GET", "/schemas/ids/1", "").await.0, 403);
    assert_eq!(send(Some("Test reader"), "PUT", "/config", r#"{"compatibility":"FULL"}"#).await.0, 403);
    assert_eq!(send(Some("Test reader"), "DELETE", "/subjects/open", "").await.0, 403);
}

#[tokio::test]
async fn the_router_can_stand_under_a_prefix() {
    use tower::ServiceExt;
    let service = Service::start(Options::default(), Arc::new(MemoryStore::default())).await.unwrap();
    let app: axum::Router = axum::Router::new().nest("/sr/lsrc-1", service.router());
    for path in ["/sr/lsrc-1/subjects", "/sr/lsrc-1/config", "/sr/lsrc-1/contexts/.x/subjects", "/sr/lsrc-1"] {
        let request = ::http::Request::builder().uri(path).body(axum::body::Body::empty()).unwrap();
        assert_eq!(app.clone().oneshot(request).await.unwrap().status().as_u16(), 200, "{path}");
    }
}
