//! The prefixes that clients put before API paths.

use axum::http::{Request, Uri};

/// Prefixes that mean nothing here, taken off in this order.
const PREFIXES: [&str; 3] = ["/confluent.cloud", "/cpdev.cloud", "/api"];

/// Takes the prefixes off, so that one tree of routes serves all of them.
pub fn strip_prefixes<B>(mut request: Request<B>) -> Request<B> {
    let mut path = request.uri().path();
    for prefix in PREFIXES {
        if let Some(rest) = path.strip_prefix(prefix).filter(|rest| rest.starts_with('/')) {
            path = rest;
        }
    }
    if path.len() == request.uri().path().len() {
        return request;
    }
    let text = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    if let Ok(uri) = text.parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    request
}
