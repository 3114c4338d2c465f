//! The text of every value, and CAST to CHAR and VARCHAR.

use std::fmt::Write;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, IntervalYearMonthType, Time32MillisecondType,
};
use arrow_array::{Array, ArrayRef};
use nutkin_types::map::map_entries;
use nutkin_types::{LogicalType as T, Moment};

use super::Plan;
use super::digits::{self, Digits};
use crate::args::{Args, ignore};
use crate::decimal;
use crate::error::EvaluationError;
use crate::registry::Kernel;
use crate::time::text as time_text;
use crate::time::zone::TimeZone;
use crate::utf8;
use crate::variant;

/// How long the target is and whether it is padded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fit {
    length: usize,
    pad: bool,
}

impl Fit {
    pub fn of(logical: &T) -> Option<Fit> {
        match logical {
            T::Char { length } => Some(Fit { length: *length as usize, pad: true }),
            T::VarChar { length } => Some(Fit { length: *length as usize, pad: false }),
            _ => None,
        }
    }

    /// Cuts or pads `text` to the length, counted in characters.
    pub fn apply(self, text: &mut String) {
        if text.len() <= self.length && !self.pad {
            return;
        }
        let count = text.chars().count();
        if count > self.length {
            let end = text.char_indices().nth(self.length).map_or(text.len(), |(at, _)| at);
            text.truncate(end);
        } else if self.pad {
            text.extend(std::iter::repeat_n(' ', self.length - count));
        }
    }
}

pub(super) fn kernel(plan: &Plan) -> Option<Kernel> {
    let (from, to, zone) = (plan.from.logical.clone(), plan.to.logical.clone(), plan.zone);
    let fit = Fit::of(&to)?;
    // A text that already is short enough stays the same array.
    if let (T::VarChar { length: a } | T::Char { length: a }, T::VarChar { length: b }) = (&from, &to)
        && a <= b
    {
        return Some(Box::new(|args| Ok(args.array(0)?.clone())));
    }
    Some(Box::new(move |args| run(args, &from, fit, zone)))
}

fn run(args: &Args<'_>, from: &T, fit: Fit, zone: TimeZone) -> Result<ArrayRef, EvaluationError> {
    let array = args.array(0)?;
    args.build_texts(|row, out| {
        let row = args.position(0, row);
        if array.is_null(row) {
            return Ok(None);
        }
        write_value(array.as_ref(), from, row, zone, out)?;
        fit.apply(out);
        Ok(Some(()))
    })
}

/// Appends the text of a value as CAST to STRING gives it; NULL inside a nested value is `NULL`.
pub(crate) fn write_value(
    array: &dyn Array,
    logical: &T,
    row: usize,
    zone: TimeZone,
    out: &mut String,
) -> Result<(), EvaluationError> {
    if *logical == T::Null || array.is_null(row) {
        out.push_str("NULL");
        return Ok(());
    }
    // Writing to a String cannot fail.
    match logical {
        T::Null => out.push_str("NULL"),
        T::Boolean => out.push_str(if array.as_boolean().value(row) { "TRUE" } else { "FALSE" }),
        T::TinyInt => ignore(write!(out, "{}", array.as_primitive::<Int8Type>().value(row))),
        T::SmallInt => ignore(write!(out, "{}", array.as_primitive::<Int16Type>().value(row))),
        T::Int => ignore(write!(out, "{}", array.as_primitive::<Int32Type>().value(row))),
        T::BigInt => ignore(write!(out, "{}", array.as_primitive::<Int64Type>().value(row))),
        T::Float => write_float(array.as_primitive::<Float32Type>().value(row), out),
        T::Double => write_double(array.as_primitive::<Float64Type>().value(row), out),
        T::Decimal { scale, .. } => decimal::write(array.as_primitive::<Decimal128Type>().value(row), *scale, out),
        T::Char { .. } | T::VarChar { .. } => out.push_str(array.as_string::<i32>().value(row)),
        T::Binary { .. } | T::VarBinary { .. } => {
            out.push_str(&utf8::lossy(array.as_binary::<i32>().value(row)));
        }
        T::Date => time_text::write_date(array.as_primitive::<Date32Type>().value(row), out),
        T::Time { precision } => {
            time_text::write_time(array.as_primitive::<Time32MillisecondType>().value(row), *precision, out);
        }
        T::Timestamp { precision } => {
            time_text::write_timestamp(Moment::of_array(array, *precision, row), *precision, out);
        }
        T::TimestampLtz { precision } => {
            time_text::write_timestamp(zone.local_of(Moment::of_array(array, *precision, row)), *precision, out);
        }
        T::IntervalYearMonth { .. } => {
            time_text::write_months(array.as_primitive::<IntervalYearMonthType>().value(row), out);
        }
        T::IntervalDayTime { .. } => {
            time_text::write_millis(array.as_primitive::<DurationMillisecondType>().value(row), out);
        }
        T::Array { element } => {
            let items = array.as_list::<i32>().value(row);
            out.push('[');
            for i in 0..items.len() {
                separate(i, out);
                write_value(items.as_ref(), &element.logical, i, zone, out)?;
            }
            out.push(']');
        }
        T::Map { key, value } => write_map(array, &key.logical, &value.logical, row, zone, out)?,
        T::Multiset { element } => write_map(array, &element.logical, &T::Int, row, zone, out)?,
        T::Row { fields } => {
            out.push('(');
            for (i, (field, column)) in fields.iter().zip(array.as_struct().columns()).enumerate() {
                separate(i, out);
                write_value(column.as_ref(), &field.data_type.logical, row, zone, out)?;
            }
            out.push(')');
        }
        T::Structured { fields, .. } => {
            out.push('(');
            for (i, (field, column)) in fields.iter().zip(array.as_struct().columns()).enumerate() {
                separate(i, out);
                out.push_str(&field.name);
                out.push('=');
                write_value(column.as_ref(), &field.data_type.logical, row, zone, out)?;
            }
            out.push(')');
        }
        T::Variant => variant::write_json(array.as_binary::<i32>().value(row), out)?,
    }
    Ok(())
}

fn separate(index: usize, out: &mut String) {
    if index > 0 {
        out.push_str(", ");
    }
}

fn write_map(
    array: &dyn Array,
    key: &T,
    value: &T,
    row: usize,
    zone: TimeZone,
    out: &mut String,
) -> Result<(), EvaluationError> {
    let (keys, values) = map_entries(array.as_map(), row);
    out.push('{');
    for i in 0..keys.len() {
        separate(i, out);
        write_value(keys.as_ref(), key, i, zone, out)?;
        out.push('=');
        write_value(values.as_ref(), value, i, zone, out)?;
    }
    out.push('}');
    Ok(())
}

/// Java's `Double.toString`: exponent below 1e-3 and from 1e7 on.
pub(crate) fn write_double(value: f64, out: &mut String) {
    if value.is_finite() {
        write_java(value.is_sign_negative(), &digits::of_double(value), out);
    } else {
        write_infinite(value, out);
    }
}

/// Java's `Float.toString`.
pub(crate) fn write_float(value: f32, out: &mut String) {
    if value.is_finite() {
        write_java(value.is_sign_negative(), &digits::of_float(value), out);
    } else {
        write_infinite(value.into(), out);
    }
}

fn write_infinite(value: f64, out: &mut String) {
    out.push_str(match value {
        f64::INFINITY => "Infinity",
        f64::NEG_INFINITY => "-Infinity",
        _ => "NaN",
    });
}

fn write_java(negative: bool, digits: &Digits, out: &mut String) {
    let (first, rest) = digits.text().split_at_checked(1).unwrap_or(("0", ""));
    let exponent = digits.exponent;
    if negative {
        out.push('-');
    }
    if !(-3..7).contains(&exponent) {
        let rest = if rest.is_empty() { "0" } else { rest };
        let _ = write!(out, "{first}.{rest}E{exponent}");
    } else if exponent < 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', (-exponent - 1) as usize));
        out.push_str(first);
        out.push_str(rest);
    } else {
        let whole = exponent as usize;
        out.push_str(first);
        match rest.get(whole..) {
            Some(fraction) => {
                out.push_str(rest.get(..whole).unwrap_or(""));
                out.push('.');
                out.push_str(if fraction.is_empty() { "0" } else { fraction });
            }
            None => {
                out.push_str(rest);
                out.extend(std::iter::repeat_n('0', whole - rest.len()));
                out.push_str(".0");
            }
        }
    }
}
