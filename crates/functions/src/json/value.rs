//! SQL values as JSON, for JSON_STRING, JSON_OBJECT, JSON_ARRAY and their aggregates.

use std::fmt::Write;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use nutkin_types::map::map_entries;
use nutkin_types::{LogicalType as T, Moment};

use super::write::{by_utf16, separate, write_number, write_text};
use crate::args::ignore;
use crate::cast::text::write_double;
use crate::decimal;
use crate::error::EvaluationError;
use crate::time::text as time_text;

/// The type inside `logical` that has no JSON form; None when all have one. DATE, TIME and intervals have none in Flink.
pub(crate) fn unsupported(logical: &T) -> Option<String> {
    match logical {
        T::Boolean | T::TinyInt | T::SmallInt | T::Int | T::BigInt | T::Float | T::Double | T::Decimal { .. } => None,
        T::Char { .. } | T::VarChar { .. } | T::Binary { .. } | T::VarBinary { .. } => None,
        T::Timestamp { .. } | T::TimestampLtz { .. } => None,
        T::Array { element } => unsupported(&element.logical),
        T::Map { key, value } if key.logical.is_character_string() => unsupported(&value.logical),
        T::Multiset { element } if element.logical.is_character_string() => None,
        T::Row { fields } | T::Structured { fields, .. } => {
            fields.iter().find_map(|field| unsupported(&field.data_type.logical))
        }
        other => Some(other.to_string()),
    }
}

/// Appends the value at `row`; NULL is `null`.
pub(crate) fn write_value(array: &dyn Array, logical: &T, row: usize, out: &mut String) -> Result<(), EvaluationError> {
    if *logical == T::Null || array.is_null(row) {
        out.push_str("null");
        return Ok(());
    }
    match logical {
        T::Boolean => out.push_str(if array.as_boolean().value(row) { "true" } else { "false" }),
        T::TinyInt => ignore(write!(out, "{}", array.as_primitive::<Int8Type>().value(row))),
        T::SmallInt => ignore(write!(out, "{}", array.as_primitive::<Int16Type>().value(row))),
        T::Int => ignore(write!(out, "{}", array.as_primitive::<Int32Type>().value(row))),
        T::BigInt => ignore(write!(out, "{}", array.as_primitive::<Int64Type>().value(row))),
        T::Float => write_float(array.as_primitive::<Float32Type>().value(row).into(), out),
        T::Double => write_float(array.as_primitive::<Float64Type>().value(row), out),
        T::Decimal { scale, .. } => {
            let mut text = String::new();
            decimal::write(array.as_primitive::<Decimal128Type>().value(row), *scale, &mut text);
            write_number(&text, out);
        }
        T::Char { .. } | T::VarChar { .. } => write_text(array.as_string::<i32>().value(row), out),
        T::Binary { .. } | T::VarBinary { .. } => {
            out.push('"');
            STANDARD.encode_string(array.as_binary::<i32>().value(row), out);
            out.push('"');
        }
        T::Timestamp { precision } => write_timestamp(Moment::of_array(array, *precision, row), "", out),
        T::TimestampLtz { precision } => write_timestamp(Moment::of_array(array, *precision, row), "Z", out),
        T::Array { element } => {
            let items = array.as_list::<i32>().value(row);
            out.push('[');
            for i in 0..items.len() {
                separate(i, out);
                write_value(items.as_ref(), &element.logical, i, out)?;
            }
            out.push(']');
        }
        T::Map { value, .. } => write_map(array, &value.logical, row, out)?,
        T::Multiset { .. } => write_map(array, &T::Int, row, out)?,
        T::Row { fields } | T::Structured { fields, .. } => {
            let mut order: Vec<usize> = (0..fields.len()).collect();
            order.sort_by(|a, b| by_utf16(&fields[*a].name, &fields[*b].name));
            out.push('{');
            for (i, field) in order.into_iter().enumerate() {
                separate(i, out);
                write_text(&fields[field].name, out);
                out.push(':');
                let column = array.as_struct().column(field);
                write_value(column.as_ref(), &fields[field].data_type.logical, row, out)?;
            }
            out.push('}');
        }
        other => return Err(EvaluationError::Internal(format!("{other} as JSON"))),
    }
    Ok(())
}

fn write_float(value: f64, out: &mut String) {
    let mut text = String::new();
    write_double(value, &mut text);
    if value.is_finite() { write_number(&text, out) } else { write_text(&text, out) }
}

/// ISO form; the fraction without zeros at its end.
fn write_timestamp(moment: Moment, zone: &str, out: &mut String) {
    let mut text = String::new();
    time_text::write_timestamp(moment, 9, &mut text);
    let text = text.replace(' ', "T");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    ignore(write!(out, "\"{text}{zone}\""));
}

fn write_map(array: &dyn Array, value: &T, row: usize, out: &mut String) -> Result<(), EvaluationError> {
    let (keys, values) = map_entries(array.as_map(), row);
    let keys = keys.as_string::<i32>();
    if keys.null_count() > 0 {
        return Err(EvaluationError::InvalidArgument {
            function: "JSON",
            value: "NULL".to_owned(),
            reason: "an object of JSON has no NULL key".to_owned(),
        });
    }
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by(|a, b| by_utf16(keys.value(*a), keys.value(*b)));
    out.push('{');
    for (i, entry) in order.into_iter().enumerate() {
        separate(i, out);
        write_text(keys.value(entry), out);
        out.push(':');
        write_value(values.as_ref(), value, entry, out)?;
    }
    out.push('}');
    Ok(())
}
