//! Pages of lists: `page_size` (at most 100) and `page_token`, and the body around them.

use nutkin_api::{List, ListMeta};
use nutkin_control::ControlError;
use serde::Deserialize;

use crate::error::Result;
use crate::state::AppState;

const DEFAULT_SIZE: u32 = 10;
const MAX_SIZE: u32 = 100;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PageQuery {
    pub page_size: Option<u32>,
    pub page_token: Option<String>,
}

impl PageQuery {
    /// Number of items asked for.
    pub fn limit(&self) -> Result<u32> {
        match self.page_size {
            None => Ok(DEFAULT_SIZE),
            Some(0) => Err(ControlError::Invalid("page_size must be at least 1.".to_owned()).into()),
            Some(size) => Ok(size.min(MAX_SIZE)),
        }
    }

    /// Id after which the page begins.
    pub fn after(&self) -> Option<&str> {
        self.page_token.as_deref().filter(|token| !token.is_empty())
    }
}

/// The list body. `path` is that of the list with its own query, if it has one; `next` the id after which the next page
/// begins.
pub fn list<T>(
    state: &AppState,
    api_version: &str,
    kind: &str,
    path: &str,
    query: &PageQuery,
    data: Vec<T>,
    next: Option<String>,
) -> List<T> {
    let separator = if path.contains('?') { '&' } else { '?' };
    let size = query.page_size.map_or(String::new(), |size| format!("page_size={size}&"));
    let first = state.url(path);
    let next = next.map(|token| state.url(&format!("{path}{separator}{size}page_token={token}")));
    let metadata = ListMeta { self_link: Some(first.clone()), first: Some(first), next, total_size: None };
    List { api_version: api_version.to_owned(), kind: kind.to_owned(), metadata, data }
}
