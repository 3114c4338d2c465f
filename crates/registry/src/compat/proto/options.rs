//! Options of files, messages, fields and values as text, custom ones included.

use prost_reflect::{DynamicMessage, Kind, Value};

/// `name = value` of every option that is set.
pub(super) fn assignments(options: &DynamicMessage, sorted: bool) -> Vec<String> {
    let mut out = Vec::new();
    for (field, value) in options.fields() {
        each(value, |value| out.push(format!("{} = {}", field.name(), literal(value, &field.kind()))));
    }
    for (extension, value) in options.extensions() {
        each(value, |value| out.push(format!("({}) = {}", extension.full_name(), literal(value, &extension.kind()))));
    }
    if sorted {
        out.sort();
    }
    out
}

fn each<'a>(value: &'a Value, mut print: impl FnMut(&'a Value)) {
    match value {
        Value::List(items) => items.iter().for_each(print),
        one => print(one),
    }
}

fn literal(value: &Value, kind: &Kind) -> String {
    match value {
        Value::Bool(v) => v.to_string(),
        Value::I32(v) => v.to_string(),
        Value::I64(v) => v.to_string(),
        Value::U32(v) => v.to_string(),
        Value::U64(v) => v.to_string(),
        Value::F32(v) => float(f64::from(*v), &v.to_string()),
        Value::F64(v) => float(*v, &v.to_string()),
        Value::String(v) => quoted(v.as_bytes()),
        Value::Bytes(v) => quoted(v),
        Value::EnumNumber(number) => {
            let named = kind.as_enum().and_then(|values| values.get_value(*number));
            named.map_or_else(|| number.to_string(), |value| value.name().to_owned())
        }
        Value::Message(message) => format!("{{ {} }}", message.to_text_format()),
        Value::List(_) | Value::Map(_) => String::new(),
    }
}

fn float(value: f64, text: &str) -> String {
    match value {
        v if v.is_nan() => "nan".into(),
        v if v.is_infinite() => if v > 0.0 { "inf" } else { "-inf" }.into(),
        _ => text.to_owned(),
    }
}

/// A string literal.
pub(super) fn quoted(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    out.push('"');
    match std::str::from_utf8(bytes) {
        Ok(text) => text.chars().for_each(|c| match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                out.push_str(&c.to_string().bytes().map(|b| format!("\\{b:03o}")).collect::<String>())
            }
            c => out.push(c),
        }),
        Err(_) => bytes.iter().for_each(|b| out.push_str(&format!("\\{b:03o}"))),
    }
    out.push('"');
    out
}
