//! Debezium envelopes: `before`, `after` and `op` around the row (spec sql.md 2.4 no. 9).

use nutkin_types::{LogicalType, RowField};

use super::side::Side;

/// The side with the columns of `after` when its schema is an envelope, else as it is.
pub(super) fn unwrapped(mut side: Side) -> Side {
    let find = |name: &str| side.fields.iter().find(|field| field.name == name).map(|field| &field.data_type.logical);
    let row = |name: &str| match find(name) {
        Some(LogicalType::Row { fields }) => Some(fields.to_vec()),
        _ => None,
    };
    let is_op = find("op").is_some_and(LogicalType::is_character_string);
    let after: Option<Vec<RowField>> = row("before").and(row("after")).filter(|_| is_op && !side.is_atomic);
    if let Some(fields) = after {
        side.fields = fields;
        side.debezium = true;
    }
    side
}
