//! Reading one Protobuf message into the columns.
//!
//! Fields come in any order and any number of times: of a single field the last one counts, elements of a repeated field
//! are collected as they come and closed at the message's end, where absent fields get their defaults.

use nutkin_types::Moment;

use super::program::{Absent, FieldOp, MessageOp, Op};
use super::wire::{Reader, Wire};
use crate::columns::{ColumnBuilder, ColumnFull, MapColumn, RowColumn};
use crate::fault::{Fault, Outcome};
use crate::number::{fits, rescale};
use crate::temporal::days_from_civil;
use crate::varint;

/// The columns of one message.
trait Columns {
    fn column(&mut self, index: usize) -> Option<&mut ColumnBuilder>;
    fn name(&self, index: usize) -> &str;
}

impl Columns for RowColumn {
    #[inline]
    fn column(&mut self, index: usize) -> Option<&mut ColumnBuilder> {
        self.fields.get_mut(index).map(|field| &mut field.column)
    }

    fn name(&self, index: usize) -> &str {
        self.fields.get(index).map_or("", |field| &field.name)
    }
}

impl Columns for MapColumn {
    fn column(&mut self, index: usize) -> Option<&mut ColumnBuilder> {
        Some(if index == 0 { &mut self.key } else { &mut self.value })
    }

    fn name(&self, index: usize) -> &str {
        if index == 0 { "key" } else { "value" }
    }
}

impl Columns for ColumnBuilder {
    fn column(&mut self, _index: usize) -> Option<&mut ColumnBuilder> {
        Some(self)
    }

    fn name(&self, _index: usize) -> &str {
        "value"
    }
}

#[cold]
fn wrong_column(reader: &Reader<'_>) -> Box<Fault> {
    reader.fault("the column does not have the type it was compiled for")
}

fn full(reader: &Reader<'_>) -> impl Fn(ColumnFull) -> Box<Fault> {
    let fault = reader.clone();
    move |ColumnFull| fault.fault(ColumnFull::CAUSE)
}

/// Appends the message in `reader` as a row.
pub(crate) fn run(op: &MessageOp, reader: &mut Reader<'_>, row: &mut RowColumn) -> Outcome {
    let length = row.len();
    message(op, reader, row, length)?;
    row.close();
    Ok(())
}

/// Appends one value to each column, all of which have `length` before.
fn message<C: Columns>(op: &MessageOp, reader: &mut Reader<'_>, columns: &mut C, length: usize) -> Outcome {
    while !reader.is_empty() {
        let (number, wire) = reader.tag()?;
        let Some(field) = op.fields.get(number) else {
            reader.skip(number, wire)?;
            continue;
        };
        let Some(column) = columns.column(field.column) else { return Err(wrong_column(reader)) };
        if let Err(fault) = read_field(field, (number, wire), reader, column, length) {
            return Err(fault.within(columns.name(field.column)));
        }
    }
    for (index, absent) in op.absent.iter().enumerate() {
        let Some(column) = columns.column(index) else { return Err(wrong_column(reader)) };
        if let Err(fault) = finish(absent, column, length, reader) {
            return Err(fault.within(columns.name(index)));
        }
    }
    Ok(())
}

fn read_field(
    field: &FieldOp,
    (number, wire): (u32, Wire),
    reader: &mut Reader<'_>,
    column: &mut ColumnBuilder,
    length: usize,
) -> Outcome {
    if let Some(branch) = field.branch {
        let ColumnBuilder::Row(row) = column else { return Err(wrong_column(reader)) };
        // Setting one branch of a oneof takes back the others.
        row.fields.iter_mut().for_each(|field| field.column.truncate(length));
        if matches!(field.op, Op::Skip) {
            row.fields.iter_mut().for_each(|field| field.column.append_null());
            return reader.skip(number, wire);
        }
        let Some(inner) = row.fields.get_mut(branch) else { return Err(wrong_column(reader)) };
        return value(&field.op, wire, reader, &mut inner.column).map_err(|fault| fault.within(&inner.name));
    }
    if !field.repeated {
        if column.len() > length {
            column.truncate(length);
        }
        return value(&field.op, wire, reader, column);
    }
    match (&field.op, column) {
        (Op::Entry(entry), ColumnBuilder::Map(map)) => {
            let mut inner = delimited(wire, reader)?;
            let entries = map.key.len();
            message(entry, &mut inner, &mut **map, entries)
        }
        (op, ColumnBuilder::List(list)) if wire == Wire::Bytes && packed(op).is_some() => {
            let element_wire = packed(op).unwrap_or(Wire::Bytes);
            let mut elements = reader.delimited()?;
            while !elements.is_empty() {
                value(op, element_wire, &mut elements, &mut list.element)?;
            }
            Ok(())
        }
        (op, ColumnBuilder::List(list)) => value(op, wire, reader, &mut list.element),
        _ => Err(wrong_column(reader)),
    }
}

/// How the elements of a packed list stand; None for types that are never packed.
fn packed(op: &Op) -> Option<Wire> {
    match op {
        Op::Varint { .. } | Op::Bool | Op::Enum(_) => Some(Wire::Varint),
        Op::Fixed32 { .. } | Op::Float => Some(Wire::Fixed32),
        Op::Fixed64 | Op::Double => Some(Wire::Fixed64),
        _ => None,
    }
}

fn expect(wire: Wire, wanted: Wire, reader: &Reader<'_>) -> Outcome {
    if wire == wanted { Ok(()) } else { Err(reader.fault(format!("wire type {wire:?} where {wanted:?} is expected"))) }
}

#[inline]
fn delimited<'a>(wire: Wire, reader: &mut Reader<'a>) -> Outcome<Reader<'a>> {
    expect(wire, Wire::Bytes, reader)?;
    reader.delimited()
}

fn value(op: &Op, wire: Wire, reader: &mut Reader<'_>, out: &mut ColumnBuilder) -> Outcome {
    match op {
        Op::Varint { zigzag } => {
            expect(wire, Wire::Varint, reader)?;
            let raw = reader.varint()?;
            integer(if *zigzag { varint::from_zigzag(raw) } else { raw as i64 }, reader, out)
        }
        Op::Text | Op::Bytes => {
            let body = delimited(wire, reader)?;
            let ColumnBuilder::Bytes(column) = out else { return Err(wrong_column(reader)) };
            if matches!(op, Op::Text) && std::str::from_utf8(body.rest()).is_err() {
                return Err(body.fault("the text is not valid UTF-8"));
            }
            column.append(body.rest()).map_err(full(reader))
        }
        Op::Row(op) => {
            let mut body = delimited(wire, reader)?;
            let ColumnBuilder::Row(row) = out else { return Err(wrong_column(reader)) };
            run(op, &mut body, row)
        }
        Op::Inner(op) => {
            let mut body = delimited(wire, reader)?;
            let length = out.len();
            message(op, &mut body, out, length)
        }
        Op::Bool => {
            expect(wire, Wire::Varint, reader)?;
            let ColumnBuilder::Boolean(column) = out else { return Err(wrong_column(reader)) };
            column.append(reader.varint()? != 0);
            Ok(())
        }
        Op::Enum(texts) => {
            expect(wire, Wire::Varint, reader)?;
            let ColumnBuilder::Bytes(column) = out else { return Err(wrong_column(reader)) };
            let number = reader.varint()? as i32;
            let appended = match texts.get(&number) {
                Some(text) => column.append(text.as_bytes()),
                // A number that the schema does not name yet.
                None => column.append(number.to_string().as_bytes()),
            };
            appended.map_err(full(reader))
        }
        Op::Fixed32 { signed } => {
            expect(wire, Wire::Fixed32, reader)?;
            let bytes = reader.array()?;
            let wide = if *signed { i32::from_le_bytes(bytes).into() } else { u32::from_le_bytes(bytes).into() };
            integer(wide, reader, out)
        }
        Op::Fixed64 => {
            expect(wire, Wire::Fixed64, reader)?;
            let wide = i64::from_le_bytes(reader.array()?);
            integer(wide, reader, out)
        }
        Op::Float => {
            expect(wire, Wire::Fixed32, reader)?;
            let number = f32::from_le_bytes(reader.array()?);
            match out {
                ColumnBuilder::Float32(column) => column.append(number),
                ColumnBuilder::Float64(column) => column.append(number.into()),
                _ => return Err(wrong_column(reader)),
            }
            Ok(())
        }
        Op::Double => {
            expect(wire, Wire::Fixed64, reader)?;
            let ColumnBuilder::Float64(column) = out else { return Err(wrong_column(reader)) };
            column.append(f64::from_le_bytes(reader.array()?));
            Ok(())
        }
        Op::Timestamp { .. } | Op::Date | Op::TimeOfDay | Op::Decimal { .. } => {
            let body = delimited(wire, reader)?;
            well_known(op, body, out)
        }
        Op::Entry(_) | Op::Skip => Err(wrong_column(reader)),
    }
}

#[inline]
fn integer(value: i64, reader: &Reader<'_>, out: &mut ColumnBuilder) -> Outcome {
    let range = || reader.fault(format!("{value} does not fit the column's type"));
    match out {
        ColumnBuilder::Int64(column) => column.append(value),
        ColumnBuilder::Int32(column) => column.append(i32::try_from(value).map_err(|_| range())?),
        ColumnBuilder::Int16(column) => column.append(i16::try_from(value).map_err(|_| range())?),
        ColumnBuilder::Int8(column) => column.append(i8::try_from(value).map_err(|_| range())?),
        _ => return Err(wrong_column(reader)),
    }
    Ok(())
}

/// Google's and Confluent's messages for single values. Their fields are small integers and, once, bytes.
fn well_known(op: &Op, mut body: Reader<'_>, out: &mut ColumnBuilder) -> Outcome {
    let start = body.clone();
    let mut numbers = [0i64; 5];
    let mut bytes: &[u8] = &[];
    while !body.is_empty() {
        match body.tag()? {
            (number @ 1..=4, Wire::Varint) => numbers[number as usize] = body.varint()? as i64,
            (1, Wire::Bytes) => bytes = body.delimited()?.rest(),
            (number, wire) => body.skip(number, wire)?,
        }
    }
    let [_, first, second, third, fourth] = numbers;
    let wrong = |what: &str| start.fault(format!("no {what}"));
    match (op, out) {
        (Op::Timestamp { per_second }, column) => {
            let nanos = (0..1_000_000_000).contains(&second).then_some(second);
            let moment = nanos.and_then(|nanos| Moment::of_seconds(first, nanos));
            let appended = moment.and_then(|moment| column.append_moment(moment, *per_second));
            appended.ok_or_else(|| wrong("timestamp in range"))?;
        }
        (Op::Date, ColumnBuilder::Int32(column)) => {
            let valid = (1..=9999).contains(&first) && (1..=12).contains(&second) && (1..=31).contains(&third);
            let days = valid.then(|| days_from_civil(first, second, third));
            column.append(days.and_then(|days| i32::try_from(days).ok()).ok_or_else(|| wrong("date"))?);
        }
        (Op::TimeOfDay, ColumnBuilder::Int32(column)) => {
            let valid = (0..24).contains(&first)
                && (0..60).contains(&second)
                && (0..60).contains(&third)
                && (0..1_000_000_000).contains(&fourth);
            let millis = valid.then_some(((first * 60 + second) * 60 + third) * 1000 + fourth / 1_000_000);
            column.append(millis.and_then(|millis| i32::try_from(millis).ok()).ok_or_else(|| wrong("time of day"))?);
        }
        (Op::Decimal { precision, scale }, ColumnBuilder::Decimal(column)) => {
            let unscaled = crate::number::from_twos_complement(bytes);
            let by = i8::try_from(i64::from(*scale) - third).ok();
            let value = unscaled.zip(by).and_then(|(unscaled, by)| rescale(unscaled, by));
            let value = value.filter(|&value| fits(value, *precision));
            column.append(value.ok_or_else(|| wrong(&format!("decimal of at most {precision} digits")))?);
        }
        _ => return Err(wrong_column(&start)),
    }
    Ok(())
}

/// Passes over a message that nobody reads.
pub(crate) fn skip(reader: &mut Reader<'_>) -> Outcome {
    while !reader.is_empty() {
        let (number, wire) = reader.tag()?;
        reader.skip(number, wire)?;
    }
    Ok(())
}

/// Closes what is open and fills in what did not come.
#[inline]
fn finish(absent: &Absent, column: &mut ColumnBuilder, length: usize, reader: &Reader<'_>) -> Outcome {
    if matches!(absent, Absent::Close) && column.len() == length {
        return match column {
            ColumnBuilder::List(list) => list.close().map_err(full(reader)),
            ColumnBuilder::Map(map) => map.close().map_err(full(reader)),
            _ => Err(wrong_column(reader)),
        };
    }
    if let (Absent::OneOf { nullable }, ColumnBuilder::Row(row)) = (absent, &mut *column) {
        return finish_oneof(*nullable, row, length, reader);
    }
    if column.len() > length {
        return Ok(());
    }
    match (absent, column) {
        (Absent::Null, column) => column.append_null(),
        (Absent::Bool(value), ColumnBuilder::Boolean(column)) => column.append(*value),
        (Absent::Integer(value), column) => return integer(*value, reader, column),
        (Absent::Float(value), ColumnBuilder::Float32(column)) => column.append(*value as f32),
        (Absent::Float(value), ColumnBuilder::Float64(column)) => column.append(*value),
        (Absent::Bytes(value), ColumnBuilder::Bytes(column)) => column.append(value).map_err(full(reader))?,
        (Absent::Required, _) => return Err(reader.fault("it is missing, but the column is NOT NULL")),
        _ => return Err(wrong_column(reader)),
    }
    Ok(())
}

fn finish_oneof(nullable: bool, row: &mut RowColumn, length: usize, reader: &Reader<'_>) -> Outcome {
    let is_set = row.fields.iter().any(|field| field.column.len() > length);
    if !is_set {
        if !nullable {
            return Err(reader.fault("none of its fields is set, but the column is NOT NULL"));
        }
        row.append_null();
        return Ok(());
    }
    for field in &mut row.fields {
        if field.column.len() == length {
            field.column.append_null();
        }
    }
    row.close();
    Ok(())
}
