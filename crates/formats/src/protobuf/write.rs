//! Columns into Protobuf messages, row by row.

use arrow_array::{BinaryArray, BooleanArray, ListArray, MapArray, StringArray};
use arrow_buffer::NullBuffer;
use hashbrown::HashMap;
use nutkin_types::Moments;

use super::wire::{Wire, tag, write_delimited};
use crate::arrays::{null_not_allowed, value_error};
use crate::encoder::RowWriter;
use crate::error::FormatError;
use crate::fault::{Fault, Outcome};
use crate::number::twos_complement;
use crate::temporal::civil_from_days;
use crate::varint;

/// A batch ready to be written.
pub(crate) struct Prepared<'a> {
    pub roots: Vec<Root<'a>>,
    /// Each root is a nullable column, one of which is set.
    pub several: bool,
}

/// A message that a record can be of.
pub(crate) struct Root<'a> {
    pub name: &'a str,
    /// Header and message indexes.
    pub prefix: Vec<u8>,
    pub nulls: Option<&'a NullBuffer>,
    pub message: MessageWrite<'a>,
}

pub(crate) struct MessageWrite<'a> {
    pub fields: Vec<FieldWrite<'a>>,
}

pub(crate) struct FieldWrite<'a> {
    pub name: &'a str,
    pub tag: Vec<u8>,
    pub nulls: Option<&'a NullBuffer>,
    /// NULL leaves the field out; otherwise it is an error.
    pub nullable: bool,
    /// Without presence, a default value leaves the field out.
    pub presence: bool,
    pub write: Write<'a>,
}

/// How one type is written from one array; NULLs are seen to before.
pub(crate) enum Write<'a> {
    Bool(&'a BooleanArray),
    /// The flag says zigzag.
    Int8(&'a [i8], bool),
    Int16(&'a [i16], bool),
    Int32(&'a [i32], bool),
    Int64(&'a [i64], bool),
    /// BIGINT into unsigned 32 bits, checked.
    Uint32(&'a [i64]),
    Fixed32(&'a [i64]),
    Sfixed32(&'a [i32]),
    Fixed64(&'a [i64]),
    Float32(&'a [f32]),
    Float64(&'a [f64]),
    Widened(&'a [f32]),
    Text(&'a StringArray),
    Bytes(&'a BinaryArray),
    Enum(&'a StringArray, HashMap<String, i32>),
    Timestamp(Moments<'a>),
    Date(&'a [i32]),
    TimeOfDay(&'a [i32]),
    Decimal {
        unscaled: &'a [i128],
        precision: u8,
        scale: u8,
    },
    /// A message of one field.
    Inner(Box<FieldWrite<'a>>),
    Row(MessageWrite<'a>),
    List {
        list: &'a ListArray,
        nulls: Option<&'a NullBuffer>,
        packed: bool,
        element: Box<Write<'a>>,
    },
    Map {
        map: &'a MapArray,
        key: Box<FieldWrite<'a>>,
        value: Box<FieldWrite<'a>>,
    },
    OneOf(Vec<FieldWrite<'a>>),
}

impl RowWriter for Prepared<'_> {
    fn write(&self, row: usize, out: &mut Vec<u8>) -> Result<bool, FormatError> {
        let is_set = |root: &&Root<'_>| !self.several || !root.nulls.is_some_and(|nulls| nulls.is_null(row));
        let mut set = self.roots.iter().filter(is_set);
        let outcome = match (set.next(), set.next()) {
            (Some(root), None) => {
                out.extend_from_slice(&root.prefix);
                root.message.write(row, out).map_err(|fault| if self.several { fault.within(root.name) } else { fault })
            }
            (None, _) => Err(Fault::new(0, "no message is set")),
            _ => Err(Fault::new(0, "several messages are set, but a record is of one")),
        };
        outcome.map_err(|fault| value_error(&fault, row))?;
        Ok(true)
    }
}

impl MessageWrite<'_> {
    fn write(&self, row: usize, out: &mut Vec<u8>) -> Outcome {
        for field in &self.fields {
            field.write(row, out).map_err(|fault| fault.within(field.name))?;
        }
        Ok(())
    }
}

impl FieldWrite<'_> {
    fn is_null(&self, row: usize) -> bool {
        self.nulls.is_some_and(|nulls| nulls.is_null(row))
    }

    fn write(&self, row: usize, out: &mut Vec<u8>) -> Outcome {
        if self.is_null(row) {
            return if self.nullable { Ok(()) } else { Err(null_not_allowed()) };
        }
        match &self.write {
            Write::List { list, nulls, packed, element } => self.list(list, *nulls, *packed, element, row, out),
            Write::Map { map, key, value } => {
                for index in span(map.value_offsets(), row) {
                    out.extend_from_slice(&self.tag);
                    write_delimited(out, |out| {
                        key.write(index, out).map_err(|fault| fault.within("key"))?;
                        value.write(index, out).map_err(|fault| fault.within("value"))
                    })?;
                }
                Ok(())
            }
            Write::OneOf(branches) => {
                let mut set = branches.iter().filter(|branch| !branch.is_null(row));
                match (set.next(), set.next()) {
                    (Some(branch), None) => branch.write(row, out).map_err(|fault| fault.within(branch.name)),
                    // A ROW of NULLs cannot be told from NULL.
                    (None, _) if self.nullable => Ok(()),
                    (None, _) => Err(Fault::new(0, "no field of the oneof is set")),
                    _ => Err(Fault::new(0, "several fields are set, but a oneof holds one of them")),
                }
            }
            value if !self.presence && value.is_default(row) => Ok(()),
            value => {
                out.extend_from_slice(&self.tag);
                value.write(row, out)
            }
        }
    }

    fn list(
        &self,
        list: &ListArray,
        nulls: Option<&NullBuffer>,
        packed: bool,
        element: &Write<'_>,
        row: usize,
        out: &mut Vec<u8>,
    ) -> Outcome {
        let span = span(list.value_offsets(), row);
        if nulls.is_some_and(|nulls| span.clone().any(|index| nulls.is_null(index))) {
            return Err(Fault::new(0, "an element is NULL, but the schema's repeated field has no NULL"));
        }
        if !packed {
            for index in span {
                out.extend_from_slice(&self.tag);
                element.write(index, out)?;
            }
            return Ok(());
        }
        if span.is_empty() {
            return Ok(());
        }
        out.extend_from_slice(&self.tag);
        write_delimited(out, |out| span.into_iter().try_for_each(|index| element.write(index, out)))
    }
}

fn span(offsets: &[i32], row: usize) -> std::ops::Range<usize> {
    offsets[row] as usize..offsets[row + 1] as usize
}

fn integer(value: i64, zigzag: bool, out: &mut Vec<u8>) {
    varint::write(if zigzag { varint::to_zigzag(value) } else { value as u64 }, out);
}

/// Appends a field of a well-known message, which leaves out 0.
fn small(number: u32, value: i64, out: &mut Vec<u8>) {
    if value != 0 {
        out.extend_from_slice(&tag(number, Wire::Varint));
        varint::write(value as u64, out);
    }
}

impl Write<'_> {
    /// True for the value that stands for an absent field.
    fn is_default(&self, row: usize) -> bool {
        match self {
            Write::Bool(array) => !array.value(row),
            Write::Int8(array, _) => array[row] == 0,
            Write::Int16(array, _) => array[row] == 0,
            Write::Int32(array, _) | Write::Sfixed32(array) => array[row] == 0,
            Write::Int64(array, _) | Write::Uint32(array) | Write::Fixed32(array) | Write::Fixed64(array) => {
                array[row] == 0
            }
            // Minus zero is not the default.
            Write::Float32(array) | Write::Widened(array) => array[row].to_bits() == 0,
            Write::Float64(array) => array[row].to_bits() == 0,
            Write::Text(array) => array.value(row).is_empty(),
            Write::Bytes(array) => array.value(row).is_empty(),
            Write::Enum(array, numbers) => numbers.get(array.value(row)) == Some(&0),
            _ => false,
        }
    }

    /// The value without its tag.
    fn write(&self, row: usize, out: &mut Vec<u8>) -> Outcome {
        match self {
            Write::Bool(array) => out.push(u8::from(array.value(row))),
            Write::Int8(array, zigzag) => integer(array[row].into(), *zigzag, out),
            Write::Int16(array, zigzag) => integer(array[row].into(), *zigzag, out),
            Write::Int32(array, zigzag) => integer(array[row].into(), *zigzag, out),
            Write::Int64(array, zigzag) => integer(array[row], *zigzag, out),
            Write::Uint32(array) => varint::write(unsigned(array[row])?.into(), out),
            Write::Fixed32(array) => out.extend_from_slice(&unsigned(array[row])?.to_le_bytes()),
            Write::Sfixed32(array) => out.extend_from_slice(&array[row].to_le_bytes()),
            Write::Fixed64(array) => out.extend_from_slice(&array[row].to_le_bytes()),
            Write::Float32(array) => out.extend_from_slice(&array[row].to_le_bytes()),
            Write::Float64(array) => out.extend_from_slice(&array[row].to_le_bytes()),
            Write::Widened(array) => out.extend_from_slice(&f64::from(array[row]).to_le_bytes()),
            Write::Text(array) => bytes(array.value(row).as_bytes(), out),
            Write::Bytes(array) => bytes(array.value(row), out),
            Write::Enum(array, numbers) => {
                let text = array.value(row);
                let number = numbers.get(text).copied().or_else(|| text.parse().ok());
                let number = number.ok_or_else(|| Fault::new(0, format!("'{text}' is no value of the enum")))?;
                integer(number.into(), false, out);
            }
            Write::Inner(field) => return write_delimited(out, |out| field.write(row, out)),
            Write::Row(message) => return write_delimited(out, |out| message.write(row, out)),
            Write::Timestamp(..) | Write::Date(_) | Write::TimeOfDay(_) | Write::Decimal { .. } => {
                return write_delimited(out, |out| {
                    self.well_known(row, out);
                    Ok(())
                });
            }
            Write::List { .. } | Write::Map { .. } | Write::OneOf(_) => {
                return Err(Fault::new(0, "a list or map directly inside a list"));
            }
        }
        Ok(())
    }

    fn well_known(&self, row: usize, out: &mut Vec<u8>) {
        match self {
            Write::Timestamp(moments) => {
                let moment = moments.get(row);
                small(1, moment.seconds(), out);
                small(2, moment.nano_of_second(), out);
            }
            Write::Date(days) => {
                let (year, month, day) = civil_from_days(days[row].into());
                small(1, year, out);
                small(2, month, out);
                small(3, day, out);
            }
            Write::TimeOfDay(millis) => {
                let millis = i64::from(millis[row]);
                small(1, millis / 3_600_000, out);
                small(2, millis / 60_000 % 60, out);
                small(3, millis / 1_000 % 60, out);
                small(4, millis % 1_000 * 1_000_000, out);
            }
            Write::Decimal { unscaled, precision, scale } => {
                let (wide, start) = twos_complement(unscaled[row]);
                out.extend_from_slice(&tag(1, Wire::Bytes));
                bytes(&wide[start..], out);
                small(2, i64::from(*precision), out);
                small(3, i64::from(*scale), out);
            }
            _ => {}
        }
    }
}

fn bytes(value: &[u8], out: &mut Vec<u8>) {
    varint::write(value.len() as u64, out);
    out.extend_from_slice(value);
}

fn unsigned(value: i64) -> Outcome<u32> {
    u32::try_from(value).map_err(|_| Fault::new(0, format!("{value} does not fit the schema's unsigned 32 bits")))
}
