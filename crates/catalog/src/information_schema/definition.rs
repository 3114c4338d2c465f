//! [`Definition`]: a view's columns and how its rows are made. Values that all views share.

use nutkin_types::{DataType, LogicalType, Value};

use super::facts::{Entry, Facts};
use crate::snapshot::{CatalogNames, DatabaseNames};

/// A view of `INFORMATION_SCHEMA`.
pub(super) struct Definition {
    pub name: &'static str,
    pub columns: &'static [(&'static str, Kind)],
    /// What has to be read before `rows` is called.
    pub source: Source,
    /// Rows with a value for each of `columns`.
    pub rows: fn(&Facts) -> Vec<Vec<Value>>,
}

/// The only types of these views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    TextOrNull,
    Int,
    IntOrNull,
}

impl Kind {
    pub fn data_type(self) -> DataType {
        match self {
            Kind::Text => LogicalType::STRING.not_null(),
            Kind::TextOrNull => LogicalType::STRING.nullable(),
            Kind::Int => LogicalType::Int.not_null(),
            Kind::IntOrNull => LogicalType::Int.nullable(),
        }
    }
}

/// What a view is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Catalogs and databases: known anyway.
    Names,
    /// Functions that users registered.
    Functions,
    /// Tables; their definitions only if a column other than these is read.
    Tables { by_name: &'static [&'static str] },
}

/// Columns that need no more of a table than its name.
pub(super) const TABLE_NAMES: &[&str] =
    &["TABLE_CATALOG_ID", "TABLE_CATALOG", "TABLE_SCHEMA_ID", "TABLE_SCHEMA", "TABLE_NAME", "TABLE_TYPE"];

pub(super) fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

pub(super) fn optional(value: Option<&str>) -> Value {
    value.map_or(Value::Null, text)
}

pub(super) fn yes_no(value: bool) -> Value {
    text(if value { "YES" } else { "NO" })
}

/// A position, counted from 1.
pub(super) fn ordinal(index: usize) -> Value {
    Value::Integer(i64::try_from(index).map_or(i64::MAX, |index| index.saturating_add(1)))
}

/// Id and name of catalog and database.
pub(super) fn place(catalog: &CatalogNames, database: &DatabaseNames) -> Vec<Value> {
    vec![text(&catalog.id), text(&catalog.name), text(&database.id), text(&database.name)]
}

/// The five columns that name a table.
pub(super) fn table_name(catalog: &CatalogNames, entry: &Entry) -> Vec<Value> {
    let mut values = place(catalog, &entry.database);
    values.push(text(&entry.name));
    values
}
