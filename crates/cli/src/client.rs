//! [`Client`]: the public REST API as methods, one file per API group.
//!
//! Lists are read to their end. Of a `next` link only the page token is used: the link itself names the external URL of the
//! service, which need not be reachable from here and must not be sent a key unasked.

mod clusters;
mod keys;
mod organizations;
mod pools;
mod statements;
mod transport;

use std::sync::Arc;

use http::Method;
use nutkin_api::List;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::connection::Connection;
use crate::error::{Error, Result};
pub use statements::{ResultsPage, StatementFilter, StatementPath};
use transport::Transport;

/// Items asked for with each page of a list; the most that the service gives.
const PAGE_SIZE: u32 = 100;

/// A cheap clone to call the API with.
#[derive(Clone)]
pub struct Client {
    transport: Arc<Transport>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Client").field(&self.transport.base()).finish()
    }
}

impl Client {
    /// A client of a service. Nothing is sent yet; fails when the URL or the CA file is unusable.
    pub fn new(connection: &Connection) -> Result<Client> {
        Ok(Client { transport: Arc::new(Transport::new(connection)?) })
    }

    /// URL of the service.
    pub fn url(&self) -> &str {
        self.transport.base()
    }

    async fn call<T: DeserializeOwned>(&self, method: Method, path: &str, body: Option<Value>) -> Result<T> {
        let answer = self.transport.send(method, path, body.as_ref()).await?;
        serde_json::from_slice(&answer).map_err(|e| self.transport.not_this_api(path, &e.to_string()))
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.call(Method::GET, path, None).await
    }

    async fn delete(&self, path: &str) -> Result<()> {
        self.transport.send(Method::DELETE, path, None).await.map(drop)
    }

    /// All items of a list, page after page. `path` may have a query.
    async fn list<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let first = format!("{path}{separator}page_size={PAGE_SIZE}");
        let (mut items, mut token): (Vec<T>, Option<String>) = (Vec::new(), None);
        loop {
            let page = match &token {
                None => first.clone(),
                Some(token) => format!("{first}&page_token={token}"),
            };
            let page: List<T> = self.get(&page).await?;
            items.extend(page.data);
            let next = page.metadata.next.as_deref().and_then(page_token);
            match next {
                None => return Ok(items),
                Some(next) if token.as_deref() == Some(next) => {
                    return Err(self.transport.not_this_api(path, "a page names itself as the next one"));
                }
                Some(next) => token = Some(next.to_owned()),
            }
        }
    }

    /// As a pathless error when a reading of one's own was not possible.
    fn unexpected(&self, path: &str, reason: &str) -> Error {
        self.transport.not_this_api(path, reason)
    }
}

/// The value of `page_token` in a link, still encoded as it stands there. `None` for no or an empty token.
fn page_token(link: &str) -> Option<&str> {
    let (_, query) = link.split_once('?')?;
    let token = query.split('&').find_map(|pair| pair.strip_prefix("page_token="))?;
    Some(token).filter(|token| !token.is_empty())
}

/// Percent-encodes a path segment or a query value.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
