//! The HTTP client against the server, over a socket, and the two sides of [`Schemas`].

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::response::IntoResponse;

use crate::client::{Client, ClientOptions};
use crate::model::{CompatibilityLevel, Mode, Reference, Schema, SchemaType};
use crate::store::MemoryStore;
use crate::{Options, Schemas, Service};

async fn serve(router: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn service() -> Service {
    Service::start(Options::default(), Arc::new(MemoryStore::default())).await.unwrap()
}

fn client(url: &str) -> Client {
    let options = ClientOptions { backoff: Duration::from_millis(5), ..ClientOptions::new(url) };
    Client::new(options).unwrap()
}

/// Everything in [`Schemas`], the same for handle and client.
async fn conforms(schemas: &dyn Schemas) {
    let int = schemas.register("a-value", &Schema::avro("\"int\""), false).await.unwrap();
    assert_eq!((int.id, int.version), (1, 1));
    let long = schemas.register("a-value", &Schema::avro("\"long\""), false).await.unwrap();
    assert_eq!((long.id, long.version), (2, 2));
    assert_eq!(&*schemas.by_id(2, None).await.unwrap().schema, "\"long\"");
    assert_eq!(schemas.latest("a-value").await.unwrap().id, 2);
    assert_eq!(schemas.version("a-value", 1, false).await.unwrap().id, 1);
    assert_eq!(schemas.lookup("a-value", &Schema::avro("\"int\""), false).await.unwrap().version, 1);
    assert_eq!(schemas.subjects(None).await.unwrap(), ["a-value"]);
    assert_eq!(schemas.versions("a-value").await.unwrap(), [1, 2]);
    assert!(schemas.subjects(Some("b")).await.unwrap().is_empty());
    let bad = Schema::avro("\"boolean\"");
    assert!(schemas.incompatibilities("a-value", &bad).await.unwrap()[0].contains("TYPE_MISMATCH"));
    let error = schemas.register("a-value", &bad, false).await.unwrap_err();
    assert!(error.is_incompatible() && error.code() == "NUTKIN-3502", "{error:?}");
    assert_eq!(schemas.compatibility("a-value").await.unwrap(), CompatibilityLevel::Backward);
    schemas.set_compatibility(Some("a-value"), CompatibilityLevel::None).await.unwrap();
    assert_eq!(schemas.compatibility("a-value").await.unwrap(), CompatibilityLevel::None);
    schemas.register("a-value", &bad, false).await.unwrap();
    let error = schemas.latest("none").await.unwrap_err();
    assert_eq!((error.error_code(), error.to_string().as_str()), (40401, "Subject 'none' not found."));
    assert!(error.is_not_found());
    assert_eq!(schemas.by_id(99, None).await.unwrap_err().error_code(), 40403);

    schemas.register("odd/name ä", &Schema::avro(r#"{"type":"fixed","name":"A","size":2}"#), false).await.unwrap();
    let reference = Reference { name: "A".into(), subject: "odd/name ä".into(), version: 1 };
    let array =
        Schema { references: vec![reference], ..Schema::new(SchemaType::Avro, r#"{"type":"array","items":"A"}"#) };
    let registered = schemas.register("array", &array, true).await.unwrap();
    let fetched = schemas.by_id(registered.id, None).await.unwrap();
    assert_eq!(fetched.references, array.references);
    let resolved = schemas.resolve_references("array", &fetched).await.unwrap();
    assert_eq!((resolved.len(), resolved[0].0.as_str()), (1, "A"));

    assert_eq!(schemas.delete_version("a-value", 1, false).await.unwrap(), 1);
    assert_eq!(schemas.delete_subject("a-value", false).await.unwrap(), [2, 3]);
    assert_eq!(schemas.delete_subject("a-value", true).await.unwrap(), [1, 2, 3]);
}

#[tokio::test]
async fn handle_conforms() {
    conforms(&service().await.handle()).await;
}

#[tokio::test]
async fn client_conforms() {
    let service = service().await;
    let router = axum::Router::new().nest("/sr/lsrc-1", service.router());
    let url = serve(router).await;
    conforms(&client(&format!("{url}/sr/lsrc-1/"))).await;
}

/// sql.md 2.4 no. 12: the GUID that a header names.
#[tokio::test]
async fn schemas_by_guid() {
    let service = service().await;
    let registered = service.handle().register("s", &Schema::avro("\"int\""), false).await.unwrap();
    let client = client(&serve(service.router()).await);
    let guid = registered.guid.unwrap().into_bytes();
    assert_eq!(&*client.by_guid(guid).await.unwrap().schema, "\"int\"");
    assert_eq!(client.by_guid([0; 16]).await.unwrap_err().error_code(), 40403);
}

#[tokio::test]
async fn modes_over_http() {
    let url = serve(service().await.router()).await;
    let client = client(&url);
    client.set_mode(Some("s"), Mode::ReadOnly).await.unwrap();
    assert_eq!(client.mode(Some("s")).await.unwrap(), Mode::ReadOnly);
    assert_eq!(client.mode(None).await.unwrap(), Mode::ReadWrite);
    let error = client.register("s", &Schema::avro("\"int\""), false).await.unwrap_err();
    assert_eq!(error.to_string(), "Subject s in context  is not in read-write mode.");
    assert_eq!(error.code(), "NUTKIN-3505");
}

#[tokio::test]
async fn passing_failures_are_tried_again_and_ids_are_kept() {
    let service = service().await;
    service.handle().register("s", &Schema::avro("\"int\""), false).await.unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = calls.clone();
    let flaky = service.router().layer(axum::middleware::from_fn(
        move |request: axum::extract::Request, next: axum::middleware::Next| {
            let first = counter.fetch_add(1, Ordering::SeqCst) < 2;
            async move {
                if first {
                    return (::http::StatusCode::SERVICE_UNAVAILABLE, "try later").into_response();
                }
                next.run(request).await
            }
        },
    ));
    let client = client(&serve(flaky).await);
    assert_eq!(&*client.by_id(1, None).await.unwrap().schema, "\"int\"");
    assert_eq!(calls.load(Ordering::SeqCst), 3);
    client.by_id(1, None).await.unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 3, "the second read asks nobody");
}

#[tokio::test]
async fn another_address_takes_over() {
    let service = service().await;
    let good = serve(service.router()).await;
    let options = ClientOptions {
        urls: vec!["http://127.0.0.1:1".into(), good],
        backoff: Duration::from_millis(1),
        ..ClientOptions::new("")
    };
    let client = Client::new(options).unwrap();
    assert!(client.subjects(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_absent_registry_says_so() {
    let options =
        ClientOptions { retries: 1, backoff: Duration::from_millis(1), ..ClientOptions::new("http://127.0.0.1:1") };
    let error = Client::new(options).unwrap().subjects(None).await.unwrap_err();
    assert_eq!(error.code(), "NUTKIN-3508");
    assert!(error.to_string().contains("http://127.0.0.1:1"), "{error}");
    assert!(Client::new(ClientOptions::new("not a url")).is_err());
    assert!(Client::new(ClientOptions::new("kafka://x")).is_err());
}

#[tokio::test]
async fn credentials_are_sent() {
    let echo = axum::Router::new().fallback(|headers: ::http::HeaderMap| async move {
        let text = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let cluster =
            headers.get("target-sr-cluster").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        axum::Json(vec![text, cluster])
    });
    let options = ClientOptions {
        basic_auth: Some(("key".into(), "secret".into())),
        target_cluster: Some("lsrc-1".into()),
        ..ClientOptions::new(serve(echo).await)
    };
    let seen = Client::new(options).unwrap().subjects(None).await.unwrap();
    assert_eq!(seen, ["Basic a2V5OnNlY3JldA==", "lsrc-1"]);
}
