//! What an endpoint knows of its request: who, where, with which parameters.
//!
//! Query parameters the API does not define are ignored, as JAX-RS does and as `confluent-kafka`
//! relies on (`deleted_only`, which it spells its own way, is understood). Parameters of Confluent's
//! API that are not built are refused by name.

use std::collections::HashMap;

use axum::extract::{FromRequestParts, Query, RawPathParams};
use http::header;
use http::request::Parts;

use crate::access::{Action, Principal};
use crate::core::{Deleted, VersionSelector};
use crate::error::Error;
use crate::handle::Handle;
use crate::model::{DEFAULT_CONTEXT, Subject};

/// One authenticated request.
pub(crate) struct Call {
    pub handle: Handle,
    principal: Principal,
    /// The context of the path, or the default one.
    pub context: String,
    path: HashMap<String, String>,
    query: Vec<(String, String)>,
}

impl FromRequestParts<Handle> for Call {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, handle: &Handle) -> Result<Self, Error> {
        let authorization = parts.headers.get(header::AUTHORIZATION).map(|value| value.to_str());
        let authorization = authorization.transpose().map_err(|_| Error::Unauthorized)?;
        let principal = handle.inner.access.authenticate(authorization).await?;
        let params = RawPathParams::from_request_parts(parts, handle).await;
        let params = params.map_err(|e| Error::BadRequest(format!("malformed path: {e}")))?;
        let mut path: HashMap<String, String> =
            params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let query = Query::<Vec<(String, String)>>::from_request_parts(parts, handle).await;
        let Query(query) = query.map_err(|e| Error::BadRequest(format!("malformed query: {e}")))?;
        let context = match path.remove("context") {
            Some(written) => Subject::parse_context(&written)?,
            None => DEFAULT_CONTEXT.to_owned(),
        };
        Ok(Self { handle: handle.clone(), principal, context, path, query })
    }
}

impl Call {
    /// Whether the principal may do this.
    pub fn allowed(&self, action: Action, subject: &str) -> bool {
        self.handle.inner.access.allowed(&self.principal, action, subject)
    }

    /// Refuses what the principal may not do.
    pub fn require(&self, action: Action, subject: &str) -> Result<(), Error> {
        if self.allowed(action, subject) {
            return Ok(());
        }
        Err(Error::Denied { action: action.name(), subject: subject.to_owned() })
    }

    /// A path parameter, decoded.
    pub fn path(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// The subject of the path with its alias resolved, after the access check.
    pub fn subject(&self, action: Action) -> Result<Subject, Error> {
        let subject = self.handle.subject(self.path("subject"), &self.context)?;
        self.require(action, &subject.to_string())?;
        Ok(subject)
    }

    /// The scope of `/config` and `/mode`: a subject (aliases are not followed), a context, or all.
    pub fn scope(&self, action: Action) -> Result<Subject, Error> {
        let scope = match self.path.get("subject") {
            Some(name) => Subject::parse(name, &self.context)?,
            None => Subject::of_context(&self.context),
        };
        self.require(action, &scope.to_string())?;
        Ok(scope)
    }

    /// The version of the path.
    pub fn version(&self) -> Result<VersionSelector, Error> {
        VersionSelector::parse(self.path("version"))
    }

    /// An id of the path; one that is no number is no path, as in JAX-RS.
    pub fn id(&self) -> Result<i32, Error> {
        self.path("id").parse().map_err(|_| Error::NoRoute)
    }

    /// A query parameter, the first of its name.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A boolean query parameter in any case (`confluent-kafka` sends `False`); absent is false.
    pub fn flag(&self, name: &str) -> Result<bool, Error> {
        match self.query(name) {
            None | Some("") => Ok(false),
            Some(value) if value.eq_ignore_ascii_case("true") => Ok(true),
            Some(value) if value.eq_ignore_ascii_case("false") => Ok(false),
            Some(value) => Err(Error::invalid_field(name, &format!("true or false, not {value}"))),
        }
    }

    /// `deleted` and `deletedOnly`.
    pub fn deleted(&self) -> Result<Deleted, Error> {
        if self.flag("deletedOnly")? || self.flag("deleted_only")? {
            return Ok(Deleted::Only);
        }
        Ok(if self.flag("deleted")? { Deleted::With } else { Deleted::Without })
    }

    /// Cuts a listing to `offset` and `limit`; a limit that is not positive is none.
    pub fn page<T>(&self, items: impl IntoIterator<Item = T>) -> Result<Vec<T>, Error> {
        let number = |name: &str| match self.query(name) {
            None | Some("") => Ok(None),
            Some(text) => match text.parse::<i64>() {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(Error::invalid_field(name, "a number is expected")),
            },
        };
        let offset = number("offset")?.unwrap_or(0).max(0) as usize;
        let limit = number("limit")?.filter(|limit| *limit > 0).map_or(usize::MAX, |limit| limit as usize);
        Ok(items.into_iter().skip(offset).take(limit).collect())
    }

    /// Refuses parameters of Confluent's API that are not built, unless they ask for nothing.
    pub fn refuse(&self, names: &[&str]) -> Result<(), Error> {
        let asked = |name: &&&str| {
            self.query(name).is_some_and(|value| !value.is_empty() && !value.eq_ignore_ascii_case("false"))
        };
        match names.iter().find(asked) {
            Some(name) => Err(Error::NotBuilt(format!("query parameter {name}"))),
            None => Ok(()),
        }
    }
}
