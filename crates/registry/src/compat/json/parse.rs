//! From JSON to the graph of JSON Schema nodes.
//!
//! Places (document and pointer) are read from a queue, one node each, so that neither nesting nor
//! chains of references use the stack. A keyword of the wrong shape makes the schema invalid.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use serde_json::{Map, Value};

use super::refs::{Documents, Place};
use super::{Array, Criterion, Id, JsonSchema, Kind, Node, Number, Object, Rest, Text};
use crate::compat::{Invalid, Resolved};

const MAX_NODES: usize = 50_000;
const TYPES: [&str; 7] = ["string", "integer", "number", "boolean", "null", "object", "array"];

pub(super) fn parse(text: &str, references: &[Resolved]) -> Result<JsonSchema, Invalid> {
    let value: Value = serde_json::from_str(text).map_err(|e| Invalid(format!("not JSON: {e}")))?;
    let documents = Documents::new(&value, references)?;
    let mut reader = Reader { documents, nodes: Vec::new(), ids: HashMap::new(), queue: VecDeque::new() };
    let root = reader.place(Place { doc: 0, pointer: String::new() })?;
    while let Some((place, id)) = reader.queue.pop_front() {
        let node = reader.node(&place).map_err(|Invalid(why)| Invalid(format!("#{}: {why}", place.pointer)))?;
        reader.nodes[id] = node;
    }
    let schema = JsonSchema { value, nodes: reader.nodes, root };
    refuse_endless_references(&schema)?;
    Ok(schema)
}

fn refuse_endless_references(schema: &JsonSchema) -> Result<(), Invalid> {
    for start in 0..schema.nodes.len() {
        let (mut id, mut steps) = (start, 0);
        while let Kind::Alias(target) = schema.nodes[id].kind {
            (id, steps) = (target, steps + 1);
            if steps > schema.nodes.len() {
                return Err(Invalid::new("a $ref leads only to itself"));
            }
        }
    }
    Ok(())
}

struct Reader {
    documents: Documents,
    nodes: Vec<Node>,
    ids: HashMap<Place, Id>,
    queue: VecDeque<(Place, Id)>,
}

impl Reader {
    fn add(&mut self, kind: Kind) -> Result<Id, Invalid> {
        if self.nodes.len() >= MAX_NODES {
            return Err(Invalid(format!("more than {MAX_NODES} subschemas")));
        }
        self.nodes.push(Node { kind, defaulted: false, connect_bytes: false });
        Ok(self.nodes.len() - 1)
    }

    /// The node of a place, to be read later.
    fn place(&mut self, place: Place) -> Result<Id, Invalid> {
        if let Some(id) = self.ids.get(&place) {
            return Ok(*id);
        }
        let id = self.add(Kind::Any)?;
        self.ids.insert(place.clone(), id);
        self.queue.push_back((place, id));
        Ok(id)
    }

    fn node(&mut self, place: &Place) -> Result<Node, Invalid> {
        let value = self.documents.at(place).cloned().unwrap_or(Value::Bool(true));
        let entries = match value {
            Value::Bool(allowed) => {
                let kind = if allowed { Kind::Any } else { Kind::Never };
                return Ok(Node { kind, defaulted: false, connect_bytes: false });
            }
            Value::Object(entries) => entries,
            other => return Err(Invalid(format!("a schema must be an object or a boolean, not {other}"))),
        };
        let at = At { place, entries: &entries };
        let mut parts = Vec::new();
        if let Some(reference) = entries.get("$ref").or_else(|| entries.get("$dynamicRef")) {
            let reference = reference.as_str().ok_or_else(|| Invalid::new("$ref must be a string"))?;
            parts.push(match self.documents.resolve(place, reference)? {
                Some(target) => Kind::Alias(self.place(target)?),
                None => Kind::Any,
            });
        }
        // Before draft 2019-09 a $ref hides what stands beside it.
        if parts.is_empty() || self.modern() {
            self.typed(&at, &mut parts)?;
            self.combined(&at, &mut parts)?;
        }
        let kind = match parts.len() {
            0 => Kind::Any,
            1 => parts.swap_remove(0),
            _ => {
                let ids = parts.into_iter().map(|kind| self.add(kind)).collect::<Result<_, _>>()?;
                Kind::Combined(Criterion::All, ids)
            }
        };
        let connect_bytes = entries.get("connect.type").is_some_and(|ty| ty == "bytes");
        Ok(Node { kind, defaulted: entries.contains_key("default"), connect_bytes })
    }

    fn modern(&self) -> bool {
        let draft = self.documents.docs[0].get("$schema").and_then(Value::as_str).unwrap_or_default();
        draft.contains("2019-09") || draft.contains("2020-12")
    }

    /// The parts that `type`, or keywords that belong to one type, ask for.
    fn typed(&mut self, at: &At<'_>, parts: &mut Vec<Kind>) -> Result<(), Invalid> {
        match at.entries.get("type") {
            None => {
                for (ty, keywords) in IMPLIED {
                    if keywords.iter().any(|keyword| at.entries.contains_key(*keyword)) {
                        parts.push(self.of_type(at, ty)?);
                    }
                }
            }
            Some(Value::String(ty)) => parts.push(self.of_type(at, ty)?),
            Some(Value::Array(types)) if types.len() == 1 => {
                parts.push(self.of_type(at, types[0].as_str().unwrap_or_default())?);
            }
            Some(Value::Array(types)) if !types.is_empty() => {
                let mut ids = Vec::with_capacity(types.len());
                for ty in types {
                    let kind = self.of_type(at, ty.as_str().unwrap_or_default())?;
                    ids.push(self.add(kind)?);
                }
                parts.push(Kind::Combined(Criterion::Any, ids));
            }
            Some(other) => return Err(Invalid(format!("type must be a name or an array of names, not {other}"))),
        }
        Ok(())
    }

    fn of_type(&mut self, at: &At<'_>, ty: &str) -> Result<Kind, Invalid> {
        Ok(match ty {
            "string" => Kind::Text(Text {
                max_length: at.count("maxLength")?,
                min_length: at.count("minLength")?,
                pattern: at.text("pattern")?,
            }),
            "integer" | "number" => Kind::Number(number(at, ty == "integer")?),
            "boolean" => Kind::Boolean,
            "null" => Kind::Null,
            "object" => Kind::Object(Box::new(self.object(at)?)),
            "array" => Kind::Array(Box::new(self.array(at)?)),
            other => return Err(Invalid(format!("unknown type: [{other}]; the types are {}", TYPES.join(", ")))),
        })
    }

    fn combined(&mut self, at: &At<'_>, parts: &mut Vec<Kind>) -> Result<(), Invalid> {
        if let Some(values) = at.entries.get("enum") {
            let values = values.as_array().ok_or_else(|| Invalid::new("enum must be an array"))?;
            parts.push(Kind::Enum(values.clone()));
        }
        if let Some(value) = at.entries.get("const") {
            parts.push(Kind::Const(value.clone()));
        }
        for criterion in [Criterion::All, Criterion::Any, Criterion::One] {
            let keyword = criterion.keyword();
            if at.entries.contains_key(keyword) {
                let ids = self.list(at, keyword)?;
                if ids.is_empty() {
                    return Err(Invalid(format!("{keyword} must not be empty")));
                }
                parts.push(Kind::Combined(criterion, ids));
            }
        }
        if let Some(not) = self.child(at, "not")? {
            parts.push(Kind::Not(not));
        }
        if let Some(condition) = self.child(at, "if")? {
            let (then, otherwise) = (self.child(at, "then")?, self.child(at, "else")?);
            parts.push(Kind::Conditional { condition, then, otherwise });
        }
        Ok(())
    }

    fn object(&mut self, at: &At<'_>) -> Result<Object, Invalid> {
        let mut object = Object {
            properties: self.map(at, "properties")?,
            required: at.names("required")?,
            additional: self.rest(at, "additionalProperties")?,
            unevaluated: self.child(at, "unevaluatedProperties")?,
            max_properties: at.count("maxProperties")?,
            min_properties: at.count("minProperties")?,
            dependent_schemas: self.map(at, "dependentSchemas")?,
            ..Object::default()
        };
        for (pattern, id) in self.map(at, "patternProperties")? {
            // A pattern beyond this engine (look-around) matches no name here.
            object.patterns.push((regex::Regex::new(&pattern).ok(), id));
        }
        self.child(at, "propertyNames")?;
        for keyword in ["dependencies", "dependentRequired"] {
            for (key, value) in at.object(keyword)? {
                match value {
                    Value::Array(names) => {
                        let names = names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect();
                        object.dependent_required.insert(key.clone(), names);
                    }
                    _ => {
                        let id = self.place(at.inside(&[keyword, key]))?;
                        object.dependent_schemas.insert(key.clone(), id);
                    }
                }
            }
        }
        Ok(object)
    }

    fn array(&mut self, at: &At<'_>) -> Result<Array, Invalid> {
        let mut array = Array {
            unevaluated: self.child(at, "unevaluatedItems")?,
            max_items: at.count("maxItems")?,
            min_items: at.count("minItems")?,
            max_contains: at.count("maxContains")?,
            min_contains: at.count("minContains")?,
            unique: at.entries.get("uniqueItems").and_then(Value::as_bool).unwrap_or(false),
            ..Array::default()
        };
        self.child(at, "contains")?;
        if at.entries.contains_key("prefixItems") {
            array.tuple = self.list(at, "prefixItems")?;
            array.additional = self.rest(at, "items")?;
        } else if matches!(at.entries.get("items"), Some(Value::Array(_))) {
            array.tuple = self.list(at, "items")?;
            array.additional = self.rest(at, "additionalItems")?;
        } else {
            array.items = self.child(at, "items")?;
        }
        Ok(array)
    }

    fn child(&mut self, at: &At<'_>, keyword: &str) -> Result<Option<Id>, Invalid> {
        at.entries.contains_key(keyword).then(|| self.place(at.inside(&[keyword]))).transpose()
    }

    fn rest(&mut self, at: &At<'_>, keyword: &str) -> Result<Rest, Invalid> {
        Ok(match at.entries.get(keyword) {
            None | Some(Value::Bool(true)) => Rest::Open,
            Some(Value::Bool(false)) => Rest::Closed,
            Some(_) => Rest::Schema(self.place(at.inside(&[keyword]))?),
        })
    }

    fn list(&mut self, at: &At<'_>, keyword: &str) -> Result<Vec<Id>, Invalid> {
        let items = at.entries.get(keyword).and_then(Value::as_array);
        let count = items.ok_or_else(|| Invalid(format!("{keyword} must be an array of schemas")))?.len();
        (0..count).map(|index| self.place(at.inside(&[keyword, &index.to_string()]))).collect()
    }

    fn map(&mut self, at: &At<'_>, keyword: &str) -> Result<BTreeMap<String, Id>, Invalid> {
        let mut ids = BTreeMap::new();
        for (key, _) in at.object(keyword)? {
            ids.insert(key.clone(), self.place(at.inside(&[keyword, key]))?);
        }
        Ok(ids)
    }
}

/// Keywords that make a schema one of a type that it does not spell out.
const IMPLIED: [(&str, &[&str]); 4] = [
    (
        "object",
        &[
            "properties",
            "required",
            "additionalProperties",
            "patternProperties",
            "maxProperties",
            "minProperties",
            "dependencies",
            "dependentRequired",
            "dependentSchemas",
            "propertyNames",
            "unevaluatedProperties",
        ],
    ),
    (
        "array",
        &[
            "items",
            "prefixItems",
            "additionalItems",
            "maxItems",
            "minItems",
            "uniqueItems",
            "contains",
            "unevaluatedItems",
        ],
    ),
    ("number", &["maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "multipleOf"]),
    ("string", &["maxLength", "minLength", "pattern"]),
];

fn number(at: &At<'_>, integer: bool) -> Result<Number, Invalid> {
    let mut number = Number {
        integer,
        maximum: at.number("maximum")?,
        minimum: at.number("minimum")?,
        multiple_of: at.number("multipleOf")?,
        ..Number::default()
    };
    // Draft 4 writes `exclusiveMaximum: true` beside the limit; later drafts write the limit itself.
    match at.entries.get("exclusiveMaximum") {
        Some(Value::Bool(true)) => number.exclusive_maximum = number.maximum.take(),
        Some(Value::Bool(false)) => {}
        _ => number.exclusive_maximum = at.number("exclusiveMaximum")?,
    }
    match at.entries.get("exclusiveMinimum") {
        Some(Value::Bool(true)) => number.exclusive_minimum = number.minimum.take(),
        Some(Value::Bool(false)) => {}
        _ => number.exclusive_minimum = at.number("exclusiveMinimum")?,
    }
    Ok(number)
}

/// One schema object and where it stands.
struct At<'a> {
    place: &'a Place,
    entries: &'a Map<String, Value>,
}

impl At<'_> {
    fn inside(&self, keys: &[&str]) -> Place {
        let mut pointer = self.place.pointer.clone();
        for key in keys {
            pointer.push('/');
            pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
        }
        Place { doc: self.place.doc, pointer }
    }

    fn number(&self, keyword: &str) -> Result<Option<f64>, Invalid> {
        let wrong = || Invalid(format!("{keyword} must be a number"));
        self.entries.get(keyword).map(|value| value.as_f64().ok_or_else(wrong)).transpose()
    }

    fn count(&self, keyword: &str) -> Result<Option<f64>, Invalid> {
        match self.number(keyword)? {
            Some(count) if count < 0.0 || count.fract() != 0.0 => {
                Err(Invalid(format!("{keyword} must be a non-negative integer")))
            }
            count => Ok(count),
        }
    }

    fn text(&self, keyword: &str) -> Result<Option<String>, Invalid> {
        let wrong = || Invalid(format!("{keyword} must be a string"));
        self.entries.get(keyword).map(|value| value.as_str().map(str::to_owned).ok_or_else(wrong)).transpose()
    }

    fn names(&self, keyword: &str) -> Result<BTreeSet<String>, Invalid> {
        let wrong = || Invalid(format!("{keyword} must be an array of strings"));
        match self.entries.get(keyword) {
            None => Ok(BTreeSet::new()),
            // Draft 3 writes `required` as a boolean on the property.
            Some(Value::Bool(_)) => Ok(BTreeSet::new()),
            Some(Value::Array(items)) => {
                items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
            }
            Some(_) => Err(wrong()),
        }
    }

    fn object(&self, keyword: &str) -> Result<impl Iterator<Item = (&String, &Value)>, Invalid> {
        match self.entries.get(keyword) {
            None => Ok(None.into_iter().flatten()),
            Some(Value::Object(entries)) => Ok(Some(entries.iter()).into_iter().flatten()),
            Some(other) => Err(Invalid(format!("{keyword} must be an object, not {other}"))),
        }
    }
}
