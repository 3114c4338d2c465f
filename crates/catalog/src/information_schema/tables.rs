//! Tables and views, and their options: `TABLES`, `TABLE_OPTIONS`.

use nutkin_plan::Table;
use nutkin_plan::table::WatermarkStrategy;
use nutkin_types::Value;

use super::definition::{Definition, Kind, Source, TABLE_NAMES, optional, table_name, text, yes_no};
use super::facts::{Entry, Facts};

pub(super) static TABLES: Definition = Definition {
    name: "TABLES",
    columns: &[
        ("TABLE_CATALOG_ID", Kind::Text),
        ("TABLE_CATALOG", Kind::Text),
        ("TABLE_SCHEMA_ID", Kind::Text),
        ("TABLE_SCHEMA", Kind::Text),
        ("TABLE_NAME", Kind::Text),
        ("TABLE_TYPE", Kind::Text),
        ("IS_DISTRIBUTED", Kind::Text),
        ("DISTRIBUTION_ALGORITHM", Kind::TextOrNull),
        ("DISTRIBUTION_BUCKETS", Kind::IntOrNull),
        ("IS_WATERMARKED", Kind::Text),
        ("WATERMARK_COLUMN", Kind::TextOrNull),
        ("WATERMARK_EXPRESSION", Kind::TextOrNull),
        ("WATERMARK_IS_HIDDEN", Kind::TextOrNull),
        ("COMMENT", Kind::TextOrNull),
    ],
    source: Source::Tables { by_name: TABLE_NAMES },
    rows: |facts| facts.tables.iter().map(|entry| table(facts, entry)).collect(),
};

pub(super) static TABLE_OPTIONS: Definition = Definition {
    name: "TABLE_OPTIONS",
    columns: &[
        ("TABLE_CATALOG_ID", Kind::Text),
        ("TABLE_CATALOG", Kind::Text),
        ("TABLE_SCHEMA_ID", Kind::Text),
        ("TABLE_SCHEMA", Kind::Text),
        ("TABLE_NAME", Kind::Text),
        ("OPTION_KEY", Kind::Text),
        ("OPTION_VALUE", Kind::Text),
    ],
    source: Source::Tables { by_name: &[] },
    rows: options,
};

fn table(facts: &Facts, entry: &Entry) -> Vec<Value> {
    let mut row = table_name(&facts.own, entry);
    row.push(text(if entry.is_view { "VIEW" } else { "BASE TABLE" }));
    let table = entry.table.as_deref();
    row.extend(distribution(table));
    row.extend(watermark(table.filter(|_| !entry.is_view)));
    row.push(optional(table.and_then(|table| table.comment.as_deref()).filter(|comment| !comment.trim().is_empty())));
    row
}

fn distribution(table: Option<&Table>) -> [Value; 3] {
    match table.and_then(|table| table.distribution.as_ref()) {
        None => [yes_no(false), Value::Null, Value::Null],
        Some(distribution) => {
            let algorithm = (!distribution.keys.is_empty()).then_some("HASH");
            [yes_no(true), optional(algorithm), Value::Integer(distribution.buckets.into())]
        }
    }
}

/// The default watermark is one too; it is hidden because its column is.
fn watermark(table: Option<&Table>) -> [Value; 4] {
    let Some(watermark) = table.and_then(|table| table.watermark.as_ref()) else {
        return [yes_no(false), Value::Null, Value::Null, Value::Null];
    };
    let strategy = match &watermark.strategy {
        WatermarkStrategy::Source | WatermarkStrategy::MaxSeen => "`SOURCE_WATERMARK`()",
        WatermarkStrategy::Expression(text) => text,
    };
    let hidden = table.is_some_and(|table| table.column(&watermark.column).is_none());
    [yes_no(true), text(&watermark.column), text(strategy), yes_no(hidden)]
}

fn options(facts: &Facts) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for entry in &facts.tables {
        for (key, value) in entry.table.iter().flat_map(|table| &table.options) {
            let mut row = table_name(&facts.own, entry);
            row.extend([text(key), text(value)]);
            rows.push(row);
        }
    }
    rows
}
