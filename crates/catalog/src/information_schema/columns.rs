//! `COLUMNS`: the columns of tables and views, `$rowtime` among them as a hidden one.

use nutkin_plan::Table;
use nutkin_plan::table::{ColumnKind, TableColumn};
use nutkin_types::{DataType, LogicalType, Value};

use super::definition::{Definition, Kind, Source, optional, ordinal, table_name, text, yes_no};
use super::facts::{Entry, Facts};
use crate::show::create_table::data_type as printed;

/// The system column of every table that is no view.
const ROWTIME: &str = "$rowtime";

pub(super) static COLUMNS: Definition = Definition {
    name: "COLUMNS",
    columns: &[
        ("TABLE_CATALOG_ID", Kind::Text),
        ("TABLE_CATALOG", Kind::Text),
        ("TABLE_SCHEMA_ID", Kind::Text),
        ("TABLE_SCHEMA", Kind::Text),
        ("TABLE_NAME", Kind::Text),
        ("COLUMN_NAME", Kind::Text),
        ("ORDINAL_POSITION", Kind::Int),
        ("IS_NULLABLE", Kind::Text),
        ("DATA_TYPE", Kind::Text),
        ("FULL_DATA_TYPE", Kind::Text),
        ("IS_HIDDEN", Kind::Text),
        ("IS_GENERATED", Kind::Text),
        ("GENERATION_EXPRESSION", Kind::TextOrNull),
        ("IS_METADATA", Kind::Text),
        ("METADATA_KEY", Kind::TextOrNull),
        ("IS_PERSISTED", Kind::Text),
        ("DISTRIBUTION_ORDINAL_POSITION", Kind::IntOrNull),
        ("COMMENT", Kind::TextOrNull),
    ],
    source: Source::Tables { by_name: &[] },
    rows: columns,
};

fn columns(facts: &Facts) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for entry in &facts.tables {
        let Some(table) = entry.table.as_deref() else { continue };
        for (index, column) in table.columns.iter().enumerate() {
            rows.push(row(facts, entry, table, index, column, false));
        }
        if !entry.is_view && table.column(ROWTIME).is_none() {
            rows.push(row(facts, entry, table, table.columns.len(), &rowtime(), true));
        }
    }
    rows
}

fn rowtime() -> TableColumn {
    TableColumn {
        name: ROWTIME.to_owned(),
        data_type: LogicalType::TimestampLtz { precision: 3 }.not_null(),
        kind: ColumnKind::Metadata { key: nutkin_plan::table::MetadataKey::Timestamp, is_virtual: true },
        comment: None,
    }
}

fn row(facts: &Facts, entry: &Entry, table: &Table, index: usize, column: &TableColumn, hidden: bool) -> Vec<Value> {
    let (expression, metadata, persisted) = match &column.kind {
        ColumnKind::Physical => (None, None, true),
        ColumnKind::Computed { expression } => (Some(expression.as_str()), None, false),
        ColumnKind::Metadata { key, is_virtual } => (None, Some(key.name()), !is_virtual),
    };
    let is_metadata = metadata.is_some();
    let keys = table.distribution.as_ref().map_or(&[][..], |distribution| &distribution.keys);
    let bucket = keys.iter().position(|key| *key == column.name);
    let mut row = table_name(&facts.own, entry);
    row.extend([
        text(&column.name),
        ordinal(index),
        yes_no(column.data_type.nullable),
        text(root(&column.data_type.logical)),
        text(&printed(&DataType { logical: column.data_type.logical.clone(), nullable: true })),
        yes_no(hidden),
        yes_no(expression.is_some()),
        optional(expression),
        yes_no(is_metadata),
        // A key that is the column's own name is not written out.
        optional(metadata.filter(|key| *key != column.name)),
        yes_no(persisted),
        bucket.map_or(Value::Null, ordinal),
        optional(column.comment.as_deref()),
    ]);
    row
}

/// The type without its parameters.
fn root(logical: &LogicalType) -> &'static str {
    use LogicalType as T;
    match logical {
        T::Null => "NULL",
        T::Boolean => "BOOLEAN",
        T::TinyInt => "TINYINT",
        T::SmallInt => "SMALLINT",
        T::Int => "INTEGER",
        T::BigInt => "BIGINT",
        T::Float => "FLOAT",
        T::Double => "DOUBLE",
        T::Decimal { .. } => "DECIMAL",
        T::Char { .. } => "CHAR",
        T::VarChar { .. } => "VARCHAR",
        T::Binary { .. } => "BINARY",
        T::VarBinary { .. } => "VARBINARY",
        T::Date => "DATE",
        T::Time { .. } => "TIME",
        T::Timestamp { .. } => "TIMESTAMP",
        T::TimestampLtz { .. } => "TIMESTAMP_LTZ",
        T::IntervalYearMonth { .. } | T::IntervalDayTime { .. } => "INTERVAL",
        T::Array { .. } => "ARRAY",
        T::Multiset { .. } => "MULTISET",
        T::Map { .. } => "MAP",
        T::Row { .. } => "ROW",
        T::Structured { .. } => "STRUCTURED",
        T::Variant => "VARIANT",
    }
}
