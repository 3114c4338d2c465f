//! JSON lines.
//!
//! Numbers that JSON holds exactly are numbers, DECIMAL stays text, ROW is an object, MAP an array of pairs. Of updating
//! results a line is `{"op": "+U", "row": {...}}`, else the row itself.

use std::collections::HashSet;
use std::io::{self, Write};

use nutkin_api::sql::{ResultColumn, ResultRow, ResultType};
use serde_json::{Map, Number, Value};

use super::{RowWriter, op_name};

pub struct JsonWriter {
    columns: Vec<ResultColumn>,
    with_op: bool,
}

impl JsonWriter {
    pub fn new(columns: &[ResultColumn], with_op: bool) -> JsonWriter {
        let mut taken = HashSet::new();
        let mut columns = columns.to_vec();
        // An object holds each name once, a result need not.
        for (index, column) in columns.iter_mut().enumerate() {
            if !taken.insert(column.name.clone()) {
                column.name = format!("{}_{index}", column.name);
                taken.insert(column.name.clone());
            }
        }
        JsonWriter { columns, with_op }
    }
}

impl RowWriter for JsonWriter {
    fn rows(&mut self, rows: &[ResultRow], out: &mut dyn Write) -> io::Result<()> {
        for row in rows {
            let cells = self.columns.iter().zip(&row.row);
            let object: Map<String, Value> =
                cells.map(|(column, cell)| (column.name.clone(), typed(cell, &column.data_type))).collect();
            let line = match self.with_op {
                true => serde_json::json!({"op": op_name(row.op), "row": object}),
                false => Value::Object(object),
            };
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    fn finish(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// A cell as the JSON value that it stands for.
fn typed(cell: &Value, data_type: &ResultType) -> Value {
    let list = |items: &[Value], element: Option<&ResultType>| match element {
        Some(element) => items.iter().map(|item| typed(item, element)).collect(),
        None => Value::Array(items.to_vec()),
    };
    match (data_type.type_name.as_str(), cell) {
        ("BOOLEAN", Value::String(text)) => match text.to_ascii_uppercase().as_str() {
            "TRUE" => Value::Bool(true),
            "FALSE" => Value::Bool(false),
            _ => cell.clone(),
        },
        ("TINYINT" | "SMALLINT" | "INTEGER" | "BIGINT", Value::String(text)) => {
            text.parse::<i64>().map_or_else(|_| cell.clone(), Value::from)
        }
        ("FLOAT" | "DOUBLE", Value::String(text)) => {
            text.parse().ok().and_then(Number::from_f64).map_or_else(|| cell.clone(), Value::Number)
        }
        ("ARRAY", Value::Array(items)) => list(items, data_type.element_type.as_deref()),
        ("ROW" | "STRUCTURED_TYPE", Value::Array(items)) => match &data_type.fields {
            Some(fields) => {
                let pairs = fields.iter().zip(items);
                pairs.map(|(field, item)| (field.name.clone(), typed(item, &field.field_type))).collect()
            }
            None => cell.clone(),
        },
        ("MAP", Value::Array(pairs)) => {
            let types = [data_type.key_type.as_deref(), data_type.value_type.as_deref()];
            let pair = |pair: &Value| match (pair.as_array().map(Vec::as_slice), types) {
                (Some([key, value]), [Some(key_type), Some(value_type)]) => {
                    Value::Array(vec![typed(key, key_type), typed(value, value_type)])
                }
                _ => pair.clone(),
            };
            pairs.iter().map(pair).collect()
        }
        _ => cell.clone(),
    }
}
