//! Key and value fields, metadata and computed columns as the columns of one table (spec sql.md 2.4 nos. 4 to 6, 10).

use nutkin_plan::table::{ColumnKind, FieldBinding, FormatKind, TableColumn};
use nutkin_planner::analyze_expression;
use nutkin_types::RowField;

use super::side::Side;
use crate::record::{RecordColumn, TableRecord};
use crate::table_options::{FieldsInclude, TableOptions};

/// Prefix of an inferred key's columns when names clash.
const PREFIX: &str = "key_";

pub(super) struct Merged {
    pub columns: Vec<TableColumn>,
    /// Columns of the key, in the order that hashes.
    pub key_columns: Vec<String>,
    pub key_fields: Vec<FieldBinding>,
    pub value_fields: Vec<FieldBinding>,
}

/// Merges both sides. Of a table without a record, prefix and `value.fields-include` are decided here and set in `options`.
pub(super) fn merge(
    key: Option<&Side>,
    value: &Side,
    record: Option<&TableRecord>,
    options: &mut TableOptions,
) -> Merged {
    let made = record.filter(|record| !record.inferred);
    if let (Some(key), None, "") = (key, made, options.key_prefix.as_str()) {
        resolve_clash(key, value, options);
    }
    let prefix = options.key_prefix.as_str();
    // Rule 10: metadata and computed columns come before physical ones of the same name.
    let hidden = |name: &str| record.is_some_and(|record| record.is_virtual(name));
    let mut columns: Vec<TableColumn> = Vec::new();
    let mut key_fields = Vec::new();
    for field in key.map_or(&[][..], |key| &key.fields) {
        // The field of a payload without names is named after its column.
        let is_named = key.is_some_and(|key| !key.is_atomic);
        let column = if is_named || made.is_none() { format!("{prefix}{}", field.name) } else { field.name.clone() };
        if !hidden(&column) {
            columns.push(typed(key, physical(field, &column), record));
            key_fields.push(FieldBinding { column, field: field.name.clone() });
        }
    }
    let keys = columns.len();
    let mut value_fields = Vec::new();
    for field in &value.fields {
        let in_key = columns[..keys].iter().any(|column| column.name == field.name);
        if hidden(&field.name) || (in_key && options.fields_include == FieldsInclude::ExceptKey) {
            continue;
        }
        if !in_key {
            columns.push(typed(Some(value), physical(field, &field.name), record));
        }
        value_fields.push(FieldBinding { column: field.name.clone(), field: field.name.clone() });
    }
    let key_columns = match made {
        Some(record) => record.key_columns.clone(),
        None => key_fields.iter().map(|binding| binding.column.clone()).collect(),
    };
    Merged { columns: ordered(columns, record), key_columns, key_fields, value_fields }
}

/// Rules 4 to 6.
fn resolve_clash(key: &Side, value: &Side, options: &mut TableOptions) {
    let same_name = |field: &&RowField| value.fields.iter().any(|other| other.name == field.name);
    if !key.fields.iter().any(|field| same_name(&field)) {
        return;
    }
    let contained = |field: &RowField| {
        value.fields.iter().any(|other| other.name == field.name && other.data_type == field.data_type)
    };
    if !key.is_atomic && !value.is_atomic && key.fields.iter().all(contained) {
        options.fields_include = FieldsInclude::All;
        return;
    }
    let clashes = |prefix: &str| {
        key.fields.iter().any(|field| {
            let name = format!("{prefix}{}", field.name);
            value.fields.iter().any(|other| other.name == name)
        })
    };
    let mut prefix = PREFIX.to_owned();
    while clashes(&prefix) {
        prefix.push_str(PREFIX);
    }
    options.key_prefix = prefix;
}

fn physical(field: &RowField, name: &str) -> TableColumn {
    TableColumn {
        name: name.to_owned(),
        data_type: field.data_type.clone(),
        kind: ColumnKind::Physical,
        comment: field.description.clone(),
    }
}

/// A raw column of an inferred table, with the type that ALTER TABLE gave it (D-08).
fn typed(side: Option<&Side>, column: TableColumn, record: Option<&TableRecord>) -> TableColumn {
    let is_raw = side.is_some_and(|side| side.kind == FormatKind::Raw);
    let stored = record.filter(|record| is_raw && record.inferred).and_then(|record| record.stored(&column.name));
    stored.filter(|stored| stored.kind == ColumnKind::Physical).cloned().unwrap_or(column)
}

/// The columns in the order of the definition; what the schemas have gained since stands after the last one they had.
fn ordered(mut physical: Vec<TableColumn>, record: Option<&TableRecord>) -> Vec<TableColumn> {
    let Some(record) = record else { return physical };
    let mut columns: Vec<TableColumn> = Vec::with_capacity(record.columns.len() + physical.len());
    let mut after_physical = 0;
    for entry in &record.columns {
        if let Some(place) = physical.iter().position(|column| column.name == entry.name()) {
            columns.push(physical.remove(place));
            after_physical = columns.len();
        } else if let RecordColumn::Stored(column) = entry
            && column.kind != ColumnKind::Physical
        {
            columns.push(column.clone());
        }
    }
    columns.splice(after_physical..after_physical, physical);
    columns
}

/// Types computed columns over what the others are now: a schema that evolves and a primary key change them. Where that
/// fails the stored type stays, and the query that reads the column says what is wrong.
pub(super) fn retype(columns: &mut [TableColumn]) {
    let stored: Vec<TableColumn> =
        columns.iter().filter(|column| !matches!(column.kind, ColumnKind::Computed { .. })).cloned().collect();
    for column in columns {
        if let ColumnKind::Computed { expression } = &column.kind
            && let Ok(analyzed) = analyze_expression(expression, &stored)
        {
            column.data_type = analyzed.expr.data_type;
        }
    }
}
