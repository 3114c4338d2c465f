//! A client of any registry with Confluent's API, over HTTP.
//!
//! Schemas by id never change, so they are kept. Everything that may be repeated safely is tried
//! again on connection errors, 429 and 5xx, on the next address if there are several, with growing
//! pauses; deletions are sent once. Errors are those of the registry: [`Error::Remote`] with its
//! code and message.

mod transport;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::Method;
use parking_lot::Mutex;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::Error;
use crate::model::{CompatibilityLevel, Mode, Reference, RegisteredSchema, Schema, SchemaType};
use crate::schemas::Schemas;
use transport::Transport;

/// How to reach a registry.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// Base URLs of the same registry, with a path if it has one: `http://host:8081`,
    /// `https://host:8443/sr/lsrc-1`, `http://host:8080/apis/ccompat/v7`.
    pub urls: Vec<String>,
    /// User (or API key) and password (or secret).
    pub basic_auth: Option<(String, String)>,
    /// Value of the header `target-sr-cluster`, which Confluent Cloud asks for.
    pub target_cluster: Option<String>,
    /// TLS other than the system's roots.
    pub tls: Option<rustls::ClientConfig>,
    /// Longest wait for one answer.
    pub timeout: Duration,
    /// How often a request is repeated before it fails.
    pub retries: u32,
    /// First pause between two tries; doubled each time, up to 5 s.
    pub backoff: Duration,
    /// Schemas kept by id.
    pub cache: usize,
}

impl ClientOptions {
    /// Options for one address.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            urls: vec![url.into()],
            basic_auth: None,
            target_cluster: None,
            tls: None,
            timeout: Duration::from_secs(30),
            retries: 3,
            backoff: Duration::from_millis(100),
            cache: 10_000,
        }
    }
}

/// A registry elsewhere. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

/// Schemas by the subject that was named, if any, and id.
type Known = HashMap<(Option<String>, i32), Arc<Schema>>;

struct Inner {
    transport: Transport,
    by_id: Mutex<Known>,
    cache: usize,
}

impl Client {
    /// A client; nothing is connected yet. [`Error::BadRequest`] for a URL that is none.
    pub fn new(options: ClientOptions) -> Result<Self, Error> {
        let cache = options.cache;
        let transport = Transport::new(options)?;
        Ok(Self { inner: Arc::new(Inner { transport, by_id: Mutex::new(Known::new()), cache }) })
    }

    async fn get(&self, path: &str) -> Result<Value, Error> {
        self.inner.transport.send(Method::GET, path, None).await
    }

    /// The mode that holds for a subject or the whole registry.
    pub async fn mode(&self, subject: Option<&str>) -> Result<Mode, Error> {
        let path = match subject {
            Some(subject) => format!("/mode/{}?defaultToGlobal=true", encode(subject)),
            None => "/mode".to_owned(),
        };
        Mode::parse(self.get(&path).await?["mode"].as_str().unwrap_or_default())
    }

    /// Sets the mode of a subject or the whole registry.
    pub async fn set_mode(&self, subject: Option<&str>, mode: Mode) -> Result<(), Error> {
        let path = subject.map_or_else(|| "/mode".to_owned(), |subject| format!("/mode/{}", encode(subject)));
        let body = json!({"mode": mode.name()});
        self.inner.transport.send(Method::PUT, &path, Some(&body)).await.map(drop)
    }

    /// The schema that has this GUID in every context, its references not resolved.
    pub async fn by_guid(&self, guid: [u8; 16]) -> Result<Schema, Error> {
        self.schema(&self.get(&format!("/schemas/guids/{}", Uuid::from_bytes(guid))).await?)
    }

    fn unusable(&self, what: &str) -> Error {
        self.inner.transport.unreachable(format!("its answer holds no {what}"))
    }

    fn registered(&self, subject: &str, sent: Option<&Schema>, answer: &Value) -> Result<RegisteredSchema, Error> {
        let number = |name: &str| answer[name].as_i64().and_then(|number| i32::try_from(number).ok());
        let schema = match (answer["schema"].as_str(), sent) {
            (Some(_), _) => self.schema(answer)?,
            (None, Some(sent)) => sent.clone(),
            (None, None) => return Err(self.unusable("schema")),
        };
        Ok(RegisteredSchema {
            subject: answer["subject"].as_str().unwrap_or(subject).to_owned(),
            version: number("version").unwrap_or(0),
            id: number("id").ok_or_else(|| self.unusable("id"))?,
            guid: answer["guid"].as_str().and_then(|guid| guid.parse().ok()),
            schema,
            deleted: answer["deleted"].as_bool().unwrap_or(false),
        })
    }

    fn schema(&self, answer: &Value) -> Result<Schema, Error> {
        let text = answer["schema"].as_str().ok_or_else(|| self.unusable("schema"))?;
        let schema_type = answer["schemaType"].as_str().map_or(Ok(SchemaType::Avro), SchemaType::parse)?;
        let references: Vec<Reference> = match &answer["references"] {
            Value::Null => Vec::new(),
            list => serde_json::from_value(list.clone()).map_err(|_| self.unusable("usable references"))?,
        };
        Ok(Schema { schema_type, schema: text.into(), references })
    }

    fn numbers(&self, answer: &Value) -> Result<Vec<i32>, Error> {
        serde_json::from_value(answer.clone()).map_err(|_| self.unusable("list of versions"))
    }
}

fn request(schema: &Schema) -> Value {
    let mut body = json!({"schema": &*schema.schema});
    // Older registries do not know the field, and do not need it for Avro.
    if schema.schema_type != SchemaType::Avro {
        body["schemaType"] = json!(schema.schema_type.name());
    }
    if !schema.references.is_empty() {
        body["references"] = json!(schema.references);
    }
    body
}

/// Percent-encodes a path segment.
pub(crate) fn encode(segment: &str) -> String {
    let mut out = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[async_trait]
impl Schemas for Client {
    async fn register(&self, subject: &str, schema: &Schema, normalize: bool) -> Result<RegisteredSchema, Error> {
        let path = format!("/subjects/{}/versions?normalize={normalize}", encode(subject));
        let answer = self.inner.transport.send(Method::POST, &path, Some(&request(schema))).await?;
        let mut registered = self.registered(subject, Some(schema), &answer)?;
        if registered.version == 0 {
            // Older registries answer with the id alone.
            registered.version = self.lookup(subject, schema, normalize).await?.version;
        }
        Ok(registered)
    }

    async fn by_id(&self, id: i32, subject: Option<&str>) -> Result<Arc<Schema>, Error> {
        let key = (subject.map(str::to_owned), id);
        if let Some(known) = self.inner.by_id.lock().get(&key) {
            return Ok(known.clone());
        }
        let query = subject.map(|subject| format!("?subject={}", encode(subject))).unwrap_or_default();
        let schema = Arc::new(self.schema(&self.get(&format!("/schemas/ids/{id}{query}")).await?)?);
        let mut known = self.inner.by_id.lock();
        if known.len() >= self.inner.cache {
            known.clear();
        }
        known.insert(key, schema.clone());
        Ok(schema)
    }

    async fn latest(&self, subject: &str) -> Result<RegisteredSchema, Error> {
        let answer = self.get(&format!("/subjects/{}/versions/latest", encode(subject))).await?;
        self.registered(subject, None, &answer)
    }

    async fn version(&self, subject: &str, version: i32, deleted: bool) -> Result<RegisteredSchema, Error> {
        let path = format!("/subjects/{}/versions/{version}?deleted={deleted}", encode(subject));
        self.registered(subject, None, &self.get(&path).await?)
    }

    async fn lookup(&self, subject: &str, schema: &Schema, normalize: bool) -> Result<RegisteredSchema, Error> {
        let path = format!("/subjects/{}?normalize={normalize}", encode(subject));
        let answer = self.inner.transport.send(Method::POST, &path, Some(&request(schema))).await?;
        self.registered(subject, Some(schema), &answer)
    }

    async fn subjects(&self, prefix: Option<&str>) -> Result<Vec<String>, Error> {
        let query = prefix.map(|prefix| format!("?subjectPrefix={}", encode(prefix))).unwrap_or_default();
        let answer = self.get(&format!("/subjects{query}")).await?;
        let mut names: Vec<String> = serde_json::from_value(answer).map_err(|_| self.unusable("list of subjects"))?;
        // Not every registry knows the parameter.
        names.retain(|name| prefix.is_none_or(|prefix| prefix.starts_with(':') || name.starts_with(prefix)));
        Ok(names)
    }

    async fn versions(&self, subject: &str) -> Result<Vec<i32>, Error> {
        self.numbers(&self.get(&format!("/subjects/{}/versions", encode(subject))).await?)
    }

    async fn delete_subject(&self, subject: &str, permanent: bool) -> Result<Vec<i32>, Error> {
        let path = format!("/subjects/{}?permanent={permanent}", encode(subject));
        self.numbers(&self.inner.transport.send(Method::DELETE, &path, None).await?)
    }

    async fn delete_version(&self, subject: &str, version: i32, permanent: bool) -> Result<i32, Error> {
        let path = format!("/subjects/{}/versions/{version}?permanent={permanent}", encode(subject));
        let answer = self.inner.transport.send(Method::DELETE, &path, None).await?;
        answer.as_i64().and_then(|number| i32::try_from(number).ok()).ok_or_else(|| self.unusable("version"))
    }

    async fn incompatibilities(&self, subject: &str, schema: &Schema) -> Result<Vec<String>, Error> {
        let path = format!("/compatibility/subjects/{}/versions?verbose=true", encode(subject));
        let sent = self.inner.transport.send(Method::POST, &path, Some(&request(schema))).await;
        let answer = match sent {
            // Some registries know no such subject as an error; nothing to conflict with is compatible.
            Err(error) if error.error_code() == 40401 => return Ok(Vec::new()),
            other => other?,
        };
        let messages: Vec<String> = serde_json::from_value(answer["messages"].clone()).unwrap_or_default();
        match answer["is_compatible"].as_bool() {
            Some(true) => Ok(Vec::new()),
            Some(false) if messages.is_empty() => Ok(vec!["the registry gives no reason".to_owned()]),
            Some(false) => Ok(messages),
            None => Err(self.unusable("is_compatible")),
        }
    }

    async fn compatibility(&self, subject: &str) -> Result<CompatibilityLevel, Error> {
        let answer = self.get(&format!("/config/{}?defaultToGlobal=true", encode(subject))).await?;
        CompatibilityLevel::parse(answer["compatibilityLevel"].as_str().unwrap_or_default())
    }

    async fn set_compatibility(&self, subject: Option<&str>, level: CompatibilityLevel) -> Result<(), Error> {
        let path = subject.map_or_else(|| "/config".to_owned(), |subject| format!("/config/{}", encode(subject)));
        let body = json!({"compatibility": level.name()});
        self.inner.transport.send(Method::PUT, &path, Some(&body)).await.map(drop)
    }

    async fn resolve_references(&self, subject: &str, schema: &Schema) -> Result<Vec<(String, Schema)>, Error> {
        let mut out: Vec<(String, Schema)> = Vec::new();
        // (what to fetch, or what to emit once everything it uses is out), last one first.
        let mut todo: Vec<Step> = schema.references.iter().rev().map(|r| Step::Fetch(qualified(subject, r))).collect();
        let mut seen = std::collections::HashSet::new();
        while let Some(step) = todo.pop() {
            match step {
                Step::Emit(name, schema) => out.push((name, schema)),
                Step::Fetch(reference) if seen.insert(reference.clone()) => {
                    let stored = self.version(&reference.subject, reference.version, true).await?;
                    let inner = stored.schema.references.iter().rev();
                    let inner: Vec<_> = inner.map(|r| Step::Fetch(qualified(&reference.subject, r))).collect();
                    todo.push(Step::Emit(reference.name, stored.schema));
                    todo.extend(inner);
                }
                Step::Fetch(_) => {}
            }
        }
        Ok(out)
    }
}

enum Step {
    Fetch(Reference),
    Emit(String, Schema),
}

/// A reference as seen from the referring subject's context.
fn qualified(from: &str, reference: &Reference) -> Reference {
    let context = from.strip_prefix(":.").and_then(|rest| rest.split_once(':')).map(|(context, _)| context);
    match context {
        Some(context) if !reference.subject.starts_with(":.") => {
            Reference { subject: format!(":.{context}:{}", reference.subject), ..reference.clone() }
        }
        _ => reference.clone(),
    }
}
