//! Functions that users registered: `ROUTINES`. Their `PARAMETERS` are in the artifacts, which are not read in this release.

use nutkin_types::Value;

use super::definition::{Definition, Kind, Source, place, text};
use super::facts::Facts;
use crate::functions::UserFunction;
use crate::snapshot::DatabaseNames;

pub(super) static ROUTINES: Definition = Definition {
    name: "ROUTINES",
    columns: &[
        ("SPECIFIC_CATALOG_ID", Kind::Text),
        ("SPECIFIC_CATALOG", Kind::Text),
        ("SPECIFIC_SCHEMA_ID", Kind::Text),
        ("SPECIFIC_SCHEMA", Kind::Text),
        ("SPECIFIC_NAME", Kind::Text),
        ("ROUTINE_CATALOG_ID", Kind::Text),
        ("ROUTINE_CATALOG", Kind::Text),
        ("ROUTINE_SCHEMA_ID", Kind::Text),
        ("ROUTINE_SCHEMA", Kind::Text),
        ("ROUTINE_NAME", Kind::Text),
        ("ROUTINE_TYPE", Kind::Text),
        ("FUNCTION_KIND", Kind::TextOrNull),
        ("DATA_TYPE", Kind::TextOrNull),
        ("FULL_DATA_TYPE", Kind::TextOrNull),
        ("IS_DETERMINISTIC", Kind::TextOrNull),
        ("IS_DYNAMIC", Kind::TextOrNull),
    ],
    source: Source::Functions,
    rows: |facts| facts.functions.iter().map(|(database, function)| routine(facts, database, function)).collect(),
};

/// What only the artifact says is NULL.
fn routine(facts: &Facts, database: &DatabaseNames, function: &UserFunction) -> Vec<Value> {
    let mut row = Vec::with_capacity(ROUTINES.columns.len());
    for _ in 0..2 {
        row.extend(place(&facts.own, database));
        row.push(text(&function.name));
    }
    row.push(text("FUNCTION"));
    row.resize(ROUTINES.columns.len(), Value::Null);
    row
}

pub(super) static PARAMETERS: Definition = Definition {
    name: "PARAMETERS",
    columns: &[
        ("SPECIFIC_CATALOG_ID", Kind::Text),
        ("SPECIFIC_CATALOG", Kind::Text),
        ("SPECIFIC_SCHEMA_ID", Kind::Text),
        ("SPECIFIC_SCHEMA", Kind::Text),
        ("SPECIFIC_NAME", Kind::Text),
        ("ORDINAL_POSITION", Kind::Int),
        ("PARAMETER_NAME", Kind::TextOrNull),
        ("DATA_TYPE", Kind::TextOrNull),
        ("FULL_DATA_TYPE", Kind::TextOrNull),
        ("IS_OPTIONAL", Kind::TextOrNull),
        ("TRAITS", Kind::TextOrNull),
    ],
    source: Source::Names,
    rows: |_| Vec::new(),
};
