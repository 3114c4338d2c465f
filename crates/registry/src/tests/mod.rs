//! Tests of the registry: languages, core rules, store, both ends of the wire.

mod avro;
mod client;
mod golden;
mod http;
mod json;
mod modes;
mod properties;
mod protobuf;
mod references;
mod store;

use std::sync::Arc;

use ::http::{Method, Request, StatusCode};
use axum::body::Body;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::compat::{self, ParsedSchema, Previous};
use crate::model::{CompatibilityLevel, CompatibilityPolicy, SchemaType};
use crate::store::MemoryStore;
use crate::{Options, Service};

/// A registry in memory and its API.
pub(super) struct Api {
    pub service: Service,
    router: axum::Router,
}

impl Api {
    pub async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub async fn with(options: Options) -> Self {
        let service = Service::start(options, Arc::new(MemoryStore::default())).await.unwrap();
        Self::over(service)
    }

    pub fn over(service: Service) -> Self {
        let router = service.router();
        Self { service, router }
    }

    pub async fn raw(&self, method: &str, path: &str, body: Option<&str>) -> (StatusCode, String) {
        let request = Request::builder()
            .method(method.parse::<Method>().unwrap())
            .uri(path)
            .header("content-type", "application/vnd.schemaregistry.v1+json")
            .body(Body::from(body.unwrap_or_default().to_owned()))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let body = body.map(|body| body.to_string());
        let (status, text) = self.raw(method, path, body.as_deref()).await;
        (status.as_u16(), serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, value) = self.call("GET", path, None).await;
        assert_eq!(status, 200, "GET {path}: {value}");
        value
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        let (status, value) = self.call("POST", path, Some(body)).await;
        assert_eq!(status, 200, "POST {path}: {value}");
        value
    }

    pub async fn put(&self, path: &str, body: Value) -> Value {
        let (status, value) = self.call("PUT", path, Some(body)).await;
        assert_eq!(status, 200, "PUT {path}: {value}");
        value
    }

    pub async fn delete(&self, path: &str) -> Value {
        let (status, value) = self.call("DELETE", path, None).await;
        assert_eq!(status, 200, "DELETE {path}: {value}");
        value
    }

    /// Registers an Avro schema and gives its id.
    pub async fn avro(&self, subject: &str, schema: &str) -> i64 {
        let path = format!("/subjects/{subject}/versions");
        self.post(&path, json!({"schema": schema})).await["id"].as_i64().unwrap()
    }

    /// Status, error code and message of a request that must fail.
    pub async fn fails(&self, method: &str, path: &str, body: Option<Value>) -> (u16, u64, String) {
        let (status, value) = self.call(method, path, body).await;
        assert!(status >= 400, "{method} {path} answered {value}");
        (status, value["error_code"].as_u64().unwrap(), value["message"].as_str().unwrap().to_owned())
    }
}

pub(super) fn parsed(schema_type: SchemaType, text: &str) -> ParsedSchema {
    compat::parse(schema_type, text, &[]).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// The kinds of differences that `new` has to `old` when it must read the old data.
pub(super) fn backward(schema_type: SchemaType, old: &str, new: &str) -> Vec<String> {
    differences(schema_type, CompatibilityLevel::Backward, CompatibilityPolicy::Strict, old, new)
}

pub(super) fn differences(
    schema_type: SchemaType,
    level: CompatibilityLevel,
    policy: CompatibilityPolicy,
    old: &str,
    new: &str,
) -> Vec<String> {
    let previous = [Previous { version: 1, schema: Arc::new(parsed(schema_type, old)) }];
    let messages = compat::check(level, policy, &parsed(schema_type, new), &previous);
    let kind = |message: &String| {
        let rest = message.strip_prefix("{errorType:")?;
        Some(rest[1..].split(['\'', '"']).next()?.to_owned())
    };
    messages.iter().filter_map(kind).collect()
}
