//! Rows as Flink's test sinks print them: `+I[1, abc, 12:30]`. Java's `toString` of each value.

use nutkin_functions::decimal;
use nutkin_functions::time::text as time_text;
use nutkin_functions::variant;
use nutkin_types::{LogicalType as T, Moment, RowKind, Value};

/// `+I[1, abc]`.
pub fn change_text(kind: RowKind, row: &[Value], types: &[T]) -> String {
    format!("{kind}[{}]", row_text(row, types))
}

/// `1, abc`.
fn row_text(row: &[Value], types: &[T]) -> String {
    row.iter().zip(types).map(|(value, logical)| cell(value, logical)).collect::<Vec<_>>().join(", ")
}

fn cell(value: &Value, logical: &T) -> String {
    let mut out = String::new();
    match (value, logical) {
        (Value::Null, _) => out.push_str("null"),
        (Value::Boolean(b), _) => out = b.to_string(),
        (Value::Double(d), T::Float) => out = java_float(*d as f32),
        (Value::Double(d), _) => out = java_double(*d),
        (Value::Decimal(d), T::Decimal { scale, .. }) => decimal::write(*d, *scale, &mut out),
        (Value::String(s), _) => out.push_str(s),
        (Value::Bytes(bytes), T::Variant) => {
            let _ = variant::write_json(bytes, &mut out);
        }
        (Value::Bytes(bytes), _) => {
            let signed: Vec<String> = bytes.iter().map(|byte| (*byte as i8).to_string()).collect();
            out = format!("[{}]", signed.join(", "));
        }
        (Value::Integer(v), T::Date) => time_text::write_date(*v as i32, &mut out),
        (Value::Integer(v), T::Time { .. }) => out = java_time(*v * 1_000_000),
        (value, T::Timestamp { precision }) => out = moment_text(value, *precision, java_timestamp),
        (value, T::TimestampLtz { precision }) => out = moment_text(value, *precision, java_instant),
        (Value::Integer(v), _) => out = v.to_string(),
        (Value::List(items), T::Array { element }) => {
            out = format!("[{}]", items.iter().map(|item| cell(item, &element.logical)).collect::<Vec<_>>().join(", "));
        }
        (Value::List(items), T::Row { fields } | T::Structured { fields, .. }) => {
            let types: Vec<T> = fields.iter().map(|field| field.data_type.logical.clone()).collect();
            out = change_text(RowKind::Insert, items, &types);
        }
        (Value::Map(pairs), T::Map { key, value }) => out = java_map(pairs, &key.logical, &value.logical),
        (Value::Map(pairs), T::Multiset { element }) => out = java_map(pairs, &element.logical, &T::Int),
        (other, _) => out = format!("{other:?}"),
    }
    out
}

fn java_map(pairs: &[(Value, Value)], key: &T, value: &T) -> String {
    let mut entries: Vec<String> = pairs.iter().map(|(k, v)| format!("{}={}", cell(k, key), cell(v, value))).collect();
    entries.sort();
    format!("{{{}}}", entries.join(", "))
}

/// `LocalTime.toString`: seconds only when there are some, fractions in groups of three digits.
fn java_time(nanos: i64) -> String {
    let (seconds, fraction) = (nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000));
    let mut out = format!("{:02}:{:02}", seconds / 3600 % 24, seconds / 60 % 60);
    if seconds % 60 != 0 || fraction != 0 {
        out += &format!(":{:02}", seconds % 60);
    }
    out + &fraction_text(fraction)
}

fn fraction_text(nanos: i64) -> String {
    match nanos {
        0 => String::new(),
        n if n % 1_000_000 == 0 => format!(".{:03}", n / 1_000_000),
        n if n % 1000 == 0 => format!(".{:06}", n / 1000),
        n => format!(".{n:09}"),
    }
}

fn moment_text(value: &Value, precision: u8, write: impl Fn(Moment) -> String) -> String {
    Moment::of_value(value, precision).map_or_else(|| format!("{value:?}"), write)
}

/// `LocalDateTime.toString`.
fn java_timestamp(moment: Moment) -> String {
    let seconds = moment.seconds();
    let mut out = String::new();
    time_text::write_date(seconds.div_euclid(86_400) as i32, &mut out);
    out + "T" + &java_time(seconds.rem_euclid(86_400) * 1_000_000_000 + moment.nano_of_second())
}

/// `Instant.toString`: seconds are always there.
fn java_instant(moment: Moment) -> String {
    let mut out = String::new();
    time_text::write_timestamp(moment, 0, &mut out);
    out.replacen(' ', "T", 1) + &fraction_text(moment.nano_of_second()) + "Z"
}

/// `Double.toString`.
fn java_double(value: f64) -> String {
    if value.is_finite() { java_number(format!("{value:e}")) } else { java_special(value) }
}

/// `Float.toString`.
fn java_float(value: f32) -> String {
    if value.is_finite() { java_number(format!("{value:e}")) } else { java_special(f64::from(value)) }
}

fn java_special(value: f64) -> String {
    if value.is_nan() { "NaN".to_owned() } else { format!("{}Infinity", if value < 0.0 { "-" } else { "" }) }
}

/// Java's form of shortest digits: plain between 0.001 and 10 000 000, `1.0E10` elsewhere.
fn java_number(scientific: String) -> String {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits = mantissa.replace('.', "");
    if digits == "0" {
        return format!("{sign}0.0");
    }
    if !(-3..7).contains(&exponent) {
        let rest = if digits.len() > 1 { &digits[1..] } else { "0" };
        return format!("{sign}{}.{rest}E{exponent}", &digits[..1]);
    }
    if exponent < 0 {
        return format!("{sign}0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1));
    }
    let whole = exponent as usize + 1;
    if digits.len() <= whole {
        return format!("{sign}{digits}{}.0", "0".repeat(whole - digits.len()));
    }
    format!("{sign}{}.{}", &digits[..whole], &digits[whole..])
}
