//! The text of JSON values: compact, names sorted, numbers as Java's `BigDecimal` prints them.

use std::borrow::Cow;
use std::fmt::Write;

use super::Json;
use crate::args::ignore;

/// Appends the text of `json`.
pub(crate) fn write(json: &Json<'_>, out: &mut String) {
    match json {
        Json::Null => out.push_str("null"),
        Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Json::Number(digits) => write_number(digits, out),
        Json::Text(text) => write_text(text, out),
        Json::Array(items) => write_list(items.iter(), out),
        Json::Object(fields) => write_object(fields.iter().map(|(name, value)| (name, value)), out),
    }
}

pub(crate) fn write_list<'j, 'a: 'j>(items: impl Iterator<Item = &'j Json<'a>>, out: &mut String) {
    out.push('[');
    for (i, item) in items.enumerate() {
        separate(i, out);
        write(item, out);
    }
    out.push(']');
}

pub(crate) fn write_object<'j, 'a: 'j>(
    fields: impl Iterator<Item = (&'j Cow<'a, str>, &'j Json<'a>)>,
    out: &mut String,
) {
    let mut fields: Vec<_> = fields.collect();
    fields.sort_by(|(a, _), (b, _)| by_utf16(a, b));
    out.push('{');
    for (i, (name, value)) in fields.into_iter().enumerate() {
        separate(i, out);
        write_text(name, out);
        out.push(':');
        write(value, out);
    }
    out.push('}');
}

/// The scalar as JSON_VALUE gives it: texts without quotes.
pub(crate) fn write_plain(json: &Json<'_>, out: &mut String) {
    match json {
        Json::Text(text) => out.push_str(text),
        other => write(other, out),
    }
}

pub(crate) fn separate(index: usize, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
}

/// Java's order of strings: by UTF-16 units.
pub(crate) fn by_utf16(a: &str, b: &str) -> std::cmp::Ordering {
    if a.is_ascii() && b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}

/// Appends `text` between quotes.
pub(crate) fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[from..at]);
        from = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x08 => out.push_str("\\b"),
            0x0c => out.push_str("\\f"),
            other => ignore(write!(out, "\\u{other:04X}")),
        }
    }
    out.push_str(&text[from..]);
    out.push('"');
}

/// Appends a number as Java's `BigDecimal.toString` gives it; whole numbers as they are.
pub(crate) fn write_number(digits: &str, out: &mut String) {
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    if exponent.is_none() && !mantissa.contains('.') {
        out.push_str(if mantissa == "-0" { "0" } else { mantissa });
        return;
    }
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let zeros = fraction.len() - fraction.trim_start_matches('0').len();
    if exponent.is_none() && (whole != "0" || (zeros < fraction.len() && zeros < 6)) {
        // What it is read from is also how it is written.
        out.extend([sign, whole, ".", fraction]);
        return;
    }
    let exponent: i64 = exponent.map_or(0, |text| text.trim_start_matches('+').parse().unwrap_or(0));
    let scale = fraction.len() as i64 - exponent;
    let all = format!("{whole}{fraction}");
    let unscaled = match all.trim_start_matches('0') {
        "" => "0",
        rest => rest,
    };
    let sign = if unscaled == "0" { "" } else { sign };
    write_unscaled(sign, unscaled, scale, out);
}

/// Appends `unscaled * 10^-scale`: plain while the exponent is at least -6, scientific beyond.
fn write_unscaled(sign: &str, unscaled: &str, scale: i64, out: &mut String) {
    let adjusted = unscaled.len() as i64 - 1 - scale;
    out.push_str(sign);
    if scale == 0 {
        out.push_str(unscaled);
    } else if scale > 0 && adjusted >= -6 {
        let scale = scale as usize;
        match unscaled.len().checked_sub(scale).filter(|whole| *whole > 0) {
            Some(whole) => {
                out.push_str(&unscaled[..whole]);
                out.push('.');
                out.push_str(&unscaled[whole..]);
            }
            None => {
                out.push_str("0.");
                out.extend(std::iter::repeat_n('0', scale - unscaled.len()));
                out.push_str(unscaled);
            }
        }
    } else {
        out.push_str(&unscaled[..1]);
        if unscaled.len() > 1 {
            out.push('.');
            out.push_str(&unscaled[1..]);
        }
        if adjusted != 0 {
            ignore(write!(out, "E{adjusted:+}"));
        }
    }
}
