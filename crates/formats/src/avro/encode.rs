//! Columns into Avro records.
//!
//! For each batch the schema and the arrays are matched into a tree of [`Write`] (`matching`); rows then walk that tree (`rows`).

mod matching;
mod rows;

use arrow_array::{ArrayRef, BinaryArray, BooleanArray, ListArray, MapArray, StringArray};
use arrow_buffer::NullBuffer;
use hashbrown::HashMap;
use nutkin_types::{Moments, RowField};

use self::matching::Matcher;
use crate::arrays::value_error;
use crate::avro::schema::{AvroSchema, Shape};
use crate::encoder::RowWriter;
use crate::error::FormatError;

/// A batch ready to be written.
pub(crate) struct Prepared<'a> {
    pub header: &'a [u8],
    root: Write<'a>,
}

/// How one type is written from one array.
enum Write<'a> {
    Null,
    Boolean(&'a BooleanArray),
    Int8(&'a [i8]),
    Int16(&'a [i16]),
    Int32(&'a [i32]),
    Int64(&'a [i64]),
    Ticks {
        moments: Moments<'a>,
        per_second: i64,
    },
    Float32(&'a [f32]),
    Float64(&'a [f64]),
    /// FLOAT into `double`.
    Widened(&'a [f32]),
    Text(&'a StringArray),
    Bytes(&'a BinaryArray),
    Fixed(&'a BinaryArray, usize),
    Decimal {
        unscaled: &'a [i128],
        size: Option<usize>,
        by: i8,
        precision: u8,
    },
    Enum(&'a StringArray, HashMap<&'a str, i64>),
    List(&'a ListArray, Box<Write<'a>>),
    Map(&'a MapArray, &'a StringArray, Box<Write<'a>>),
    Entries {
        map: &'a MapArray,
        key: Box<Write<'a>>,
        value: Box<Write<'a>>,
        key_first: bool,
    },
    Record(Vec<FieldWrite<'a>>),
    /// `["null", T]` either way round.
    Nullable {
        nulls: Option<&'a NullBuffer>,
        null_branch: i64,
        value: Box<Write<'a>>,
    },
    /// NULLs that the schema forbids, in an array that has some.
    Required {
        nulls: &'a NullBuffer,
        value: Box<Write<'a>>,
    },
    /// A ROW with one field set, as the branch of that field.
    Union {
        nulls: Option<&'a NullBuffer>,
        null_branch: Option<i64>,
        branches: Vec<BranchWrite<'a>>,
    },
}

enum FieldWrite<'a> {
    Column {
        name: &'a str,
        write: Write<'a>,
    },
    /// A field without column: its default.
    Constant(Vec<u8>),
}

struct BranchWrite<'a> {
    index: i64,
    name: &'a str,
    nulls: Option<&'a NullBuffer>,
    write: Write<'a>,
}

impl<'a> Prepared<'a> {
    /// Matches `columns` with the schema. A record or union takes the columns as its fields; any other schema takes the
    /// only column.
    pub fn new(
        schema: &'a AvroSchema,
        fields: &'a [RowField],
        columns: &'a [ArrayRef],
        header: &'a [u8],
    ) -> Result<Prepared<'a>, FormatError> {
        let matcher = Matcher { schema };
        let root = match (schema.shape(schema.root), fields) {
            (Shape::Record { .. }, _) => matcher.record(schema.root, fields, columns, "")?,
            (Shape::Union(branches), _) if matcher.is_row_union(branches) => {
                matcher.union(branches, fields, columns, None, "")?
            }
            (_, [field]) => matcher.value(schema.root, &field.data_type, &columns[0], &field.name)?,
            (shape, _) => {
                let cause = format!("the schema is '{}', which holds one column", shape.keyword());
                return Err(FormatError::mismatch("", cause));
            }
        };
        Ok(Prepared { header, root })
    }
}

impl RowWriter for Prepared<'_> {
    fn write(&self, row: usize, out: &mut Vec<u8>) -> Result<bool, FormatError> {
        out.extend_from_slice(self.header);
        self.root.write(row, out).map_err(|fault| value_error(&fault, row))?;
        Ok(true)
    }
}
