//! The Avro schema that CREATE TABLE registers (spec sql.md 2.5).

use hashbrown::HashMap;
use nutkin_types::data_type::MAX_LENGTH;
use nutkin_types::{DataType, LogicalType, RowField};
use serde_json::{Map, Value, json};

use super::parse::is_name;
use super::schema::MAP_ENTRY;
use crate::error::FormatError;
use crate::mapping::SchemaOptions;

/// Name of the record without another option.
const RECORD: &str = "org.apache.flink.avro.generated.record";
/// What is written beside every property of Flink's own.
const VERSION: &str = "1";

/// The text of an Avro record schema of `fields`. Nullable fields become `["null", T]` with default null; nested records
/// are named after their path, `record_<field>`.
///
/// # Errors
/// NUTKIN-3001 for a type or field name that Avro cannot have.
pub fn from_sql(fields: &[RowField], options: &SchemaOptions) -> Result<String, FormatError> {
    let name = options.record_name.as_deref().unwrap_or(RECORD);
    if !name.split('.').all(is_name) {
        return Err(unsupported("", format!("the record name '{name}'"), "use letters, digits and _"));
    }
    let mut emitter = Emitter { names: HashMap::new() };
    Ok(emitter.record(fields, name, "", "")?.to_string())
}

struct Emitter {
    /// Definitions by full name: Avro knows each name once.
    names: HashMap<String, Value>,
}

fn unsupported(path: &str, what: String, remedy: &str) -> FormatError {
    FormatError::UnsupportedType { format: "Avro", path: path.to_owned(), what, remedy: remedy.to_owned() }
}

fn split(full: &str) -> (&str, &str) {
    full.rsplit_once('.').unwrap_or(("", full))
}

fn flink(mut base: Map<String, Value>, properties: &[(&str, Value)]) -> Value {
    for (key, value) in properties {
        base.insert((*key).to_owned(), value.clone());
    }
    base.insert("flink.version".to_owned(), json!(VERSION));
    Value::Object(base)
}

fn object(kind: &str) -> Map<String, Value> {
    Map::from_iter([("type".to_owned(), json!(kind))])
}

impl Emitter {
    /// A schema of `data_type`; `name` is what a named type in it is called, `namespace` the one it stands in.
    fn schema(&mut self, data_type: &DataType, name: &str, namespace: &str, path: &str) -> Result<Value, FormatError> {
        let schema = self.not_null(&data_type.logical, name, namespace, path)?;
        if data_type.nullable && data_type.logical != LogicalType::Null {
            return Ok(json!(["null", schema]));
        }
        Ok(schema)
    }

    fn not_null(
        &mut self,
        logical: &LogicalType,
        name: &str,
        namespace: &str,
        path: &str,
    ) -> Result<Value, FormatError> {
        Ok(match logical {
            LogicalType::Null => json!("null"),
            LogicalType::Boolean => json!("boolean"),
            LogicalType::TinyInt => json!({"type": "int", "connect.type": "int8"}),
            LogicalType::SmallInt => json!({"type": "int", "connect.type": "int16"}),
            LogicalType::Int => json!("int"),
            LogicalType::BigInt => json!("long"),
            LogicalType::Float => json!("float"),
            LogicalType::Double => json!("double"),
            LogicalType::Decimal { precision, scale } => {
                json!({"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale})
            }
            LogicalType::Char { length } => {
                flink(object("string"), &[("flink.maxLength", json!(length)), ("flink.minLength", json!(length))])
            }
            LogicalType::VarChar { length: MAX_LENGTH } => json!("string"),
            LogicalType::VarChar { length } => flink(object("string"), &[("flink.maxLength", json!(length))]),
            LogicalType::Binary { length } => self.fixed(*length, name, namespace),
            LogicalType::VarBinary { length: MAX_LENGTH } => json!("bytes"),
            LogicalType::VarBinary { length } => flink(object("bytes"), &[("flink.maxLength", json!(length))]),
            LogicalType::Date => json!({"type": "int", "logicalType": "date"}),
            LogicalType::Time { precision: precision @ 0..=3 } => temporal("int", "time-millis", *precision, 3),
            LogicalType::Timestamp { precision: precision @ 0..=3 } => {
                temporal("long", "local-timestamp-millis", *precision, 3)
            }
            LogicalType::Timestamp { precision: precision @ 4..=6 } => {
                temporal("long", "local-timestamp-micros", *precision, 6)
            }
            LogicalType::TimestampLtz { precision: precision @ 0..=3 } => {
                temporal("long", "timestamp-millis", *precision, 3)
            }
            LogicalType::TimestampLtz { precision: precision @ 4..=6 } => {
                temporal("long", "timestamp-micros", *precision, 6)
            }
            LogicalType::Time { .. } => {
                return Err(unsupported(path, logical.to_string(), "use a precision of at most 3"));
            }
            LogicalType::Timestamp { .. } | LogicalType::TimestampLtz { .. } => {
                return Err(unsupported(path, logical.to_string(), "use a precision of at most 6"));
            }
            LogicalType::IntervalYearMonth { .. } | LogicalType::IntervalDayTime { .. } => {
                return Err(unsupported(path, logical.to_string(), "store the interval as BIGINT or STRING"));
            }
            LogicalType::Array { element } => {
                json!({"type": "array", "items": self.schema(element, name, namespace, path)?})
            }
            LogicalType::Map { key, value } => Value::Object(self.map(key, value, name, namespace, path)?),
            LogicalType::Multiset { element } => {
                let map = self.map(element, &LogicalType::Int.not_null(), name, namespace, path)?;
                flink(map, &[("flink.type", json!("multiset"))])
            }
            LogicalType::Row { fields } => self.record(fields, name, namespace, path)?,
            LogicalType::Structured { .. } => {
                return Err(unsupported(path, logical.to_string(), "store it as ROW with the same fields"));
            }
            LogicalType::Variant => {
                return Err(unsupported(path, logical.to_string(), "store the JSON text as STRING"));
            }
        })
    }

    /// Keys that are text make an Avro map, all others an array of Connect's map entries.
    fn map(
        &mut self,
        key: &DataType,
        value: &DataType,
        name: &str,
        namespace: &str,
        path: &str,
    ) -> Result<Map<String, Value>, FormatError> {
        if key.logical.is_character_string() {
            let mut map = object("map");
            map.insert("values".to_owned(), self.schema(value, name, namespace, path)?);
            return Ok(map);
        }
        // Which record will hold them is not known yet, so named types in there always say their namespace.
        let entry_namespace = "?";
        let key = self.schema(key, &format!("{name}_key"), entry_namespace, path)?;
        let value = self.schema(value, &format!("{name}_value"), entry_namespace, path)?;
        let fields = json!([{"name": "key", "type": key}, {"name": "value", "type": value}]);
        let mut array = object("array");
        array.insert("items".to_owned(), self.map_entry(fields, name, namespace));
        Ok(array)
    }

    /// Connect's entry record. A second, different one in the same schema needs a name of its own.
    fn map_entry(&mut self, fields: Value, name: &str, namespace: &str) -> Value {
        match self.names.get(MAP_ENTRY) {
            Some(known) if *known == fields => json!(MAP_ENTRY),
            Some(_) => {
                let full = self.unused(&format!("{name}_Entry"));
                self.names.insert(full.clone(), fields.clone());
                let mut record = named("record", &full, namespace);
                record.insert("fields".to_owned(), fields);
                record.insert("connect.internal.type".to_owned(), json!("MapEntry"));
                Value::Object(record)
            }
            None => {
                self.names.insert(MAP_ENTRY.to_owned(), fields.clone());
                let mut record = named("record", MAP_ENTRY, namespace);
                record.insert("fields".to_owned(), fields);
                Value::Object(record)
            }
        }
    }

    fn fixed(&mut self, length: u32, name: &str, namespace: &str) -> Value {
        let full = self.unused(name);
        self.names.insert(full.clone(), json!(length));
        let mut fixed = named("fixed", &full, namespace);
        fixed.insert("size".to_owned(), json!(length));
        Value::Object(fixed)
    }

    fn record(&mut self, fields: &[RowField], name: &str, namespace: &str, path: &str) -> Result<Value, FormatError> {
        let full = self.unused(name);
        self.names.insert(full.clone(), Value::Null);
        let own = split(&full).0.to_owned();
        let mut items = Vec::with_capacity(fields.len());
        for field in fields {
            let path = if path.is_empty() { field.name.clone() } else { format!("{path}.{}", field.name) };
            if !is_name(&field.name) {
                let remedy = "Avro names start with a letter or _ and go on with letters, digits and _";
                return Err(unsupported(&path, "the field name".to_owned(), remedy));
            }
            let schema = self.schema(&field.data_type, &format!("{name}_{}", field.name), &own, &path)?;
            let mut item = Map::from_iter([("name".to_owned(), json!(field.name)), ("type".to_owned(), schema)]);
            if let Some(doc) = &field.description {
                item.insert("doc".to_owned(), json!(doc));
            }
            if field.data_type.nullable {
                item.insert("default".to_owned(), Value::Null);
            }
            items.push(Value::Object(item));
        }
        let mut record = named("record", &full, namespace);
        record.insert("fields".to_owned(), Value::Array(items));
        Ok(Value::Object(record))
    }

    fn unused(&self, name: &str) -> String {
        if !self.names.contains_key(name) {
            return name.to_owned();
        }
        (2u32..).map(|n| format!("{name}_{n}")).find(|name| !self.names.contains_key(name)).unwrap_or_default()
    }
}

/// `type`, `name` and, where it changes, `namespace`.
fn named(kind: &str, full: &str, enclosing: &str) -> Map<String, Value> {
    let (namespace, name) = split(full);
    let mut object = object(kind);
    object.insert("name".to_owned(), json!(name));
    if namespace != enclosing {
        object.insert("namespace".to_owned(), json!(namespace));
    }
    object
}

fn temporal(kind: &str, logical: &str, precision: u8, natural: u8) -> Value {
    let mut base = object(kind);
    let logical_type = ("logicalType".to_owned(), json!(logical));
    if precision == natural {
        base.extend([logical_type]);
        return Value::Object(base);
    }
    let Value::Object(mut object) = flink(base, &[("flink.precision", json!(precision))]) else { return Value::Null };
    object.extend([logical_type]);
    Value::Object(object)
}
