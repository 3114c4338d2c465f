//! [`Program`]: how records of one writer schema become the wanted columns.
//!
//! A tree of operations with everything decided beforehand: which writer field goes where, what is promoted to what, what
//! is skipped and what is filled in. Running it looks at no schema.

use super::skip::{SkipId, Skips};

/// A compiled resolution of writer and reader schema.
#[derive(Debug)]
pub(crate) struct Program {
    pub root: Op,
    pub skips: Skips,
}

/// Reads one value and appends it to the column it is run with.
#[derive(Debug)]
pub(crate) enum Op {
    /// Reads nothing, appends NULL.
    Null,
    /// A value that the reader cannot take: writer branch or symbol without counterpart.
    Fail(Box<str>),
    Boolean,
    /// `int` or `long` into the column's integer type, checked.
    Integer,
    /// `int` or `long` into FLOAT or DOUBLE.
    IntegerToFloat,
    /// `long` ticks times `multiply` by `divide` into a timestamp.
    Ticks {
        multiply: i64,
        divide: i64,
    },
    /// `float` into FLOAT or DOUBLE.
    Float,
    Double,
    /// UTF-8, checked.
    Text,
    Bytes,
    Fixed(usize),
    /// Big-endian two's complement, of this fixed size or length-prefixed, times ten to the `rescale`.
    Decimal {
        size: Option<usize>,
        rescale: i8,
        precision: u8,
    },
    /// Texts by symbol; None where the reader has no such symbol and no default.
    Enum(Vec<Option<Box<str>>>),
    List(Box<Op>),
    /// Avro map: text keys.
    Map(Box<Op>),
    /// Array of entry records into a map.
    Entries(Vec<EntryStep>),
    Record(RecordOp),
    /// `["null", T]` either way round.
    Nullable {
        null_branch: usize,
        value: Box<Op>,
    },
    /// Any other union into one type.
    Union(Vec<Op>),
    /// One branch of a reader union as a ROW: field `field` gets the value, the others NULL. Without field the branch is
    /// not wanted and skipped.
    Branch {
        field: Option<(usize, Box<Op>)>,
        skip: SkipId,
    },
}

/// One field of a map entry record.
#[derive(Debug)]
pub(crate) enum EntryStep {
    Key(Op),
    Value(Op),
    Skip(SkipId),
}

/// A record into a ROW.
#[derive(Debug)]
pub(crate) struct RecordOp {
    /// In the writer's order.
    pub steps: Vec<Step>,
    /// Fields of the ROW that the writer does not have.
    pub missing: Vec<(usize, Missing)>,
}

#[derive(Debug)]
pub(crate) enum Step {
    Skip(SkipId),
    Field { index: usize, op: Op },
}

/// What a field gets that no writer field fills.
#[derive(Debug)]
pub(crate) enum Missing {
    Null,
    /// The reader schema's default, in Avro's binary form, and the program that reads it.
    Default {
        bytes: Vec<u8>,
        program: Box<Program>,
    },
}
