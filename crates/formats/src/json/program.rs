//! What to read of a JSON record: operations by column, made once.

use hashbrown::HashMap;
use nutkin_types::arrow::ticks_per_second;
use nutkin_types::{DataType, LogicalType, RowField};

use super::schema::{Branch, Form, Node};
use crate::error::FormatError;

/// A value of one column.
#[derive(Debug)]
pub(crate) struct Slot {
    pub op: Op,
    pub nullable: bool,
}

/// How to read a value that is not null.
#[derive(Debug)]
pub(crate) enum Op {
    /// Nothing but null fits.
    Null,
    Boolean,
    /// Into the column's integer type.
    Integer,
    /// Into FLOAT or DOUBLE.
    Float,
    Decimal {
        precision: u8,
        scale: u8,
    },
    Text,
    /// Base64.
    Bytes,
    Date,
    Time,
    /// A number of milliseconds since the epoch, or text, into ticks of which `per_second` make a second.
    Timestamp {
        per_second: i64,
        instant: bool,
    },
    List(Box<Slot>),
    Map(Box<MapOp>),
    Object(Box<ObjectOp>),
    Union(Vec<BranchOp>),
}

/// A map: an object for text keys, or an array of objects with key and value.
#[derive(Debug)]
pub(crate) struct MapOp {
    pub text_keys: bool,
    pub key: Slot,
    pub value: Slot,
}

/// One branch of a union.
#[derive(Debug)]
pub(crate) struct BranchOp {
    pub kind: Kind,
    pub required: Vec<Box<[u8]>>,
    pub known: Vec<Box<[u8]>>,
    pub closed: bool,
    /// Field of the ROW; None when it is not wanted.
    pub field: Option<(usize, Op)>,
}

/// What a value of a branch starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Boolean,
    Integer,
    Number,
    Text,
    Array,
    Object,
}

/// An object into a ROW.
#[derive(Debug)]
pub(crate) struct ObjectOp {
    /// In the order of the ROW's fields.
    pub fields: Vec<Slot>,
    pub names: Names,
    pub layout: Layout,
}

/// Field index by name.
#[derive(Debug)]
pub(crate) enum Names {
    /// A few: comparing is faster than hashing.
    Few(Vec<Box<[u8]>>),
    Many(HashMap<Box<[u8]>, usize>),
}

/// The keys seen at each place of earlier objects, so that a key is mostly known by one comparison. It learns from the
/// first objects only: nothing is allocated later.
#[derive(Debug)]
pub(crate) struct Layout {
    pub places: Vec<Place>,
    pub left_to_learn: u16,
}

/// A key as it stands in the text, quotes and colon included, and the field it is.
#[derive(Debug)]
pub(crate) struct Place {
    pub key: Box<[u8]>,
    pub field: Option<usize>,
}

const FEW: usize = 8;
const LEARN: u16 = 256;
const LONGEST_LEARNED_KEY: usize = 120;

impl Names {
    fn new(fields: &[RowField]) -> Names {
        let name = |field: &RowField| field.name.as_bytes().into();
        if fields.len() <= FEW {
            return Names::Few(fields.iter().map(name).collect());
        }
        Names::Many(fields.iter().map(name).zip(0..).collect())
    }

    #[inline]
    pub fn find(&self, name: &[u8]) -> Option<usize> {
        match self {
            Names::Few(names) => names.iter().position(|known| **known == *name),
            Names::Many(names) => names.get(name).copied(),
        }
    }
}

impl Layout {
    /// Remembers that `key` stood at `place`.
    pub fn learn(&mut self, place: usize, key: &[u8], field: Option<usize>) {
        if self.left_to_learn == 0 || key.len() > LONGEST_LEARNED_KEY {
            return;
        }
        let entry = Place { key: key.into(), field };
        if place < self.places.len() {
            self.places[place] = entry;
        } else if place == self.places.len() {
            self.places.push(entry);
        } else {
            return;
        }
        self.left_to_learn -= 1;
    }
}

/// The operations that read `target` from JSON of `node`; without a node by the type alone.
pub(crate) fn compile(node: Option<&Node>, target: &DataType, path: &str) -> Result<Slot, FormatError> {
    let op = match (node.map(|node| &node.form), &target.logical) {
        (Some(Form::Union(branches)), LogicalType::Row { fields }) => union(branches, fields, path)?,
        (Some(Form::Union(_)), other) => {
            let cause = format!("the schema has a union of several types, not {other}");
            return Err(FormatError::mismatch(path, cause));
        }
        (form, LogicalType::Row { fields }) => object(form, fields, path)?,
        (form, LogicalType::Array { element }) => {
            let inner = if let Some(Form::List(inner)) = form { Some(&**inner) } else { None };
            Op::List(Box::new(compile(inner, element, path)?))
        }
        (form, LogicalType::Map { key, value }) => map(form, key, value, path)?,
        (form, LogicalType::Multiset { element }) => map(form, element, &LogicalType::Int.not_null(), path)?,
        (_, logical) => leaf(logical).ok_or_else(|| FormatError::UnsupportedType {
            format: "JSON",
            path: path.to_owned(),
            what: logical.to_string(),
            remedy: "store it as BIGINT or STRING".to_owned(),
        })?,
    };
    Ok(Slot { op, nullable: target.nullable })
}

fn leaf(logical: &LogicalType) -> Option<Op> {
    Some(match logical {
        LogicalType::Null => Op::Null,
        LogicalType::Boolean => Op::Boolean,
        LogicalType::TinyInt | LogicalType::SmallInt | LogicalType::Int | LogicalType::BigInt => Op::Integer,
        LogicalType::Float | LogicalType::Double => Op::Float,
        LogicalType::Decimal { precision, scale } => Op::Decimal { precision: *precision, scale: *scale },
        LogicalType::Char { .. } | LogicalType::VarChar { .. } => Op::Text,
        LogicalType::Binary { .. } | LogicalType::VarBinary { .. } => Op::Bytes,
        LogicalType::Date => Op::Date,
        LogicalType::Time { .. } => Op::Time,
        LogicalType::Timestamp { precision } => {
            Op::Timestamp { per_second: ticks_per_second(*precision), instant: false }
        }
        LogicalType::TimestampLtz { precision } => {
            Op::Timestamp { per_second: ticks_per_second(*precision), instant: true }
        }
        _ => return None,
    })
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn object(form: Option<&Form>, fields: &[RowField], path: &str) -> Result<Op, FormatError> {
    let mut slots = Vec::with_capacity(fields.len());
    for field in fields {
        let path = below(path, &field.name);
        let inner = match form {
            Some(Form::Row(properties)) => {
                let property = properties.iter().find(|property| property.name == field.name);
                let property =
                    property.ok_or_else(|| FormatError::mismatch(&path, "the schema has no such property"))?;
                Some(&property.node)
            }
            Some(_) => return Err(FormatError::mismatch(&path, "the schema is no object")),
            None => None,
        };
        slots.push(compile(inner, &field.data_type, &path)?);
    }
    let layout = Layout { places: Vec::new(), left_to_learn: LEARN };
    Ok(Op::Object(Box::new(ObjectOp { fields: slots, names: Names::new(fields), layout })))
}

fn map(form: Option<&Form>, key: &DataType, value: &DataType, path: &str) -> Result<Op, FormatError> {
    let (key_node, value_node) = match form {
        Some(Form::Map { key, value }) => (Some(&**key), Some(&**value)),
        _ => (None, None),
    };
    Ok(Op::Map(Box::new(MapOp {
        text_keys: key.logical.is_character_string(),
        // Maps hold no NULL keys.
        key: compile(key_node, &key.with_nullable(false), path)?,
        value: compile(value_node, value, path)?,
    })))
}

fn union(branches: &[Branch], fields: &[RowField], path: &str) -> Result<Op, FormatError> {
    let mut ops = Vec::with_capacity(branches.len());
    for (index, branch) in branches.iter().enumerate() {
        let name = format!("connect_union_field_{index}");
        let field = match fields.iter().position(|field| field.name == name) {
            Some(position) => {
                let slot = compile(Some(&branch.node), &fields[position].data_type, &below(path, &name))?;
                Some((position, slot.op))
            }
            None => None,
        };
        let bytes = |names: &[String]| names.iter().map(|name| name.as_bytes().into()).collect();
        ops.push(BranchOp {
            kind: kind(&branch.node),
            required: bytes(&branch.required),
            known: bytes(&branch.known),
            closed: branch.closed,
            field,
        });
    }
    Ok(Op::Union(ops))
}

fn kind(node: &Node) -> Kind {
    match (&node.form, &node.data_type.logical) {
        (Form::List(_), _) => Kind::Array,
        (Form::Map { key, .. }, _) if !key.data_type.logical.is_character_string() => Kind::Array,
        (Form::Row(_) | Form::Map { .. } | Form::Union(_), _) => Kind::Object,
        (Form::Leaf, LogicalType::Boolean) => Kind::Boolean,
        (Form::Leaf, logical) if logical.is_character_string() || logical.is_binary_string() => Kind::Text,
        (Form::Leaf, LogicalType::Float | LogicalType::Double | LogicalType::Decimal { .. }) => Kind::Number,
        (Form::Leaf, _) => Kind::Integer,
    }
}
