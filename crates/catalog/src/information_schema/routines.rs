//! Functions that users have made: `ROUTINES`, `PARAMETERS`. There are none yet, as CREATE FUNCTION is refused.

use super::definition::{Definition, Kind, Source};

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
    source: Source::Names,
    rows: |_| Vec::new(),
};

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
