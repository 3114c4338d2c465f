//! How wide rows are.

use nutkin_types::{LogicalType, Schema};

/// Bytes of a text of which no length is known.
const TEXT: f64 = 32.0;
/// What a row costs beside its values.
const ROW: f64 = 16.0;
/// Elements of a collection.
const ELEMENTS: f64 = 4.0;

/// Bytes of a row in state.
pub(super) fn row_bytes(schema: &Schema) -> f64 {
    ROW + schema.columns.iter().map(|column| bytes(&column.data_type.logical)).sum::<f64>()
}

fn bytes(logical: &LogicalType) -> f64 {
    let text = |length: &u32| f64::from(*length).min(TEXT);
    match logical {
        LogicalType::Null | LogicalType::Boolean | LogicalType::TinyInt => 1.0,
        LogicalType::SmallInt => 2.0,
        LogicalType::Int | LogicalType::Float | LogicalType::Date | LogicalType::Time { .. } => 4.0,
        LogicalType::Decimal { .. } => 16.0,
        LogicalType::Char { length } | LogicalType::VarChar { length } => text(length),
        LogicalType::Binary { length } | LogicalType::VarBinary { length } => text(length),
        LogicalType::Array { element } | LogicalType::Multiset { element } => ELEMENTS * bytes(&element.logical),
        LogicalType::Map { key, value } => ELEMENTS * (bytes(&key.logical) + bytes(&value.logical)),
        LogicalType::Variant => TEXT,
        LogicalType::Row { fields } | LogicalType::Structured { fields, .. } => {
            fields.iter().map(|field| bytes(&field.data_type.logical)).sum()
        }
        _ => 8.0,
    }
}
