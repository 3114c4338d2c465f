//! Cells as text, safe to show on a terminal.

use nutkin_api::sql::ResultType;
use serde_json::Value;

/// A cell as Flink's client prints it: `NULL`, `[a, b]` for arrays, `(a, b)` for rows, `{k=v}` for maps.
pub fn cell_text(value: &Value, data_type: &ResultType) -> String {
    let mut text = String::new();
    write_cell(&mut text, value, data_type);
    text
}

fn write_cell(text: &mut String, value: &Value, data_type: &ResultType) {
    let unknown = ResultType::default();
    match value {
        Value::Null => text.push_str("NULL"),
        Value::String(content) => text.push_str(content),
        Value::Array(items) => match data_type.type_name.as_str() {
            "MAP" | "MULTISET" => {
                let key = data_type.key_type.as_deref().or(data_type.element_type.as_deref()).unwrap_or(&unknown);
                let held = data_type.value_type.as_deref().unwrap_or(&unknown);
                write_list(text, items, ["{", "}"], |text, _, pair| {
                    write_cell(text, pair.get(0).unwrap_or(&Value::Null), key);
                    text.push('=');
                    write_cell(text, pair.get(1).unwrap_or(&Value::Null), held);
                });
            }
            "ROW" | "STRUCTURED_TYPE" => write_list(text, items, ["(", ")"], |text, index, item| {
                let field = data_type.fields.as_ref().and_then(|fields| fields.get(index));
                write_cell(text, item, field.map_or(&unknown, |field| &field.field_type));
            }),
            _ => {
                let element = data_type.element_type.as_deref().unwrap_or(&unknown);
                write_list(text, items, ["[", "]"], |text, _, item| write_cell(text, item, element));
            }
        },
        other => text.push_str(&other.to_string()),
    }
}

fn write_list(text: &mut String, items: &[Value], around: [&str; 2], write: impl Fn(&mut String, usize, &Value)) {
    text.push_str(around[0]);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        write(text, index, item);
    }
    text.push_str(around[1]);
}

/// The text without signs that would move the cursor or change the terminal: data must not be able to.
pub fn printable(text: &str) -> String {
    if !text.chars().any(char::is_control) {
        return text.to_owned();
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => safe.push_str("\\n"),
            '\t' => safe.push_str("\\t"),
            '\r' => safe.push_str("\\r"),
            c if c.is_control() => safe.extend(c.escape_unicode()),
            c => safe.push(c),
        }
    }
    safe
}

/// Columns of a terminal that a text takes. Joined and ambiguous signs are counted simply; a table that is off by one on
/// them is still read.
pub fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

fn char_width(c: char) -> usize {
    match u32::from(c) {
        0x300..=0x36F | 0x200B..=0x200F | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F
        | 0x2E80..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1FAFF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

/// The beginning of a text that fits into so many columns, with `…` where something is left out.
pub fn clip(text: &str, limit: usize) -> String {
    if width(text) <= limit {
        return text.to_owned();
    }
    let (mut clipped, mut used) = (String::new(), 0);
    for c in text.chars() {
        used += char_width(c);
        if used + 1 > limit {
            break;
        }
        clipped.push(c);
    }
    clipped.push('…');
    clipped
}
