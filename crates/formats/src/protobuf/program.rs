//! What to read of a Protobuf message: operations by field number, made once per writer schema.

use hashbrown::HashMap;

/// How a message's fields become the columns it is run with.
#[derive(Debug)]
pub(crate) struct MessageOp {
    pub fields: Numbers,
    /// What a column gets that no field filled, in the order of the columns.
    pub absent: Vec<Absent>,
}

/// One field that is wanted.
#[derive(Debug)]
pub(crate) struct FieldOp {
    /// Position of the column.
    pub column: usize,
    /// Position in the ROW of a oneof.
    pub branch: Option<usize>,
    pub repeated: bool,
    pub op: Op,
}

/// One value.
#[derive(Debug)]
pub(crate) enum Op {
    Varint {
        zigzag: bool,
    },
    Bool,
    Fixed32 {
        signed: bool,
    },
    Fixed64,
    Float,
    Double,
    Text,
    Bytes,
    /// Texts by number.
    Enum(HashMap<i32, Box<str>>),
    /// Seconds and nanoseconds into ticks of which `per_second` make a second.
    Timestamp {
        per_second: i64,
    },
    Date,
    TimeOfDay,
    Decimal {
        precision: u8,
        scale: u8,
    },
    /// A message whose only field is the value.
    Inner(Box<MessageOp>),
    /// A message into a ROW.
    Row(Box<MessageOp>),
    /// Passed over.
    Skip,
    /// An entry into a map: columns 0 and 1 are key and value.
    Entry(Box<MessageOp>),
}

/// What stands for a field that is not there.
#[derive(Debug)]
pub(crate) enum Absent {
    Null,
    /// A list or map without elements, or with those that came.
    Close,
    /// ROW of a oneof: its other fields are NULL; the whole is NULL when none came.
    OneOf {
        nullable: bool,
    },
    Bool(bool),
    Integer(i64),
    Float(f64),
    Bytes(Box<[u8]>),
    /// It may not be missing.
    Required,
}

/// Fields by number: an array for small numbers, which almost all are.
#[derive(Debug)]
pub(crate) struct Numbers {
    small: Vec<Option<u32>>,
    large: HashMap<u32, u32>,
    ops: Vec<FieldOp>,
}

const SMALL: u32 = 128;

impl Numbers {
    pub fn new(fields: Vec<(u32, FieldOp)>) -> Numbers {
        let mut numbers = Numbers { small: Vec::new(), large: HashMap::new(), ops: Vec::with_capacity(fields.len()) };
        for (number, op) in fields {
            let index = numbers.ops.len() as u32;
            numbers.ops.push(op);
            if number < SMALL {
                let place = number as usize;
                if numbers.small.len() <= place {
                    numbers.small.resize(place + 1, None);
                }
                numbers.small[place] = Some(index);
            } else {
                numbers.large.insert(number, index);
            }
        }
        numbers
    }

    #[inline]
    pub fn get(&self, number: u32) -> Option<&FieldOp> {
        let index = if number < SMALL {
            self.small.get(number as usize).copied().flatten()
        } else {
            self.large.get(&number).copied()
        };
        self.ops.get(index? as usize)
    }
}
