//! The Protobuf schema that CREATE TABLE registers (spec sql.md 2.5).

use std::collections::BTreeSet;
use std::fmt::Write;

use nutkin_types::data_type::MAX_LENGTH;
use nutkin_types::{DataType, LogicalType, RowField};

use super::mapping::unsupported;
use crate::error::FormatError;
use crate::mapping::SchemaOptions;

/// Package and message without another option.
const NAME: &str = "io.confluent.protobuf.generated.Row";

/// The text of a proto3 schema with one message of `fields`. Nullable fields are `optional`; what is repeated and nullable
/// is wrapped in a message; what Protobuf has no word for stands in `confluent.field_meta`.
///
/// # Errors
/// NUTKIN-3001 for a type or field name that Protobuf cannot have.
pub fn from_sql(fields: &[RowField], options: &SchemaOptions) -> Result<String, FormatError> {
    let name = options.record_name.as_deref().unwrap_or(NAME);
    let (package, message) = name.rsplit_once('.').unwrap_or(("", name));
    if !name.split('.').all(is_identifier) {
        return Err(unsupported(&[], format!("the message name '{name}'"), "use letters, digits and _"));
    }
    let mut emitter = Emitter { imports: BTreeSet::new(), path: Vec::new() };
    let message = emitter.message(message, fields)?;
    let mut text = "syntax = \"proto3\";\n".to_owned();
    if !package.is_empty() {
        let _ = writeln!(text, "package {package};");
    }
    text.push('\n');
    for import in &emitter.imports {
        let _ = writeln!(text, "import \"{import}\";");
    }
    if !emitter.imports.is_empty() {
        text.push('\n');
    }
    message.print(0, &mut text);
    Ok(text)
}

fn is_identifier(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// A message to print.
struct Message {
    name: String,
    fields: Vec<Field>,
    nested: Vec<Message>,
}

struct Field {
    label: &'static str,
    kind: String,
    name: String,
    doc: Option<String>,
    params: Vec<(&'static str, String)>,
}

impl Field {
    fn new(name: &str, nullable: bool) -> Field {
        let label = if nullable { "optional " } else { "" };
        Field { label, kind: String::new(), name: name.to_owned(), doc: None, params: Vec::new() }
    }

    fn param(&mut self, key: &'static str, value: impl ToString) {
        self.params.push((key, value.to_string()));
    }
}

struct Emitter {
    imports: BTreeSet<&'static str>,
    path: Vec<String>,
}

impl Emitter {
    fn message(&mut self, name: &str, fields: &[RowField]) -> Result<Message, FormatError> {
        let mut message = Message { name: name.to_owned(), fields: Vec::new(), nested: Vec::new() };
        for field in fields {
            self.path.push(field.name.clone());
            if !is_identifier(&field.name) {
                let remedy = "Protobuf names start with a letter or _ and go on with letters, digits and _";
                return Err(unsupported(&self.path, "the field name", remedy));
            }
            let mut printed = self.field(&field.name, &field.data_type, &mut message.nested)?;
            printed.doc.clone_from(&field.description);
            if printed.doc.is_some() || !printed.params.is_empty() {
                self.imports.insert("confluent/meta.proto");
            }
            message.fields.push(printed);
            self.path.pop();
        }
        Ok(message)
    }

    fn field(&mut self, name: &str, data_type: &DataType, nested: &mut Vec<Message>) -> Result<Field, FormatError> {
        match &data_type.logical {
            LogicalType::Array { .. } | LogicalType::Map { .. } | LogicalType::Multiset { .. }
                if data_type.nullable =>
            {
                let mut field = self.wrapper(name, "RepeatedWrapper", &data_type.with_nullable(false), nested)?;
                if matches!(data_type.logical, LogicalType::Multiset { .. }) {
                    field.param("flink.type", "multiset");
                }
                Ok(field)
            }
            LogicalType::Array { element } => self.list(name, element, nested),
            LogicalType::Map { key, value } => self.map(name, key, value, nested),
            LogicalType::Multiset { element } => {
                let mut field = self.map(name, element, &LogicalType::Int.not_null(), nested)?;
                field.param("flink.type", "multiset");
                Ok(field)
            }
            logical => {
                let mut field = Field::new(name, data_type.nullable);
                if !data_type.nullable && is_message(logical) {
                    field.param("flink.notNull", true);
                }
                self.single(logical, &mut field, nested)?;
                Ok(field)
            }
        }
    }

    /// A message around `data_type`, because Protobuf cannot repeat it or leave it out.
    fn wrapper(
        &mut self,
        name: &str,
        suffix: &str,
        data_type: &DataType,
        nested: &mut Vec<Message>,
    ) -> Result<Field, FormatError> {
        let mut field = Field::new(name, false);
        let message =
            self.message(&unused(format!("{name}{suffix}"), nested), &[RowField::new("value", data_type.clone())])?;
        field.kind.clone_from(&message.name);
        nested.push(message);
        field.param("flink.wrapped", true);
        Ok(field)
    }

    fn list(&mut self, name: &str, element: &DataType, nested: &mut Vec<Message>) -> Result<Field, FormatError> {
        let is_repeated = matches!(
            element.logical,
            LogicalType::Array { .. } | LogicalType::Map { .. } | LogicalType::Multiset { .. }
        );
        let mut field = if element.nullable || is_repeated {
            self.wrapper(name, "ElementWrapper", element, nested)?
        } else {
            self.field(name, element, nested)?
        };
        field.label = "repeated ";
        Ok(field)
    }

    fn map(
        &mut self,
        name: &str,
        key: &DataType,
        value: &DataType,
        nested: &mut Vec<Message>,
    ) -> Result<Field, FormatError> {
        let entry = [RowField::new("key", key.clone()), RowField::new("value", value.clone())];
        let message = self.message(&unused(entry_name(name), nested), &entry)?;
        let mut field = Field::new(name, false);
        field.label = "repeated ";
        field.kind.clone_from(&message.name);
        nested.push(message);
        Ok(field)
    }

    fn single(
        &mut self,
        logical: &LogicalType,
        field: &mut Field,
        nested: &mut Vec<Message>,
    ) -> Result<(), FormatError> {
        let kind = match logical {
            LogicalType::Boolean => "bool",
            LogicalType::TinyInt => {
                field.param("connect.type", "int8");
                "int32"
            }
            LogicalType::SmallInt => {
                field.param("connect.type", "int16");
                "int32"
            }
            LogicalType::Int => "int32",
            LogicalType::BigInt => "int64",
            LogicalType::Float => "float",
            LogicalType::Double => "double",
            LogicalType::Char { length } => fixed_length(field, *length, "string"),
            LogicalType::VarChar { length } => bounded(field, *length, "string"),
            LogicalType::Binary { length } => fixed_length(field, *length, "bytes"),
            LogicalType::VarBinary { length } => bounded(field, *length, "bytes"),
            LogicalType::Decimal { precision, scale } => {
                field.param("precision", precision);
                field.param("scale", scale);
                self.imported("confluent/type/decimal.proto", ".confluent.type.Decimal")
            }
            LogicalType::Date => self.imported("google/type/date.proto", ".google.type.Date"),
            LogicalType::Time { precision: precision @ 0..=3 } => {
                fraction(field, *precision);
                self.imported("google/type/timeofday.proto", ".google.type.TimeOfDay")
            }
            LogicalType::Time { .. } => {
                return Err(unsupported(&self.path, logical.to_string(), "use a precision of at most 3"));
            }
            LogicalType::Timestamp { precision } => {
                field.param("flink.type", "timestamp");
                fraction(field, *precision);
                self.imported("google/protobuf/timestamp.proto", ".google.protobuf.Timestamp")
            }
            LogicalType::TimestampLtz { precision } => {
                fraction(field, *precision);
                self.imported("google/protobuf/timestamp.proto", ".google.protobuf.Timestamp")
            }
            LogicalType::Row { fields } => {
                let message = self.message(&unused(format!("{}_Row", field.name), nested), fields)?;
                field.kind.clone_from(&message.name);
                nested.push(message);
                return Ok(());
            }
            LogicalType::Structured { .. } => {
                return Err(unsupported(&self.path, logical.to_string(), "store it as ROW with the same fields"));
            }
            LogicalType::Variant => {
                return Err(unsupported(&self.path, logical.to_string(), "store the JSON text as STRING"));
            }
            _ => return Err(unsupported(&self.path, logical.to_string(), "store it as BIGINT or STRING")),
        };
        field.kind = kind.to_owned();
        Ok(())
    }

    fn imported(&mut self, file: &'static str, name: &'static str) -> &'static str {
        self.imports.insert(file);
        name
    }
}

/// Types whose Protobuf form is a message, which is nullable unless said otherwise.
fn is_message(logical: &LogicalType) -> bool {
    matches!(
        logical,
        LogicalType::Decimal { .. }
            | LogicalType::Date
            | LogicalType::Time { .. }
            | LogicalType::Timestamp { .. }
            | LogicalType::TimestampLtz { .. }
            | LogicalType::Row { .. }
    )
}

fn fixed_length(field: &mut Field, length: u32, kind: &'static str) -> &'static str {
    field.param("flink.maxLength", length);
    field.param("flink.minLength", length);
    kind
}

fn bounded(field: &mut Field, length: u32, kind: &'static str) -> &'static str {
    if length != MAX_LENGTH {
        field.param("flink.maxLength", length);
    }
    kind
}

fn fraction(field: &mut Field, precision: u8) {
    if precision != 9 {
        field.param("flink.precision", precision);
    }
}

/// `my_map` makes `MyMapEntry`, `myMap` makes `MymapEntry`: words are told apart by `_` only.
fn entry_name(field: &str) -> String {
    let word = |word: &str| {
        let mut chars = word.chars();
        let first = chars.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(chars.map(|c| c.to_ascii_lowercase())).collect::<String>()
    };
    field.split('_').map(word).collect::<String>() + "Entry"
}

fn unused(name: String, nested: &[Message]) -> String {
    let taken = |name: &str| nested.iter().any(|message| message.name == name);
    if !taken(&name) {
        return name;
    }
    // The suffix tells entries apart from other messages, so the number goes in front of it.
    let (stem, suffix) = name.strip_suffix("Entry").map_or((name.as_str(), ""), |stem| (stem, "Entry"));
    (2u32..).map(|n| format!("{stem}{n}{suffix}")).find(|name| !taken(name)).unwrap_or_default()
}

impl Message {
    fn print(&self, depth: usize, out: &mut String) {
        let indent = "  ".repeat(depth);
        let _ = writeln!(out, "{indent}message {} {{", self.name);
        for (index, field) in self.fields.iter().enumerate() {
            field.print(index + 1, depth + 1, out);
        }
        for nested in &self.nested {
            out.push('\n');
            nested.print(depth + 1, out);
        }
        let _ = writeln!(out, "{indent}}}");
    }
}

impl Field {
    fn print(&self, number: usize, depth: usize, out: &mut String) {
        let indent = "  ".repeat(depth);
        let _ = write!(out, "{indent}{}{} {} = {number}", self.label, self.kind, self.name);
        if self.doc.is_some() || !self.params.is_empty() {
            out.push_str(" [(confluent.field_meta) = {\n");
            let mut parts = Vec::new();
            parts.extend(self.doc.as_ref().map(|doc| format!("{indent}  doc: {}", quoted(doc))));
            if !self.params.is_empty() {
                let version = ("flink.version", "1".to_owned());
                let param = |(key, value): &(&str, String)| {
                    format!(
                        "{indent}    {{\n{indent}      key: \"{key}\",\n{indent}      value: {}\n{indent}    }}",
                        quoted(value)
                    )
                };
                let params: Vec<String> = self.params.iter().chain([&version]).map(param).collect();
                parts.push(format!("{indent}  params: [\n{}\n{indent}  ]", params.join(",\n")));
            }
            out.push_str(&parts.join(",\n"));
            let _ = write!(out, "\n{indent}}}]");
        }
        out.push_str(";\n");
    }
}

fn quoted(text: &str) -> String {
    let mut out = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let mut buffer = [0; 4];
                c.encode_utf8(&mut buffer).bytes().for_each(|byte| {
                    let _ = write!(out, "\\{byte:03o}");
                });
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
