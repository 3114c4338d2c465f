//! JSON as the SQL/JSON functions see it: texts read, searched by path, and written.
//!
//! - [`parse`] reads a text into a [`Json`] tree, or walks over it without building one. Numbers stay the digits that were
//!   written, so none loses precision.
//! - [`path`] reads `lax $.a[0].b` and says what it finds.
//! - [`write`] gives the text of trees and of SQL values; keys are sorted, as Flink sorts them.
//!
//! A text holds one value; what follows the first one is not looked at, as in Flink.

pub(crate) mod filter;
pub(crate) mod find;
pub(crate) mod locate;
pub(crate) mod parse;
pub(crate) mod path;
pub(crate) mod value;
pub(crate) mod write;

use std::borrow::Cow;

/// One JSON value, borrowing from its text where nothing was escaped.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    /// As it was written.
    Number(&'a str),
    Text(Cow<'a, str>),
    Array(Vec<Json<'a>>),
    /// Each name once, in the order of first appearance.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl<'a> Json<'a> {
    pub fn is_scalar(&self) -> bool {
        !matches!(self, Json::Array(_) | Json::Object(_))
    }

    /// The value of a field of an object.
    pub fn field(&self, name: &str) -> Option<&Json<'a>> {
        match self {
            Json::Object(fields) => fields.iter().find(|(known, _)| known == name).map(|(_, value)| value),
            _ => None,
        }
    }
}
