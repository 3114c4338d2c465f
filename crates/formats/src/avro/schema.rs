//! [`AvroSchema`]: a parsed Avro schema with every name resolved.
//!
//! Types are nodes of an arena and refer to each other by index, so recursive types need no pointers. Attributes that
//! this crate has no use for are dropped; an invalid logical type is ignored, as the Avro specification asks.

use serde_json::Value;

/// Index of a [`Node`].
pub(crate) type NodeId = usize;

/// One schema with everything it refers to.
#[derive(Debug)]
pub(crate) struct AvroSchema {
    pub nodes: Vec<Node>,
    pub root: NodeId,
}

/// A type and its attributes.
#[derive(Debug)]
pub(crate) struct Node {
    pub shape: Shape,
    pub logical: Logical,
    pub attributes: Attributes,
}

/// What is on the wire.
#[derive(Debug)]
pub(crate) enum Shape {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
    Fixed { name: Name, size: usize },
    Enum { name: Name, symbols: Vec<String>, default: Option<String> },
    Array(NodeId),
    Map(NodeId),
    Record { name: Name, fields: Vec<Field> },
    Union(Vec<NodeId>),
}

/// Name of a record, enum or fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    /// With namespace.
    pub full: String,
    /// Full names of earlier versions.
    pub aliases: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Field {
    pub name: String,
    pub aliases: Vec<String>,
    pub doc: Option<String>,
    pub default: Option<Value>,
    pub node: NodeId,
}

/// Logical types that mean something in SQL; all others read as their physical type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Logical {
    None,
    Date,
    TimeMillis,
    TimestampMillis,
    TimestampMicros,
    TimestampNanos,
    LocalTimestampMillis,
    LocalTimestampMicros,
    LocalTimestampNanos,
    Decimal { precision: u8, scale: u8 },
}

/// Attributes by which Kafka Connect and Flink keep what Avro has no word for (spec sql.md 2.5).
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Attributes {
    /// `connect.type`: int8 or int16.
    pub connect_type: Option<String>,
    /// `connect.internal.type`: MapEntry.
    pub map_entry: bool,
    /// `flink.precision`.
    pub precision: Option<u8>,
    /// `flink.minLength`.
    pub min_length: Option<u32>,
    /// `flink.maxLength`.
    pub max_length: Option<u32>,
    /// `flink.type` is multiset.
    pub multiset: bool,
}

impl AvroSchema {
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    pub fn shape(&self, id: NodeId) -> &Shape {
        &self.nodes[id].shape
    }

    /// Key and value of the array's elements when they are Connect's map entries.
    pub fn map_entry(&self, element: NodeId) -> Option<(&Field, &Field)> {
        let node = self.node(element);
        let Shape::Record { name, fields } = &node.shape else { return None };
        if !node.attributes.map_entry && name.full != MAP_ENTRY {
            return None;
        }
        match fields.as_slice() {
            [a, b] if a.name == "key" && b.name == "value" => Some((a, b)),
            [a, b] if a.name == "value" && b.name == "key" => Some((b, a)),
            _ => None,
        }
    }

    /// Name of a union branch as a SQL field: the type's name, or the full name of a named type (spec sql.md 2.4 no. 7).
    pub fn branch_name(&self, id: NodeId) -> &str {
        match self.shape(id) {
            Shape::Fixed { name, .. } | Shape::Enum { name, .. } | Shape::Record { name, .. } => &name.full,
            shape => shape.keyword(),
        }
    }
}

/// The record by which Kafka Connect writes the entries of maps whose keys are no strings.
pub(crate) const MAP_ENTRY: &str = "io.confluent.connect.avro.MapEntry";

impl Shape {
    /// The word of the Avro specification.
    pub fn keyword(&self) -> &'static str {
        match self {
            Shape::Null => "null",
            Shape::Boolean => "boolean",
            Shape::Int => "int",
            Shape::Long => "long",
            Shape::Float => "float",
            Shape::Double => "double",
            Shape::Bytes => "bytes",
            Shape::String => "string",
            Shape::Fixed { .. } => "fixed",
            Shape::Enum { .. } => "enum",
            Shape::Array(_) => "array",
            Shape::Map(_) => "map",
            Shape::Record { .. } => "record",
            Shape::Union(_) => "union",
        }
    }
}

impl Name {
    /// The name without namespace.
    pub fn simple(&self) -> &str {
        self.full.rsplit('.').next().unwrap_or(&self.full)
    }
}
