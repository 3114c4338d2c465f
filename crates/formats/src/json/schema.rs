//! [`Node`]: a JSON Schema as SQL sees it.
//!
//! JSON Schema describes constraints, not types. This is the part of it that Kafka Connect and Flink read as a type:
//! `type`, `properties`, `items`, `oneOf`/`anyOf`/`allOf`, `$ref`, `enum`, titles and the `connect.*` and `flink.*` keys.

use std::cell::Cell;

use hashbrown::HashMap;
use nutkin_types::{DataType, LogicalType};
use serde_json::Value;

use super::leaf;
use crate::error::FormatError;
use crate::mapping::MAX_FIELDS;
use crate::schema::{RegisteredSchema, SchemaKind};

/// Schemas nested or referring deeper are refused.
const MAX_DEPTH: usize = 64;

/// A type and, where SQL's type does not say it, how its JSON looks.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub data_type: DataType,
    pub form: Form,
}

/// Shape of the JSON.
#[derive(Debug, Clone)]
pub(crate) enum Form {
    Leaf,
    List(Box<Node>),
    /// An object for text keys, else an array of objects with key and value. Both forms are read for both.
    Map {
        key: Box<Node>,
        value: Box<Node>,
    },
    Row(Vec<Property>),
    /// A ROW with a field per branch, one of them set.
    Union(Vec<Branch>),
}

#[derive(Debug, Clone)]
pub(crate) struct Property {
    pub name: String,
    pub description: Option<String>,
    pub node: Node,
    /// True when the schema itself admits null; else an absent value is left out.
    pub null_allowed: bool,
    /// `connect.index`: its place among the columns.
    index: Option<u64>,
}

/// One branch of a `oneOf` and how to know it.
#[derive(Debug, Clone)]
pub(crate) struct Branch {
    pub node: Node,
    /// For objects: names that must, and names that may occur.
    pub required: Vec<String>,
    pub known: Vec<String>,
    /// False when unknown names are allowed.
    pub closed: bool,
}

/// Reads `schema`.
pub(crate) fn read(schema: &RegisteredSchema) -> Result<Node, FormatError> {
    let root = parse(&schema.text, "")?;
    let mut documents = HashMap::new();
    for reference in &schema.references {
        documents.insert(reference.name.as_str(), parse(&reference.text, &reference.name)?);
    }
    // A document may also be called by its own $id.
    let ids: Vec<(String, Value)> = documents
        .values()
        .filter_map(|document| Some((document.get("$id")?.as_str()?.to_owned(), document.clone())))
        .collect();
    let by_id: HashMap<String, Value> = ids.into_iter().collect();
    let reader = Reader { left: Cell::new(MAX_FIELDS), documents, by_id };
    reader.node(Place { schema: &root, document: &root, depth: 0, path: "" })
}

fn parse(text: &str, place: &str) -> Result<Value, FormatError> {
    serde_json::from_str(text).map_err(|error| invalid(place, error.to_string()))
}

pub(crate) fn invalid(path: &str, cause: impl Into<String>) -> FormatError {
    let place = if path.is_empty() { "its top level".to_owned() } else { format!("'{path}'") };
    FormatError::InvalidSchema { kind: SchemaKind::Json, place, cause: cause.into() }
}

pub(crate) fn unsupported(path: &str, what: impl Into<String>, remedy: &str) -> FormatError {
    FormatError::UnsupportedType {
        format: "JSON Schema",
        path: path.to_owned(),
        what: what.into(),
        remedy: remedy.to_owned(),
    }
}

struct Reader<'a> {
    /// Schemas that may still be read.
    left: Cell<usize>,
    documents: HashMap<&'a str, Value>,
    by_id: HashMap<String, Value>,
}

/// A schema, the document that its `#/...` references speak of, and where it stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    schema: &'a Value,
    document: &'a Value,
    depth: usize,
    path: &'a str,
}

impl<'a> Place<'a> {
    fn at(self, schema: &'a Value) -> Place<'a> {
        Place { schema, depth: self.depth + 1, ..self }
    }
}

impl Node {
    fn leaf(logical: LogicalType) -> Node {
        Node { data_type: logical.not_null(), form: Form::Leaf }
    }

    pub fn nullable(mut self, nullable: bool) -> Node {
        self.data_type.nullable |= nullable;
        self
    }
}

impl Reader<'_> {
    fn resolve<'a>(&'a self, place: Place<'a>) -> Result<Place<'a>, FormatError> {
        let mut place = place;
        while let Some(target) = place.schema.get("$ref").and_then(Value::as_str) {
            if place.depth > MAX_DEPTH {
                let remedy = "SQL types are finite: a schema may not contain itself";
                return Err(unsupported(place.path, format!("the recursive reference '{target}'"), remedy));
            }
            let (name, pointer) = target.split_once('#').unwrap_or((target, ""));
            let document = if name.is_empty() {
                place.document
            } else {
                self.documents
                    .get(name)
                    .or_else(|| self.by_id.get(name))
                    .ok_or_else(|| FormatError::MissingReference { kind: SchemaKind::Json, name: name.to_owned() })?
            };
            let schema = document
                .pointer(pointer)
                .ok_or_else(|| FormatError::MissingReference { kind: SchemaKind::Json, name: target.to_owned() })?;
            place = Place { schema, document, ..place.at(schema) };
        }
        Ok(place)
    }

    fn node(&self, place: Place<'_>) -> Result<Node, FormatError> {
        if place.depth > MAX_DEPTH {
            return Err(unsupported(place.path, "a schema this deep or recursive", "nest fewer than 64 levels"));
        }
        let Some(left) = self.left.get().checked_sub(1) else {
            return Err(unsupported(place.path, format!("more than {MAX_FIELDS} fields"), "split the schema"));
        };
        self.left.set(left);
        let place = self.resolve(place)?;
        let schema = place.schema;
        for keyword in ["oneOf", "anyOf"] {
            if let Some(Value::Array(branches)) = schema.get(keyword)
                && !(schema.get("type").is_some() && branches.iter().all(is_constraint))
            {
                return self.union(branches, place);
            }
        }
        if let Some(Value::Array(parts)) = schema.get("allOf") {
            return self.all_of(parts, place);
        }
        if let Some(Value::Array(values)) = schema.get("enum") {
            return Ok(Node::leaf(LogicalType::STRING).nullable(values.contains(&Value::Null)));
        }
        match schema.get("type") {
            Some(Value::Array(types)) => self.type_list(types, place),
            Some(Value::String(kind)) => self.typed(kind, place),
            None if schema.get("properties").is_some() => self.typed("object", place),
            None if schema.get("items").is_some() => self.typed("array", place),
            None => match schema.get("const") {
                Some(Value::String(_)) => Ok(Node::leaf(LogicalType::STRING)),
                Some(Value::Bool(_)) => Ok(Node::leaf(LogicalType::Boolean)),
                Some(Value::Number(number)) if number.is_f64() => Ok(Node::leaf(LogicalType::Double)),
                Some(Value::Number(_)) => Ok(Node::leaf(LogicalType::BigInt)),
                _ => Err(unsupported(place.path, "a schema without type", "give it a type")),
            },
            Some(_) => Err(invalid(place.path, "'type' is neither a name nor a list of names")),
        }
    }

    /// `"type": ["null", "string"]`, and lists of several types, which are unions.
    fn type_list(&self, types: &[Value], place: Place<'_>) -> Result<Node, FormatError> {
        let nullable = types.iter().any(|kind| kind == "null");
        let names: Vec<&str> = types.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect();
        match names.as_slice() {
            [] => Ok(Node { data_type: LogicalType::Null.nullable(), form: Form::Leaf }),
            [kind] => Ok(self.typed(kind, place)?.nullable(nullable)),
            names => {
                let branches = names.iter().map(|kind| Ok(self.branch(self.typed(kind, place)?, place)));
                Ok(union_of(branches.collect::<Result<_, FormatError>>()?, nullable))
            }
        }
    }

    fn typed(&self, kind: &str, place: Place<'_>) -> Result<Node, FormatError> {
        match kind {
            "null" => Ok(Node { data_type: LogicalType::Null.nullable(), form: Form::Leaf }),
            "boolean" => Ok(Node::leaf(LogicalType::Boolean)),
            "string" => Ok(Node::leaf(leaf::string_type(place.schema, place.path)?)),
            "number" | "integer" => Ok(Node::leaf(leaf::number_type(kind, place.schema, place.path)?)),
            "array" => self.array(place),
            "object" => self.object(place),
            other => Err(invalid(place.path, format!("unknown type '{other}'"))),
        }
    }

    fn array(&self, place: Place<'_>) -> Result<Node, FormatError> {
        let items = match place.schema.get("items") {
            Some(items @ (Value::Object(_) | Value::Bool(_))) => items,
            _ => return Err(unsupported(place.path, "an array without a schema for its items", "add 'items'")),
        };
        let element = self.node(place.at(items))?;
        if connect_type(place.schema) != Some("map") {
            let data_type = LogicalType::array(element.data_type.clone()).not_null();
            return Ok(Node { data_type, form: Form::List(Box::new(element)) });
        }
        let Form::Row(properties) = element.form else {
            return Err(unsupported(place.path, "a map whose items are no objects", "give them key and value"));
        };
        let find = |name: &str| properties.iter().find(|property| property.name == name);
        match (find("key"), find("value")) {
            (Some(key), Some(value)) => map(key, value, place),
            _ => Err(unsupported(place.path, "a map whose items lack key or value", "give them both")),
        }
    }

    fn object(&self, place: Place<'_>) -> Result<Node, FormatError> {
        let additional = place.schema.get("additionalProperties").filter(|schema| schema.is_object());
        let properties = place.schema.get("properties").and_then(Value::as_object).filter(|map| !map.is_empty());
        if let (Some(additional), true) =
            (additional, connect_type(place.schema) == Some("map") || properties.is_none())
        {
            let value = self.node(place.at(additional))?;
            return map_of(Node::leaf(LogicalType::STRING), value, place);
        }
        Ok(row_of(self.properties(place)?))
    }

    /// The properties, unsorted. Those not required are nullable.
    fn properties(&self, place: Place<'_>) -> Result<Vec<Property>, FormatError> {
        let required = names(place.schema.get("required"));
        let mut row = Vec::new();
        for (name, schema) in place.schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let path = if place.path.is_empty() { name.clone() } else { format!("{}.{name}", place.path) };
            let node = self.node(Place { path: &path, ..place.at(schema) })?;
            let null_allowed = node.data_type.nullable;
            row.push(Property {
                name: name.clone(),
                description: schema.get("description").and_then(Value::as_str).map(str::to_owned),
                node: node.nullable(!required.contains(name)),
                null_allowed,
                index: schema.get("connect.index").and_then(Value::as_u64),
            });
        }
        Ok(row)
    }

    /// null and one other: that other, nullable. Else `connect_union_field_<n>` (spec sql.md 2.4 no. 7).
    fn union(&self, schemas: &[Value], place: Place<'_>) -> Result<Node, FormatError> {
        let mut nullable = false;
        let mut branches = Vec::new();
        for schema in schemas {
            let inner = self.resolve(place.at(schema))?;
            let is_null = inner.schema.get("type").is_some_and(|kind| kind == "null")
                || inner.schema.get("const").is_some_and(Value::is_null);
            if is_null {
                nullable = true;
                continue;
            }
            let node = self.node(inner)?;
            branches.push(self.branch(node, inner));
        }
        match branches.len() {
            0 => Ok(Node { data_type: LogicalType::Null.nullable(), form: Form::Leaf }),
            1 => Ok(branches.swap_remove(0).node.nullable(nullable)),
            _ => Ok(union_of(branches, nullable)),
        }
    }

    fn branch(&self, node: Node, place: Place<'_>) -> Branch {
        let known = match &node.form {
            Form::Row(properties) => properties.iter().map(|property| property.name.clone()).collect(),
            _ => Vec::new(),
        };
        Branch {
            node,
            required: names(place.schema.get("required")),
            known,
            closed: place.schema.get("additionalProperties") == Some(&Value::Bool(false)),
        }
    }

    /// All parts at once: the properties of all of them, or the only part that has a type. What one part requires is required.
    fn all_of(&self, parts: &[Value], place: Place<'_>) -> Result<Node, FormatError> {
        let mut row = self.properties(place)?;
        let mut required = names(place.schema.get("required"));
        let mut other = None;
        for part in parts {
            let inner = self.resolve(place.at(part))?;
            required.extend(names(inner.schema.get("required")));
            if is_constraint(inner.schema) {
                continue;
            }
            let node = self.node(inner)?;
            match node.form {
                Form::Row(properties) => {
                    for property in properties {
                        row.retain(|known| known.name != property.name);
                        row.push(property);
                    }
                }
                _ => other = Some(node),
            }
        }
        for property in row.iter_mut().filter(|property| required.contains(&property.name)) {
            property.node.data_type.nullable = property.null_allowed;
        }
        match other {
            Some(node) if row.is_empty() => Ok(node),
            Some(_) => Err(unsupported(place.path, "an allOf of an object and another type", "use one of them")),
            None => Ok(row_of(row)),
        }
    }
}

/// True for a schema that narrows values and says nothing of their type, as `{"required": ["a"]}`.
fn is_constraint(schema: &Value) -> bool {
    let keywords = ["$ref", "type", "properties", "oneOf", "anyOf", "allOf", "enum", "const", "items"];
    keywords.iter().all(|keyword| schema.get(*keyword).is_none())
}

/// In the order that Connect wrote, else by name.
fn row_of(mut properties: Vec<Property>) -> Node {
    properties.sort_by(|a, b| {
        let index = |property: &Property| property.index.unwrap_or(u64::MAX);
        index(a).cmp(&index(b)).then_with(|| a.name.cmp(&b.name))
    });
    let fields = properties.iter().map(|property| nutkin_types::RowField {
        name: property.name.clone(),
        data_type: property.node.data_type.clone(),
        description: property.description.clone(),
    });
    let data_type = LogicalType::Row { fields: fields.collect() }.not_null();
    Node { data_type, form: Form::Row(properties) }
}

fn union_of(mut branches: Vec<Branch>, nullable: bool) -> Node {
    for branch in &mut branches {
        branch.node.data_type.nullable = true;
    }
    let fields = branches.iter().enumerate();
    let fields = fields.map(|(index, branch)| (format!("connect_union_field_{index}"), branch.node.data_type.clone()));
    let data_type = DataType::new(LogicalType::row(fields), nullable);
    Node { data_type, form: Form::Union(branches) }
}

fn map(key: &Property, value: &Property, place: Place<'_>) -> Result<Node, FormatError> {
    // Entries have no 'required': only what the schema itself says makes them nullable.
    let own = |property: &Property| {
        let mut node = property.node.clone();
        node.data_type.nullable = property.null_allowed;
        node
    };
    map_of(own(key), own(value), place)
}

fn map_of(key: Node, value: Node, place: Place<'_>) -> Result<Node, FormatError> {
    let is_multiset = place.schema.get("flink.type").is_some_and(|kind| kind == "multiset");
    let logical = if is_multiset {
        if value.data_type.logical != LogicalType::Int {
            let remedy = "the count of a multiset has connect.type int32";
            return Err(unsupported(place.path, format!("a multiset with counts of {}", value.data_type), remedy));
        }
        LogicalType::Multiset { element: Box::new(key.data_type.clone()) }
    } else {
        LogicalType::map(key.data_type.clone(), value.data_type.clone())
    };
    Ok(Node { data_type: logical.not_null(), form: Form::Map { key: Box::new(key), value: Box::new(value) } })
}

fn names(value: Option<&Value>) -> Vec<String> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

pub(crate) fn connect_type(schema: &Value) -> Option<&str> {
    schema.get("connect.type").and_then(Value::as_str)
}
