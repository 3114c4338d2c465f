//! PRINTF: Java's format strings.
//!
//! Built: `b h s c d o x e f g a t % n` with flags, width, precision and argument positions. A format that does not fit its
//! arguments gives NULL, as in Flink; so does `%h` of a byte string, whose hash in Java is its place in memory.

mod decimal;
mod format;
mod hash;
mod hexadecimal;
mod moment;

use std::fmt::Write;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type};
use nutkin_types::{LogicalType as T, Moment};

use crate::args::{Args, ignore};
use crate::cast::text::write_value;
use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param};
use crate::time::zone::TimeZone;
use format::Datum;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[ScalarFunction::new(
    "PRINTF",
    Family::String,
    "PRINTF(format[, value, ...])",
    "The format with its %-signs replaced by the values, by the rules of Java's format strings; NULL if they do not fit.",
    infer,
    compile,
)
.examples(&[("PRINTF('%s is %d', 'a', 7)", "a is 7"), ("PRINTF('%5.1f|%-4s|', 2.25e0, 'b')", "  2.3|b   |"), ("PRINTF('%tF %<tT', CAST(0 AS BIGINT))", "1970-01-01 00:00:00")])];

fn infer(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [format, values @ ..] = args else { return Err(of.count(args.len())) };
    let mut arg_types = vec![of.accept(0, format, &Param::Text)?];
    for (i, value) in values.iter().enumerate() {
        if value.data_type.logical.is_nested() || value.data_type.logical == T::Variant {
            return Err(of.wrong(i + 1, value.data_type, "a value that is not nested"));
        }
        arg_types.push(of.accept(i + 1, value, &Param::Any)?);
    }
    Ok(Inferred { arg_types, result: T::STRING.nullable() })
}

fn compile(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let types: Vec<T> = site.args.iter().skip(1).map(|arg| arg.logical.clone()).collect();
    Ok(Box::new(move |args| {
        let formats = args.texts(0)?;
        args.build_texts(|row, out| match formats.get(row) {
            Some(format) => format::format(format, &Values { args, types: &types, row }, out),
            None => Ok(None),
        })
    }))
}

/// The values of a row.
struct Values<'a> {
    args: &'a Args<'a>,
    types: &'a [T],
    row: usize,
}

impl Values<'_> {
    fn value(&self, index: usize) -> Result<(&T, &dyn Array, usize), EvaluationError> {
        let array = self.args.array(index + 1)?.as_ref();
        let logical = self.types.get(index).ok_or_else(|| EvaluationError::Internal("a value of PRINTF".to_owned()))?;
        Ok((logical, array, self.args.position(index + 1, self.row)))
    }
}

impl format::Row for Values<'_> {
    /// The value as Flink hands it to Java: dates, times and intervals are numbers.
    fn datum(&self, index: usize) -> Result<Option<Datum>, EvaluationError> {
        if index >= self.types.len() {
            return Ok(None);
        }
        let (logical, array, row) = self.value(index)?;
        if array.is_null(row) {
            return Ok(Some(Datum::Null));
        }
        Ok(Some(match logical {
            T::Boolean => Datum::Bool(array.as_boolean().value(row)),
            T::TinyInt => Datum::Int(array.as_primitive::<Int8Type>().value(row).into(), 8),
            T::SmallInt => Datum::Int(array.as_primitive::<Int16Type>().value(row).into(), 16),
            T::Int => Datum::Int(array.as_primitive::<Int32Type>().value(row).into(), 32),
            T::BigInt => Datum::Int(array.as_primitive::<Int64Type>().value(row), 64),
            T::Float => Datum::Double(array.as_primitive::<Float32Type>().value(row).into()),
            T::Double => Datum::Double(array.as_primitive::<Float64Type>().value(row)),
            T::Date | T::Time { .. } | T::IntervalYearMonth { .. } => number(array, logical, row, 32)?,
            T::IntervalDayTime { .. } => number(array, logical, row, 64)?,
            _ => Datum::Other,
        }))
    }

    fn write(&self, index: usize, out: &mut String) -> Result<(), EvaluationError> {
        let (logical, array, row) = self.value(index)?;
        match logical {
            T::Date | T::Time { .. } | T::IntervalYearMonth { .. } | T::IntervalDayTime { .. } => {
                if let Datum::Int(value, _) = number(array, logical, row, 64)? {
                    ignore(write!(out, "{value}"));
                }
                Ok(())
            }
            T::Timestamp { precision } | T::TimestampLtz { precision } => {
                iso(Moment::of_array(array, *precision, row), out);
                Ok(())
            }
            _ => write_value(array, logical, row, TimeZone::Utc, out),
        }
    }

    fn hash(&self, index: usize) -> Option<u32> {
        let (logical, array, row) = self.value(index).ok()?;
        match logical {
            T::Char { .. } | T::VarChar { .. } => Some(hash::text(array.as_string_opt::<i32>()?.value(row))),
            logical => super::hash_code::hash(array, logical, row).ok().map(|hash| hash as u32),
        }
    }
}

fn number(array: &dyn Array, logical: &T, row: usize, bits: u32) -> Result<Datum, EvaluationError> {
    match nutkin_types::Value::from_array(array, logical, row)? {
        nutkin_types::Value::Integer(value) => Ok(Datum::Int(value, bits)),
        _ => Err(EvaluationError::Internal(format!("PRINTF of {logical}"))),
    }
}

/// Java's `LocalDateTime.toString`: seconds only when there are some, the fraction in threes.
fn iso(moment: Moment, out: &mut String) {
    let start = out.len();
    crate::time::text::write_timestamp(moment, 9, out);
    if let Some(blank) = out[start..].find(' ') {
        out.replace_range(start + blank..start + blank + 1, "T");
    }
    while out.ends_with("000") && out[start..].contains('.') {
        out.truncate(out.len() - 3);
    }
    if out.ends_with('.') {
        out.pop();
    }
    if out.ends_with(":00") && !out[start..].contains('.') {
        out.truncate(out.len() - 3);
    }
}
