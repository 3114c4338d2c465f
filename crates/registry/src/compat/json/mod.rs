//! JSON Schema (drafts 4 to 2020-12): validation, canonical text, compatibility.
//!
//! A schema becomes an arena of nodes in which `$ref` is an index, so that recursive schemas are
//! plain cycles. One JSON object can ask for several things (a type, an enum, a `oneOf`); such an
//! object is an `allOf` of one node each. The canonical text is the JSON without layout, its key
//! order kept; normalising sorts the keys.

mod array;
mod diff;
mod object;
mod parse;
mod refs;
mod scalar;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Invalid, Resolved};

pub(crate) use diff::reads;

/// Index of a node in its schema.
pub(crate) type Id = usize;

/// A parsed JSON Schema.
#[derive(Debug, Clone)]
pub struct JsonSchema {
    value: Value,
    nodes: Vec<Node>,
    root: Id,
}

#[derive(Debug, Clone)]
struct Node {
    kind: Kind,
    /// The schema gives a default value.
    defaulted: bool,
    /// Marked as bytes by Kafka Connect: such types count as equal, whatever they are.
    connect_bytes: bool,
}

#[derive(Debug, Clone)]
enum Kind {
    /// `true` or `{}`.
    Any,
    /// `false`.
    Never,
    Null,
    Boolean,
    Text(Text),
    Number(Number),
    Object(Box<Object>),
    Array(Box<Array>),
    Enum(Vec<Value>),
    Const(Value),
    Combined(Criterion, Vec<Id>),
    Not(Id),
    Conditional {
        condition: Id,
        then: Option<Id>,
        otherwise: Option<Id>,
    },
    /// A `$ref`.
    Alias(Id),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Criterion {
    All,
    Any,
    One,
}

impl Criterion {
    fn keyword(self) -> &'static str {
        match self {
            Self::All => "allOf",
            Self::Any => "anyOf",
            Self::One => "oneOf",
        }
    }
}

#[derive(Debug, Clone, Default)]
struct Text {
    max_length: Option<f64>,
    min_length: Option<f64>,
    pattern: Option<String>,
}

#[derive(Debug, Clone, Default)]
struct Number {
    integer: bool,
    maximum: Option<f64>,
    minimum: Option<f64>,
    exclusive_maximum: Option<f64>,
    exclusive_minimum: Option<f64>,
    multiple_of: Option<f64>,
}

/// What a content model says about properties or items it does not list.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Rest {
    /// Anything (the keyword is absent or true).
    #[default]
    Open,
    /// Nothing.
    Closed,
    /// What this schema lets through.
    Schema(Id),
}

#[derive(Debug, Clone, Default)]
struct Object {
    properties: BTreeMap<String, Id>,
    required: BTreeSet<String>,
    patterns: Vec<(Option<regex::Regex>, Id)>,
    additional: Rest,
    unevaluated: Option<Id>,
    max_properties: Option<f64>,
    min_properties: Option<f64>,
    dependent_required: BTreeMap<String, BTreeSet<String>>,
    dependent_schemas: BTreeMap<String, Id>,
}

#[derive(Debug, Clone, Default)]
struct Array {
    /// Every item.
    items: Option<Id>,
    /// Items by position.
    tuple: Vec<Id>,
    additional: Rest,
    unevaluated: Option<Id>,
    max_items: Option<f64>,
    min_items: Option<f64>,
    max_contains: Option<f64>,
    min_contains: Option<f64>,
    unique: bool,
}

impl JsonSchema {
    /// Parses `text`; `$ref`s may name `references`.
    pub fn parse(text: &str, references: &[Resolved]) -> Result<Self, Invalid> {
        parse::parse(text, references)
    }

    /// The text to store.
    pub fn canonical(&self) -> String {
        self.value.to_string()
    }

    /// The text with sorted keys.
    pub fn normalized(&self) -> String {
        sorted(&self.value).to_string()
    }

    /// The node behind any chain of `$ref`s.
    fn deref(&self, mut id: Id) -> Id {
        // Parsing refuses chains of references that only lead to each other.
        while let Kind::Alias(target) = self.nodes[id].kind {
            id = target;
        }
        id
    }

    fn kind(&self, id: Id) -> &Kind {
        &self.nodes[self.deref(id)].kind
    }
}

/// `value` with the keys of every object in order.
pub(crate) fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        Value::Object(entries) => {
            let ordered: BTreeMap<_, _> = entries.iter().collect();
            Value::Object(ordered.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}
