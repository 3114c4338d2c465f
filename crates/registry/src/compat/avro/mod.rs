//! Avro schemas: parsing and validation, canonical and normalised text, schema resolution.
//!
//! A schema is an arena of nodes so that recursive named types are plain indices. The canonical text
//! is the one Avro's Java library prints (that is what Confluent's registry stores): no layout, a
//! fixed order of attributes, names relative to the enclosing namespace, everything else kept.
//! Field defaults are not checked against their types, as in Confluent's registry by default.

mod parse;
mod print;
mod resolve;

use std::collections::HashMap;

use serde_json::Value;

use super::{Invalid, Resolved};

pub(crate) use resolve::reads;

/// Index of a node in its schema.
pub(crate) type Id = usize;

/// A parsed Avro schema.
#[derive(Debug, Clone, Default)]
pub struct AvroSchema {
    nodes: Vec<Node>,
    names: HashMap<String, Id>,
    /// Named types that come from references: printed by name, never spelled out.
    foreign: usize,
    root: Id,
}

#[derive(Debug, Clone)]
struct Node {
    kind: Kind,
    /// Attributes Avro does not define for this kind, `logicalType` included, in order.
    props: Vec<(String, Value)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Primitive(Primitive),
    Array(Id),
    Map(Id),
    Union(Vec<Id>),
    Record(Record),
    Enum(Enum),
    Fixed(Fixed),
    /// A named type whose body is being read.
    Pending,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Primitive {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
}

const PRIMITIVES: [(&str, Primitive); 8] = [
    ("null", Primitive::Null),
    ("boolean", Primitive::Boolean),
    ("int", Primitive::Int),
    ("long", Primitive::Long),
    ("float", Primitive::Float),
    ("double", Primitive::Double),
    ("bytes", Primitive::Bytes),
    ("string", Primitive::String),
];

impl Primitive {
    fn parse(name: &str) -> Option<Self> {
        PRIMITIVES.iter().find(|(known, _)| *known == name).map(|(_, primitive)| *primitive)
    }

    fn name(self) -> &'static str {
        PRIMITIVES.iter().find(|(_, primitive)| *primitive == self).map_or("null", |(name, _)| name)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Name {
    simple: String,
    namespace: Option<String>,
}

impl Name {
    /// `name` as written, in the scope of `namespace` unless it has dots itself.
    fn new(name: &str, namespace: Option<&str>) -> Self {
        let (space, simple) = match name.rsplit_once('.') {
            Some((space, simple)) => (Some(space), simple),
            None => (namespace, name),
        };
        Self { simple: simple.to_owned(), namespace: space.filter(|space| !space.is_empty()).map(str::to_owned) }
    }

    fn full(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{namespace}.{}", self.simple),
            None => self.simple.clone(),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Record {
    name: Name,
    error: bool,
    doc: Option<String>,
    aliases: Vec<Name>,
    fields: Vec<Field>,
}

#[derive(Debug, Clone, PartialEq)]
struct Field {
    name: String,
    ty: Id,
    doc: Option<String>,
    default: Option<Value>,
    order: Option<Order>,
    aliases: Vec<String>,
    props: Vec<(String, Value)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Descending,
    Ignore,
}

#[derive(Debug, Clone, PartialEq)]
struct Enum {
    name: Name,
    doc: Option<String>,
    aliases: Vec<Name>,
    symbols: Vec<String>,
    default: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
struct Fixed {
    name: Name,
    doc: Option<String>,
    aliases: Vec<Name>,
    size: u64,
}

impl AvroSchema {
    /// Parses `text` with the named types of `references` known.
    pub fn parse(text: &str, references: &[Resolved]) -> Result<Self, Invalid> {
        parse::parse(text, references)
    }

    /// The text to store.
    pub fn canonical(&self) -> String {
        print::canonical(self)
    }

    /// The text with full names and sorted attributes.
    pub fn normalized(&self) -> String {
        print::normalized(self)
    }

    fn kind(&self, id: Id) -> &Kind {
        &self.nodes[id].kind
    }

    /// The name of a named type.
    fn name_of(&self, id: Id) -> Option<&Name> {
        match self.kind(id) {
            Kind::Record(record) => Some(&record.name),
            Kind::Enum(symbols) => Some(&symbols.name),
            Kind::Fixed(fixed) => Some(&fixed.name),
            _ => None,
        }
    }

    /// The type's name in messages and in the rule that a union holds each type once.
    fn type_name(&self, id: Id) -> String {
        match self.kind(id) {
            Kind::Primitive(primitive) => primitive.name().to_owned(),
            Kind::Array(_) => "array".into(),
            Kind::Map(_) => "map".into(),
            Kind::Union(_) => "union".into(),
            Kind::Pending => "record".into(),
            _ => self.name_of(id).map(Name::full).unwrap_or_default(),
        }
    }

    /// The type's kind in messages: `RECORD`, `LONG`, ...
    fn kind_name(&self, id: Id) -> String {
        match self.kind(id) {
            Kind::Record(_) | Kind::Pending => "RECORD".into(),
            Kind::Enum(_) => "ENUM".into(),
            Kind::Fixed(_) => "FIXED".into(),
            _ => self.type_name(id).to_ascii_uppercase(),
        }
    }
}
