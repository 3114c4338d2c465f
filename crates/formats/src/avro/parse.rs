//! The text of an Avro schema into an [`AvroSchema`].

use hashbrown::HashMap;
use serde_json::{Map, Value};

use super::schema::{Attributes, AvroSchema, Field, Logical, Name, Node, NodeId, Shape};
use crate::error::FormatError;
use crate::schema::{RegisteredSchema, SchemaKind};

/// Types nested deeper are refused.
const MAX_DEPTH: usize = 64;

/// Parses `schema` after its references, whose names it may use.
pub(crate) fn parse(schema: &RegisteredSchema) -> Result<AvroSchema, FormatError> {
    let mut parser = Parser { nodes: Vec::new(), names: HashMap::new(), texts: 0 };
    for reference in &schema.references {
        parser.text(&reference.text)?;
    }
    let root = parser.text(&schema.text)?;
    Ok(AvroSchema { nodes: parser.nodes, root })
}

struct Parser {
    nodes: Vec<Node>,
    /// What a name stands for, and in which text it was defined: a later text may define it anew for itself.
    names: HashMap<String, (NodeId, usize)>,
    texts: usize,
}

fn invalid(place: &str, cause: impl Into<String>) -> FormatError {
    let place = if place.is_empty() { "its top level".to_owned() } else { format!("'{place}'") };
    FormatError::InvalidSchema { kind: SchemaKind::Avro, place, cause: cause.into() }
}

/// Where the parser stands: path for messages, namespace for names, depth for the limit.
#[derive(Clone, Copy)]
struct Place<'a> {
    path: &'a str,
    namespace: &'a str,
    depth: usize,
}

impl Parser {
    fn text(&mut self, text: &str) -> Result<NodeId, FormatError> {
        self.texts += 1;
        let value = match serde_json::from_str::<Value>(text) {
            Ok(value) => value,
            // A bare type name is a schema too, and registries accept it unquoted.
            Err(_) if !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.') => {
                Value::String(text.to_owned())
            }
            Err(error) => return Err(invalid("", error.to_string())),
        };
        self.schema(&value, Place { path: "", namespace: "", depth: 0 })
    }

    fn add(&mut self, shape: Shape, logical: Logical, attributes: Attributes) -> NodeId {
        self.nodes.push(Node { shape, logical, attributes });
        self.nodes.len() - 1
    }

    fn schema(&mut self, value: &Value, place: Place<'_>) -> Result<NodeId, FormatError> {
        if place.depth > MAX_DEPTH {
            return Err(invalid(place.path, format!("types are nested deeper than {MAX_DEPTH} levels")));
        }
        let place = Place { depth: place.depth + 1, ..place };
        match value {
            Value::String(name) => self.named_or_primitive(name, place),
            Value::Array(branches) => self.union(branches, place),
            Value::Object(object) => self.complex(object, place),
            _ => Err(invalid(place.path, "a type is a name, a list or an object")),
        }
    }

    fn named_or_primitive(&mut self, name: &str, place: Place<'_>) -> Result<NodeId, FormatError> {
        if let Some(shape) = primitive(name) {
            return Ok(self.add(shape, Logical::None, Attributes::default()));
        }
        let qualified = qualify(name, place.namespace);
        let found = self.names.get(&qualified).or_else(|| self.names.get(name));
        found.map(|(id, _)| *id).ok_or(FormatError::MissingReference { kind: SchemaKind::Avro, name: qualified })
    }

    fn union(&mut self, branches: &[Value], place: Place<'_>) -> Result<NodeId, FormatError> {
        let mut ids = Vec::with_capacity(branches.len());
        for branch in branches {
            let id = self.schema(branch, place)?;
            if matches!(self.nodes[id].shape, Shape::Union(_)) {
                return Err(invalid(place.path, "a union directly inside a union"));
            }
            ids.push(id);
        }
        let name = |id: &NodeId| match &self.nodes[*id].shape {
            Shape::Fixed { name, .. } | Shape::Enum { name, .. } | Shape::Record { name, .. } => name.full.clone(),
            shape => shape.keyword().to_owned(),
        };
        let mut names: Vec<String> = ids.iter().map(name).collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(invalid(place.path, format!("the union has '{}' twice", twice[0])));
        }
        Ok(self.add(Shape::Union(ids), Logical::None, Attributes::default()))
    }

    fn complex(&mut self, object: &Map<String, Value>, place: Place<'_>) -> Result<NodeId, FormatError> {
        let kind = match object.get("type") {
            Some(Value::String(kind)) => kind.as_str(),
            // {"type": {"type": ...}} is how some generators write a type of a field.
            Some(inner @ (Value::Object(_) | Value::Array(_))) => return self.schema(inner, place),
            _ => return Err(invalid(place.path, "an object without 'type'")),
        };
        let attributes = attributes(object);
        match kind {
            "record" | "error" => self.record(object, attributes, place),
            "enum" => self.enumeration(object, place),
            "fixed" => self.fixed(object, attributes, place),
            "array" => {
                let items = object.get("items").ok_or_else(|| invalid(place.path, "an array without 'items'"))?;
                let items = self.schema(items, place)?;
                Ok(self.add(Shape::Array(items), Logical::None, attributes))
            }
            "map" => {
                let values = object.get("values").ok_or_else(|| invalid(place.path, "a map without 'values'"))?;
                let values = self.schema(values, place)?;
                Ok(self.add(Shape::Map(values), Logical::None, attributes))
            }
            name => match primitive(name) {
                Some(shape) => {
                    let logical = logical(object, &shape);
                    Ok(self.add(shape, logical, attributes))
                }
                None => self.named_or_primitive(name, place),
            },
        }
    }

    fn name(&self, object: &Map<String, Value>, place: Place<'_>) -> Result<Name, FormatError> {
        let Some(Value::String(name)) = object.get("name") else {
            return Err(invalid(place.path, "a record, enum or fixed without 'name'"));
        };
        let namespace = match object.get("namespace") {
            Some(Value::String(namespace)) => namespace.as_str(),
            _ => place.namespace,
        };
        let full = qualify(name, namespace);
        if !full.split('.').all(is_name) {
            return Err(invalid(place.path, format!("'{full}' is no Avro name")));
        }
        let own_namespace = namespace_of(&full);
        let aliases = strings(object.get("aliases")).map(|alias| qualify(alias, own_namespace)).collect();
        Ok(Name { full, aliases })
    }

    fn define(&mut self, name: &Name, id: NodeId, place: Place<'_>) -> Result<(), FormatError> {
        match self.names.insert(name.full.clone(), (id, self.texts)) {
            Some((_, text)) if text == self.texts => {
                Err(invalid(place.path, format!("'{}' is defined twice", name.full)))
            }
            _ => Ok(()),
        }
    }

    fn record(
        &mut self,
        object: &Map<String, Value>,
        attributes: Attributes,
        place: Place<'_>,
    ) -> Result<NodeId, FormatError> {
        let name = self.name(object, place)?;
        let namespace = namespace_of(&name.full).to_owned();
        let Some(Value::Array(items)) = object.get("fields") else {
            return Err(invalid(place.path, format!("record '{}' without 'fields'", name.full)));
        };
        // Defined before its fields are read: they may refer to it.
        let id = self.add(Shape::Record { name: name.clone(), fields: Vec::new() }, Logical::None, attributes);
        self.define(&name, id, place)?;
        let mut fields: Vec<Field> = Vec::with_capacity(items.len());
        for item in items {
            let field = self.field(item, &namespace, place)?;
            if fields.iter().any(|other| other.name == field.name) {
                return Err(invalid(place.path, format!("field '{}' stands twice in '{}'", field.name, name.full)));
            }
            fields.push(field);
        }
        self.nodes[id].shape = Shape::Record { name, fields };
        Ok(id)
    }

    fn field(&mut self, item: &Value, namespace: &str, place: Place<'_>) -> Result<Field, FormatError> {
        let (Some(Value::String(name)), Some(schema)) = (item.get("name"), item.get("type")) else {
            return Err(invalid(place.path, "a field without 'name' or 'type'"));
        };
        if !is_name(name) {
            return Err(invalid(place.path, format!("'{name}' is no Avro name")));
        }
        let path = if place.path.is_empty() { name.clone() } else { format!("{}.{name}", place.path) };
        // A logical type written beside the field's type name belongs to the type, though the letter says otherwise.
        let node = self.schema(schema, Place { path: &path, namespace, ..place })?;
        Ok(Field {
            name: name.clone(),
            aliases: strings(item.get("aliases")).map(str::to_owned).collect(),
            doc: item.get("doc").and_then(Value::as_str).map(str::to_owned),
            default: item.get("default").cloned(),
            node,
        })
    }

    fn enumeration(&mut self, object: &Map<String, Value>, place: Place<'_>) -> Result<NodeId, FormatError> {
        let name = self.name(object, place)?;
        let symbols: Vec<String> = strings(object.get("symbols")).map(str::to_owned).collect();
        if symbols.is_empty() {
            return Err(invalid(place.path, format!("enum '{}' without 'symbols'", name.full)));
        }
        let default = object.get("default").and_then(Value::as_str).map(str::to_owned);
        if let Some(symbol) = &default
            && !symbols.contains(symbol)
        {
            return Err(invalid(place.path, format!("the default '{symbol}' is no symbol of '{}'", name.full)));
        }
        let id = self.add(Shape::Enum { name: name.clone(), symbols, default }, Logical::None, Attributes::default());
        self.define(&name, id, place)?;
        Ok(id)
    }

    fn fixed(
        &mut self,
        object: &Map<String, Value>,
        attributes: Attributes,
        place: Place<'_>,
    ) -> Result<NodeId, FormatError> {
        let name = self.name(object, place)?;
        let size = object.get("size").and_then(Value::as_u64).filter(|&size| size <= i32::MAX as u64);
        let size = size.ok_or_else(|| invalid(place.path, format!("fixed '{}' without 'size'", name.full)))?;
        let shape = Shape::Fixed { name: name.clone(), size: size as usize };
        let logical = logical(object, &shape);
        let id = self.add(shape, logical, attributes);
        self.define(&name, id, place)?;
        Ok(id)
    }
}

fn primitive(name: &str) -> Option<Shape> {
    Some(match name {
        "null" => Shape::Null,
        "boolean" => Shape::Boolean,
        "int" => Shape::Int,
        "long" => Shape::Long,
        "float" => Shape::Float,
        "double" => Shape::Double,
        "bytes" => Shape::Bytes,
        "string" => Shape::String,
        _ => return None,
    })
}

fn logical(object: &Map<String, Value>, shape: &Shape) -> Logical {
    let name = object.get("logicalType").and_then(Value::as_str).unwrap_or_default();
    match (shape, name) {
        (Shape::Int, "date") => Logical::Date,
        (Shape::Int, "time-millis") => Logical::TimeMillis,
        (Shape::Long, "timestamp-millis") => Logical::TimestampMillis,
        (Shape::Long, "timestamp-micros") => Logical::TimestampMicros,
        (Shape::Long, "timestamp-nanos") => Logical::TimestampNanos,
        (Shape::Long, "local-timestamp-millis") => Logical::LocalTimestampMillis,
        (Shape::Long, "local-timestamp-micros") => Logical::LocalTimestampMicros,
        (Shape::Long, "local-timestamp-nanos") => Logical::LocalTimestampNanos,
        (Shape::Bytes | Shape::Fixed { .. }, "decimal") => decimal(object),
        _ => Logical::None,
    }
}

/// DECIMAL when Flink can hold it; a wider one stays bytes.
fn decimal(object: &Map<String, Value>) -> Logical {
    let number = |key: &str| object.get(key).and_then(Value::as_u64);
    match (number("precision"), number("scale").unwrap_or(0)) {
        (Some(precision @ 1..=38), scale) if scale <= precision => {
            Logical::Decimal { precision: precision as u8, scale: scale as u8 }
        }
        _ => Logical::None,
    }
}

fn attributes(object: &Map<String, Value>) -> Attributes {
    let text = |key: &str| object.get(key).and_then(Value::as_str);
    let number = |key: &str| object.get(key).and_then(Value::as_u64);
    Attributes {
        connect_type: text("connect.type").map(str::to_owned),
        map_entry: text("connect.internal.type") == Some("MapEntry"),
        precision: number("flink.precision").filter(|&p| p <= 9).map(|p| p as u8),
        min_length: number("flink.minLength").and_then(|n| u32::try_from(n).ok()),
        max_length: number("flink.maxLength").and_then(|n| u32::try_from(n).ok()),
        multiset: text("flink.type") == Some("multiset"),
    }
}

fn strings(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn qualify(name: &str, namespace: &str) -> String {
    if name.contains('.') || namespace.is_empty() { name.to_owned() } else { format!("{namespace}.{name}") }
}

fn namespace_of(full: &str) -> &str {
    full.rsplit_once('.').map_or("", |(namespace, _)| namespace)
}

/// Java's Avro takes every Unicode letter and digit, so we do.
pub(crate) fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_') && chars.all(|c| c.is_alphanumeric() || c == '_')
}
