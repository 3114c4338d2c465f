//! Passing over values that nobody reads.
//!
//! Skips live in an arena by index, because a record that is passed over may contain itself.

use hashbrown::HashMap;

use super::cursor::Cursor;
use super::schema::{AvroSchema, NodeId, Shape};
use crate::fault::Outcome;

/// Recursive values nested deeper are an error of their record.
const MAX_DEPTH: usize = 128;

/// Index of a [`Skip`].
pub(crate) type SkipId = usize;

/// How to pass over one type.
#[derive(Debug)]
pub(crate) enum Skip {
    /// So many bytes.
    Fixed(usize),
    Varint,
    Boolean,
    Bytes,
    Array(SkipId),
    Map(SkipId),
    Record(Vec<SkipId>),
    Union(Vec<SkipId>),
}

/// All skips of a program.
#[derive(Debug, Default)]
pub(crate) struct Skips {
    skips: Vec<Skip>,
    known: HashMap<NodeId, SkipId>,
}

impl Skips {
    /// The skip of a type of `schema`, made when it is the first time.
    pub fn of(&mut self, schema: &AvroSchema, node: NodeId) -> SkipId {
        if let Some(&id) = self.known.get(&node) {
            return id;
        }
        let id = self.skips.len();
        self.skips.push(Skip::Fixed(0));
        self.known.insert(node, id);
        self.skips[id] = match schema.shape(node) {
            Shape::Null => Skip::Fixed(0),
            Shape::Boolean => Skip::Boolean,
            Shape::Int | Shape::Long | Shape::Enum { .. } => Skip::Varint,
            Shape::Float => Skip::Fixed(4),
            Shape::Double => Skip::Fixed(8),
            Shape::Bytes | Shape::String => Skip::Bytes,
            Shape::Fixed { size, .. } => Skip::Fixed(*size),
            Shape::Array(element) => Skip::Array(self.of(schema, *element)),
            Shape::Map(value) => Skip::Map(self.of(schema, *value)),
            Shape::Record { fields, .. } => {
                Skip::Record(fields.iter().map(|field| self.of(schema, field.node)).collect())
            }
            Shape::Union(branches) => Skip::Union(branches.iter().map(|&branch| self.of(schema, branch)).collect()),
        };
        id
    }

    /// Passes over a value.
    #[inline]
    pub fn skip(&self, id: SkipId, cursor: &mut Cursor<'_>) -> Outcome {
        self.pass(id, cursor, 0)
    }

    fn pass(&self, id: SkipId, cursor: &mut Cursor<'_>, depth: usize) -> Outcome {
        if depth > MAX_DEPTH {
            return Err(cursor.fault(format!("values nested deeper than {MAX_DEPTH} levels")));
        }
        match &self.skips[id] {
            Skip::Fixed(size) => cursor.take(*size).map(|_| ()),
            Skip::Varint => cursor.long().map(|_| ()),
            Skip::Boolean => cursor.boolean().map(|_| ()),
            Skip::Bytes => cursor.bytes().map(|_| ()),
            Skip::Array(element) => self.blocks(cursor, |cursor| self.pass(*element, cursor, depth + 1)),
            Skip::Map(value) => self.blocks(cursor, |cursor| {
                cursor.bytes()?;
                self.pass(*value, cursor, depth + 1)
            }),
            Skip::Record(fields) => fields.iter().try_for_each(|&field| self.pass(field, cursor, depth + 1)),
            Skip::Union(branches) => {
                let branch = cursor.index(branches.len(), "branch")?;
                self.pass(branches[branch], cursor, depth + 1)
            }
        }
    }

    fn blocks(&self, cursor: &mut Cursor<'_>, mut each: impl FnMut(&mut Cursor<'_>) -> Outcome) -> Outcome {
        loop {
            match cursor.block()? {
                (0, _) => return Ok(()),
                (_, Some(bytes)) => {
                    cursor.take(bytes)?;
                }
                (count, None) => (0..count).try_for_each(|_| each(cursor))?,
            }
        }
    }
}
