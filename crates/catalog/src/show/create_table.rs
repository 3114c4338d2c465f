//! SHOW CREATE TABLE (spec D-18): the statement that makes the table, options sorted and with their defaults.

use nutkin_plan::table::{ColumnKind, Table, TableColumn, WatermarkStrategy};
use nutkin_types::display::quote_identifier;
use nutkin_types::{DataType, LogicalType};

/// The statement's text, ending in a line break.
pub(crate) fn text(table: &Table) -> String {
    let mut parts: Vec<String> = table.columns.iter().map(column).collect();
    if let Some(watermark) = table.watermark.as_ref().filter(|watermark| !watermark.is_default) {
        let strategy = match &watermark.strategy {
            WatermarkStrategy::Source | WatermarkStrategy::MaxSeen => "SOURCE_WATERMARK()",
            WatermarkStrategy::Expression(text) => text,
        };
        parts.push(format!("WATERMARK FOR {} AS {strategy}", quote_identifier(&watermark.column)));
    }
    if let Some(key) = &table.primary_key {
        let name = quote_identifier(&key.name);
        parts.push(format!("CONSTRAINT {name} PRIMARY KEY ({}) NOT ENFORCED", names(&key.columns)));
    }
    let mut text = format!("CREATE TABLE {} (\n  {}\n)\n", table.path, parts.join(",\n  "));
    if let Some(comment) = &table.comment {
        text.push_str(&format!("COMMENT {}\n", literal(comment)));
    }
    if let Some(distribution) = &table.distribution {
        let by = match distribution.keys.as_slice() {
            [] => String::new(),
            keys => format!(" BY HASH({})", names(keys)),
        };
        text.push_str(&format!("DISTRIBUTED{by} INTO {} BUCKETS\n", distribution.buckets));
    }
    let options: Vec<String> =
        table.options.iter().map(|(key, value)| format!("{} = {}", literal(key), literal(value))).collect();
    if !options.is_empty() {
        text.push_str(&format!("WITH (\n  {}\n)\n", options.join(",\n  ")));
    }
    text
}

fn column(column: &TableColumn) -> String {
    let name = quote_identifier(&column.name);
    let mut text = match &column.kind {
        ColumnKind::Physical => format!("{name} {}", data_type(&column.data_type)),
        ColumnKind::Metadata { key, is_virtual } => {
            let from = if key.name() == column.name { String::new() } else { format!(" FROM '{}'", key.name()) };
            let is_virtual = if *is_virtual { " VIRTUAL" } else { "" };
            format!("{name} {} METADATA{from}{is_virtual}", data_type(&column.data_type))
        }
        ColumnKind::Computed { expression } => format!("{name} AS {expression}"),
    };
    if let Some(comment) = &column.comment {
        text.push_str(&format!(" COMMENT {}", literal(comment)));
    }
    text
}

/// The type as Flink prints it in a statement: TIMESTAMP_LTZ by its long name, all else as in messages.
pub(crate) fn data_type(data_type: &DataType) -> String {
    let text = logical(&data_type.logical);
    if data_type.nullable { text } else { format!("{text} NOT NULL") }
}

fn logical(logical_type: &LogicalType) -> String {
    match logical_type {
        LogicalType::TimestampLtz { precision } => format!("TIMESTAMP({precision}) WITH LOCAL TIME ZONE"),
        LogicalType::Array { element } => format!("ARRAY<{}>", data_type(element)),
        LogicalType::Multiset { element } => format!("MULTISET<{}>", data_type(element)),
        LogicalType::Map { key, value } => format!("MAP<{}, {}>", data_type(key), data_type(value)),
        LogicalType::Row { fields } => {
            let fields: Vec<String> = fields
                .iter()
                .map(|field| {
                    let comment =
                        field.description.as_ref().map_or(String::new(), |text| format!(" {}", literal(text)));
                    format!("{} {}{comment}", quote_identifier(&field.name), data_type(&field.data_type))
                })
                .collect();
            format!("ROW<{}>", fields.join(", "))
        }
        LogicalType::Structured { class, fields } => {
            let fields: Vec<String> = fields
                .iter()
                .map(|field| format!("{} {}", quote_identifier(&field.name), data_type(&field.data_type)))
                .collect();
            format!("STRUCTURED<{}, {}>", literal(class), fields.join(", "))
        }
        other => other.to_string(),
    }
}

fn names(columns: &[String]) -> String {
    let quoted: Vec<String> = columns.iter().map(|name| quote_identifier(name)).collect();
    quoted.join(", ")
}

pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
