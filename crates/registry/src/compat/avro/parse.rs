//! From JSON to the graph of Avro types, with every rule of the specification that makes a text a schema.
//!
//! Nesting is bounded by the JSON reader (128 levels), so plain recursion is safe.

use serde_json::{Map, Value};

use super::{AvroSchema, Enum, Field, Fixed, Id, Kind, Name, Node, Order, Primitive, Record};
use crate::compat::{Invalid, Resolved};

const SCHEMA_RESERVED: [&str; 10] =
    ["doc", "fields", "items", "name", "namespace", "size", "symbols", "values", "type", "aliases"];
const FIELD_RESERVED: [&str; 6] = ["default", "doc", "name", "order", "type", "aliases"];

pub(super) fn parse(text: &str, references: &[Resolved]) -> Result<AvroSchema, Invalid> {
    let mut schema = AvroSchema::default();
    for reference in references {
        parse_text(&mut schema, &reference.schema)
            .map_err(|Invalid(why)| Invalid(format!("reference {}: {why}", reference.name)))?;
    }
    schema.foreign = schema.nodes.len();
    schema.root = parse_text(&mut schema, text)?;
    Ok(schema)
}

fn parse_text(schema: &mut AvroSchema, text: &str) -> Result<Id, Invalid> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(Invalid::new("the schema is empty"));
    }
    // A bare name is let through, as Avro's own parsers do.
    if Primitive::parse(trimmed).is_some() {
        return Reader { schema }.ty(&Value::String(trimmed.into()), None);
    }
    let value: Value = serde_json::from_str(trimmed).map_err(|e| Invalid(format!("not JSON: {e}")))?;
    Reader { schema }.ty(&value, None)
}

struct Reader<'a> {
    schema: &'a mut AvroSchema,
}

impl Reader<'_> {
    fn add(&mut self, kind: Kind, props: Vec<(String, Value)>) -> Id {
        self.schema.nodes.push(Node { kind, props });
        self.schema.nodes.len() - 1
    }

    fn ty(&mut self, value: &Value, space: Option<&str>) -> Result<Id, Invalid> {
        match value {
            Value::String(name) => self.reference(name, space),
            Value::Array(branches) => self.union(branches, space),
            Value::Object(attributes) => self.complex(attributes, space),
            other => Err(Invalid(format!("No type in schema: {other}"))),
        }
    }

    fn reference(&mut self, name: &str, space: Option<&str>) -> Result<Id, Invalid> {
        if let Some(primitive) = Primitive::parse(name) {
            return Ok(self.add(Kind::Primitive(primitive), Vec::new()));
        }
        let in_space = Name::new(name, space).full();
        let names = &self.schema.names;
        let known = names.get(&in_space).or_else(|| names.get(&Name::new(name, None).full()));
        known.copied().ok_or_else(|| Invalid(format!("\"{name}\" is not a defined name")))
    }

    fn union(&mut self, branches: &[Value], space: Option<&str>) -> Result<Id, Invalid> {
        let mut ids = Vec::with_capacity(branches.len());
        let mut seen = std::collections::HashSet::new();
        for branch in branches {
            let id = self.ty(branch, space)?;
            if matches!(self.schema.kind(id), Kind::Union(_)) {
                return Err(Invalid::new("Nested union: a union may not directly contain another union"));
            }
            let name = match self.schema.kind(id) {
                // The type around a recursive union is not finished yet: it is known by its name only.
                Kind::Pending => self.pending_name(id),
                _ => self.schema.type_name(id),
            };
            if !seen.insert(name.clone()) {
                return Err(Invalid(format!("Duplicate in union: {name}")));
            }
            ids.push(id);
        }
        Ok(self.add(Kind::Union(ids), Vec::new()))
    }

    fn pending_name(&self, id: Id) -> String {
        self.schema.names.iter().find(|(_, known)| **known == id).map(|(name, _)| name.clone()).unwrap_or_default()
    }

    fn complex(&mut self, attributes: &Map<String, Value>, space: Option<&str>) -> Result<Id, Invalid> {
        let Some(Value::String(ty)) = attributes.get("type") else {
            return Err(Invalid(format!("No type: {}", abbreviated(attributes))));
        };
        match ty.as_str() {
            "record" | "error" => self.record(attributes, ty == "error", space),
            "enum" => self.enumeration(attributes, space),
            "fixed" => self.fixed(attributes, space),
            "array" => {
                let items = attributes.get("items").ok_or_else(|| missing("array", "items", attributes))?;
                let items = self.ty(items, space)?;
                Ok(self.add(Kind::Array(items), props(attributes, &SCHEMA_RESERVED)))
            }
            "map" => {
                let values = attributes.get("values").ok_or_else(|| missing("map", "values", attributes))?;
                let values = self.ty(values, space)?;
                Ok(self.add(Kind::Map(values), props(attributes, &SCHEMA_RESERVED)))
            }
            name => match Primitive::parse(name) {
                Some(primitive) => Ok(self.add(Kind::Primitive(primitive), props(attributes, &SCHEMA_RESERVED))),
                // `{"type": "Name"}` means the named type.
                None => self.reference(name, space),
            },
        }
    }

    /// Reads and reserves the name of a named type.
    fn declare(&mut self, attributes: &Map<String, Value>, space: Option<&str>) -> Result<(Id, Name), Invalid> {
        let written = text(attributes, "name")?
            .ok_or_else(|| Invalid(format!("No name in schema: {}", abbreviated(attributes))))?;
        let name = Name::new(written, text(attributes, "namespace")?.or(space));
        valid_name(&name.simple)?;
        if Primitive::parse(&name.full()).is_some() {
            return Err(Invalid(format!("Schemas may not be named after primitives: {}", name.simple)));
        }
        let id = self.add(Kind::Pending, Vec::new());
        if self.schema.names.insert(name.full(), id).is_some() {
            return Err(Invalid(format!("Can't redefine: {}", name.full())));
        }
        Ok((id, name))
    }

    fn record(&mut self, attributes: &Map<String, Value>, error: bool, space: Option<&str>) -> Result<Id, Invalid> {
        let (id, name) = self.declare(attributes, space)?;
        let Some(Value::Array(written)) = attributes.get("fields") else {
            return Err(Invalid(format!("Record has no fields: {}", name.full())));
        };
        let inner = name.namespace.clone();
        let mut fields: Vec<Field> = Vec::with_capacity(written.len());
        let mut seen = std::collections::HashSet::new();
        for field in written {
            let field = self.field(field, inner.as_deref())?;
            if !seen.insert(field.name.clone()) {
                return Err(Invalid(format!("Duplicate field {} in record {}", field.name, name.full())));
            }
            fields.push(field);
        }
        let aliases = aliases(attributes, name.namespace.as_deref())?;
        let doc = text(attributes, "doc")?.map(str::to_owned);
        self.schema.nodes[id] = Node {
            kind: Kind::Record(Record { name, error, doc, aliases, fields }),
            props: props(attributes, &SCHEMA_RESERVED),
        };
        Ok(id)
    }

    fn field(&mut self, value: &Value, space: Option<&str>) -> Result<Field, Invalid> {
        let Value::Object(attributes) = value else {
            return Err(Invalid(format!("No field name: a field must be an object, not {value}")));
        };
        let name =
            text(attributes, "name")?.ok_or_else(|| Invalid(format!("No field name: {}", abbreviated(attributes))))?;
        valid_name(name)?;
        let ty = attributes.get("type").ok_or_else(|| Invalid(format!("No field type: field {name}")))?;
        let ty = self.ty(ty, space).map_err(|Invalid(why)| Invalid(format!("field {name}: {why}")))?;
        let order = match text(attributes, "order")?.map(str::to_ascii_lowercase).as_deref() {
            None | Some("ascending") => None,
            Some("descending") => Some(Order::Descending),
            Some("ignore") => Some(Order::Ignore),
            Some(other) => return Err(Invalid(format!("field {name}: invalid order {other}"))),
        };
        Ok(Field {
            name: name.to_owned(),
            ty,
            doc: text(attributes, "doc")?.map(str::to_owned),
            default: attributes.get("default").cloned(),
            order,
            aliases: strings(attributes, "aliases")?,
            props: props(attributes, &FIELD_RESERVED),
        })
    }

    fn enumeration(&mut self, attributes: &Map<String, Value>, space: Option<&str>) -> Result<Id, Invalid> {
        let (id, name) = self.declare(attributes, space)?;
        if !matches!(attributes.get("symbols"), Some(Value::Array(_))) {
            return Err(Invalid(format!("Enum has no symbols: {}", name.full())));
        }
        let symbols = strings(attributes, "symbols")?;
        let mut seen = std::collections::HashSet::new();
        for symbol in &symbols {
            valid_name(symbol)?;
            if !seen.insert(symbol) {
                return Err(Invalid(format!("Duplicate enum symbol: {symbol}")));
            }
        }
        let default = text(attributes, "default")?.map(str::to_owned);
        if let Some(default) = &default
            && !symbols.contains(default)
        {
            return Err(Invalid(format!("The Enum Default: {default} is not in the enum symbol set: {symbols:?}")));
        }
        let aliases = aliases(attributes, name.namespace.as_deref())?;
        let doc = text(attributes, "doc")?.map(str::to_owned);
        let mut props = props(attributes, &SCHEMA_RESERVED);
        props.retain(|(key, _)| key != "default");
        self.schema.nodes[id] = Node { kind: Kind::Enum(Enum { name, doc, aliases, symbols, default }), props };
        Ok(id)
    }

    fn fixed(&mut self, attributes: &Map<String, Value>, space: Option<&str>) -> Result<Id, Invalid> {
        let (id, name) = self.declare(attributes, space)?;
        let size = attributes.get("size").and_then(Value::as_u64).filter(|size| *size <= i32::MAX as u64);
        let size = size.ok_or_else(|| Invalid(format!("Invalid or no size: {}", name.full())))?;
        let aliases = aliases(attributes, name.namespace.as_deref())?;
        let doc = text(attributes, "doc")?.map(str::to_owned);
        self.schema.nodes[id] =
            Node { kind: Kind::Fixed(Fixed { name, doc, aliases, size }), props: props(attributes, &SCHEMA_RESERVED) };
        Ok(id)
    }
}

fn aliases(attributes: &Map<String, Value>, space: Option<&str>) -> Result<Vec<Name>, Invalid> {
    Ok(strings(attributes, "aliases")?.iter().map(|alias| Name::new(alias, space)).collect())
}

fn props(attributes: &Map<String, Value>, reserved: &[&str]) -> Vec<(String, Value)> {
    let own = attributes.iter().filter(|(key, _)| !reserved.contains(&key.as_str()));
    own.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn text<'a>(attributes: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>, Invalid> {
    match attributes.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(Invalid(format!("{key} must be a string, not {other}"))),
    }
}

fn strings(attributes: &Map<String, Value>, key: &str) -> Result<Vec<String>, Invalid> {
    let wrong = || Invalid(format!("{key} must be an array of strings"));
    match attributes.get(key) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => {
            items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
        }
        Some(_) => Err(wrong()),
    }
}

fn valid_name(name: &str) -> Result<(), Invalid> {
    let mut chars = name.chars();
    let first = chars.next().ok_or_else(|| Invalid::new("Empty name"))?;
    if !(first.is_alphabetic() || first == '_') {
        return Err(Invalid(format!("Illegal initial character: {name}")));
    }
    if chars.all(|c| c.is_alphanumeric() || c == '_') {
        Ok(())
    } else {
        Err(Invalid(format!("Illegal character in: {name}")))
    }
}

fn missing(ty: &str, attribute: &str, attributes: &Map<String, Value>) -> Invalid {
    Invalid(format!("No {attribute} in {ty}: {}", abbreviated(attributes)))
}

fn abbreviated(attributes: &Map<String, Value>) -> String {
    let text = Value::Object(attributes.clone()).to_string();
    if text.chars().count() <= 120 { text } else { text.chars().take(117).chain("...".chars()).collect() }
}
