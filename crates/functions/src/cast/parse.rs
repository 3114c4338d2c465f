//! CAST of texts to everything else. Blanks around the text do not count, but around a timestamp.

use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, DurationMillisecondType, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, IntervalYearMonthType, Time32MillisecondType,
};
use nutkin_types::moment::moment_array;
use nutkin_types::{LogicalType as T, Moment};

use super::Plan;
use crate::decimal;
use crate::registry::Kernel;
use crate::time::text as time_text;
use crate::time::zone::TimeZone;

pub(super) fn kernel(plan: &Plan) -> Option<Kernel> {
    const NUMBER: &str = "it is not a number of that range";
    match &plan.to.logical {
        T::Boolean => Some(boolean(plan.clone())),
        T::TinyInt => Some(parsed::<Int8Type>(plan, NUMBER, |text| integer(text)?.try_into().ok())),
        T::SmallInt => Some(parsed::<Int16Type>(plan, NUMBER, |text| integer(text)?.try_into().ok())),
        T::Int => Some(parsed::<Int32Type>(plan, NUMBER, |text| integer(text)?.try_into().ok())),
        T::BigInt => Some(parsed::<Int64Type>(plan, NUMBER, |text| integer(text)?.try_into().ok())),
        T::Float => Some(parsed::<Float32Type>(plan, NUMBER, |text| float(text).map(|v| v as f32))),
        T::Double => Some(parsed::<Float64Type>(plan, NUMBER, float)),
        T::Decimal { precision, scale } => Some(decimals(plan.clone(), *precision, *scale)),
        T::Date => Some(parsed::<Date32Type>(plan, "it is not a date such as 2020-01-31", time_text::parse_date)),
        T::Time { precision } => {
            let step = 10i64.pow(9 - u32::from((*precision).min(3)));
            Some(parsed::<Time32MillisecondType>(plan, "it is not a time such as 12:34:56", move |text| {
                let nanos = time_text::parse_time(text)?;
                Some(((nanos - nanos % step) / 1_000_000) as i32)
            }))
        }
        T::Timestamp { precision } => Some(timestamps(plan, *precision, TimeZone::Utc)),
        T::TimestampLtz { precision } => Some(timestamps(plan, *precision, plan.zone)),
        T::IntervalYearMonth { .. } => {
            Some(parsed::<IntervalYearMonthType>(plan, "it is not an interval such as 1-02", months))
        }
        T::IntervalDayTime { .. } => {
            Some(parsed::<DurationMillisecondType>(plan, "it is not an interval such as 1 02:03:04.005", millis))
        }
        _ => None,
    }
}

fn parsed<P: ArrowPrimitiveType>(
    plan: &Plan,
    reason: &'static str,
    parse: impl Fn(&str) -> Option<P::Native> + Send + Sync + 'static,
) -> Kernel {
    let plan = plan.clone();
    Box::new(move |args| {
        let texts = args.texts(0)?;
        let array = args.build_numbers::<P>(|row| match texts.get(row) {
            None => Ok(None),
            Some(text) => match parse(text.trim()) {
                Some(value) => Ok(Some(value)),
                None => plan.fail(text, reason),
            },
        })?;
        Ok(Arc::new(array))
    })
}

fn boolean(plan: Plan) -> Kernel {
    Box::new(move |args| {
        let texts = args.texts(0)?;
        args.build_booleans(|row| {
            let Some(text) = texts.get(row) else { return Ok(None) };
            let is = |words: &[&str]| words.iter().any(|word| text.trim().eq_ignore_ascii_case(word));
            if is(&["t", "true", "y", "yes", "1"]) {
                Ok(Some(true))
            } else if is(&["f", "false", "n", "no", "0"]) {
                Ok(Some(false))
            } else {
                plan.fail(text, "it is neither true nor false")
            }
        })
    })
}

/// A whole number; digits after a point are cut off.
fn integer(text: &str) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    if digits.is_empty() || !digits.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    whole.parse().ok()
}

/// Java's `Double.valueOf`.
fn float(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" | "+Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ if text.bytes().any(|b| b.is_ascii_digit()) => {
            text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text).parse().ok()
        }
        _ => None,
    }
}

fn decimals(plan: Plan, precision: u8, scale: u8) -> Kernel {
    Box::new(move |args| {
        let texts = args.texts(0)?;
        let array = args.build_numbers::<Decimal128Type>(|row| {
            let Some(text) = texts.get(row) else { return Ok(None) };
            match decimal::parse(text.trim(), precision, scale).or_else(|| unchecked(text.trim(), precision, scale)) {
                Some(value) => Ok(Some(value)),
                None => plan.fail(text, "it is not a number of that range"),
            }
        })?;
        Ok(Arc::new(array.with_precision_and_scale(precision, scale as i8)?))
    })
}

/// Flink reads a DECIMAL of up to 18 digits from a text of up to 18 bytes on a way of its own, which does not look at the last
/// character: `12x` is 12 and `x` is 0.
fn unchecked(text: &str, precision: u8, scale: u8) -> Option<i128> {
    const MOST: usize = 18;
    let (last, rest) = text.as_bytes().split_last()?;
    if usize::from(precision) > MOST || text.len() > MOST || !text.is_ascii() {
        return None;
    }
    if last.is_ascii_digit() {
        // No digit before the exponent is a zero.
        let mantissa = text.trim_start_matches(['+', '-']).trim_start_matches('.');
        return mantissa.starts_with(['e', 'E']).then(|| decimal::parse(&format!("0{mantissa}"), precision, scale))?;
    }
    let rest = text.get(..rest.len())?;
    let is_point = *last == b'.' && !rest.contains(['e', 'E']);
    let is_sign = matches!(text, "+" | "-") || (matches!(last, b'+' | b'-') && rest.ends_with(['e', 'E']));
    if is_sign || (is_point && rest.contains('.')) {
        return None;
    }
    let mantissa = rest.trim_end_matches(['+', '-']).trim_end_matches(['e', 'E']);
    let is_cut = mantissa.len() == rest.len() || rest[mantissa.len()..].starts_with(['e', 'E']) || mantissa.is_empty();
    match mantissa {
        _ if !is_cut => None,
        "" | "." => Some(0),
        number => decimal::parse(number, precision, scale),
    }
}

fn timestamps(plan: &Plan, precision: u8, zone: TimeZone) -> Kernel {
    const REASON: &str = "it is not a timestamp such as 2020-01-31 12:34:56 in the range of the type";
    let plan = plan.clone();
    let parse = move |text: &str| {
        let (seconds, nanos) = time_text::read_timestamp(text)?;
        zone.instant_of(Moment::of_seconds(seconds, nanos)?.truncated(precision)).within(precision)
    };
    Box::new(move |args| {
        let texts = args.texts(0)?;
        moment_array(&plan.to.logical, args.rows, |row| match texts.get(row) {
            None => Ok(None),
            Some(text) => match parse(text) {
                Some(moment) => Ok(Some(moment)),
                None => plan.fail(text, REASON),
            },
        })
    })
}

fn months(text: &str) -> Option<i32> {
    let (sign, rest) = signed(text);
    let (years, months) = rest.split_once('-').unwrap_or((rest, "0"));
    let months = years.parse::<i32>().ok()?.checked_mul(12)?.checked_add(months.parse::<i32>().ok()?)?;
    Some(sign as i32 * months)
}

fn millis(text: &str) -> Option<i64> {
    let (sign, rest) = signed(text);
    let (days, clock) = rest.split_once(' ').unwrap_or((rest, "0:0:0"));
    let whole = days.parse::<i64>().ok()?.checked_mul(86_400_000)?;
    Some(sign * whole.checked_add(time_text::parse_time(clock)? / 1_000_000)?)
}

fn signed(text: &str) -> (i64, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    }
}
