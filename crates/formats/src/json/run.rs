//! Reading one JSON text into the columns.
//!
//! Single pass. An object's keys are compared with those that stood at the same places in earlier objects, which mostly
//! settles a key in one comparison; values of other keys are passed over. A key that comes twice counts the last time, as
//! in Jackson.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use nutkin_types::Moment;

use super::number;
use super::program::{BranchOp, Kind, MapOp, ObjectOp, Op, Slot};
use super::scan::{MAX_DEPTH, RawString, Scanner, unescape};
use crate::columns::{BytesColumn, ColumnBuilder, ColumnFull, MapColumn, RowColumn};
use crate::fault::{Fault, Outcome};
use crate::temporal::{parse_date, parse_time, parse_timestamp};

/// Appends the record in `body`, which must hold one JSON value.
pub(crate) fn run(slot: &mut Slot, body: &[u8], out: &mut ColumnBuilder) -> Outcome {
    let mut scanner = Scanner::new(body);
    scanner.space();
    value(slot, &mut scanner, out, 0)?;
    scanner.end()
}

#[cold]
fn wrong_column(scanner: &Scanner<'_>) -> Box<Fault> {
    scanner.fault("the column does not have the type it was compiled for")
}

fn full(scanner: &Scanner<'_>) -> impl Fn(ColumnFull) -> Box<Fault> {
    let position = scanner.position();
    move |ColumnFull| Fault::new(position, ColumnFull::CAUSE)
}

#[inline]
fn value(slot: &mut Slot, scanner: &mut Scanner<'_>, out: &mut ColumnBuilder, depth: usize) -> Outcome {
    if scanner.peek() == b'n' {
        let start = scanner.position();
        scanner.literal("null")?;
        if !slot.nullable {
            return Err(Fault::new(start, "it is null, but the column is NOT NULL"));
        }
        out.append_null();
        return Ok(());
    }
    present(&mut slot.op, scanner, out, depth)
}

/// A value that is not null.
fn present(op: &mut Op, scanner: &mut Scanner<'_>, out: &mut ColumnBuilder, depth: usize) -> Outcome {
    match (op, out) {
        (Op::Text, ColumnBuilder::Bytes(column)) => text(scanner, column),
        (Op::Integer, out) => integer(scanner, out),
        (Op::Object(object), ColumnBuilder::Row(row)) => read_object(object, scanner, row, depth),
        (Op::Boolean, ColumnBuilder::Boolean(column)) => {
            column.append(boolean(scanner)?);
            Ok(())
        }
        (Op::Float, out) => float(scanner, out),
        (Op::Decimal { precision, scale }, ColumnBuilder::Decimal(column)) => {
            let start = scanner.position();
            let digits = number_or_text(scanner, "a decimal")?;
            let value = number::decimal(&digits, *precision, *scale);
            column.append(value.ok_or_else(|| {
                Fault::new(start, format!("no decimal of {precision} digits, {scale} after the point"))
            })?);
            Ok(())
        }
        (Op::Bytes, ColumnBuilder::Bytes(column)) => base64_text(scanner, column),
        (Op::Date, ColumnBuilder::Int32(column)) => {
            column.append(number_or(scanner, "a date", parse_date)?);
            Ok(())
        }
        (Op::Time, ColumnBuilder::Int32(column)) => {
            column.append(number_or(scanner, "a time", parse_time)?);
            Ok(())
        }
        (Op::Timestamp { per_second, instant }, out) => timestamp(scanner, *per_second, *instant, out),
        (Op::List(element), ColumnBuilder::List(list)) => {
            list.discard();
            let deeper = deeper(scanner, depth)?;
            elements(scanner, |scanner| value(element, scanner, &mut list.element, deeper))?;
            list.close().map_err(full(scanner))
        }
        (Op::Map(map), ColumnBuilder::Map(column)) => read_map(map, scanner, column, depth),
        (Op::Union(branches), ColumnBuilder::Row(row)) => union(branches, scanner, row, depth),
        (Op::Null, _) => Err(scanner.unexpected("null")),
        _ => Err(wrong_column(scanner)),
    }
}

fn deeper(scanner: &Scanner<'_>, depth: usize) -> Outcome<usize> {
    if depth >= MAX_DEPTH {
        return Err(scanner.fault(format!("values nested deeper than {MAX_DEPTH} levels")));
    }
    Ok(depth + 1)
}

/// The elements of an array.
#[inline]
fn elements<'a>(scanner: &mut Scanner<'a>, mut each: impl FnMut(&mut Scanner<'a>) -> Outcome) -> Outcome {
    scanner.expect(b'[', "an array")?;
    scanner.space();
    if scanner.peek() == b']' {
        scanner.advance();
        return Ok(());
    }
    loop {
        each(scanner)?;
        scanner.space();
        match scanner.peek() {
            b',' => {
                scanner.advance();
                scanner.space();
            }
            b']' => {
                scanner.advance();
                return Ok(());
            }
            _ => return Err(scanner.unexpected("',' or ']'")),
        }
    }
}

/// The members of an object; `each` reads key, colon and value.
#[inline]
fn members<'a>(scanner: &mut Scanner<'a>, mut each: impl FnMut(&mut Scanner<'a>, usize) -> Outcome) -> Outcome {
    scanner.expect(b'{', "an object")?;
    scanner.space();
    if scanner.peek() == b'}' {
        scanner.advance();
        return Ok(());
    }
    let mut place = 0;
    loop {
        each(scanner, place)?;
        place += 1;
        scanner.space();
        match scanner.peek() {
            b',' => {
                scanner.advance();
                scanner.space();
            }
            b'}' => {
                scanner.advance();
                return Ok(());
            }
            _ => return Err(scanner.unexpected("',' or '}'")),
        }
    }
}

fn read_object(object: &mut ObjectOp, scanner: &mut Scanner<'_>, row: &mut RowColumn, depth: usize) -> Outcome {
    let deeper = deeper(scanner, depth)?;
    let length = row.len();
    members(scanner, |scanner, place| {
        let known = object.layout.places.get(place).filter(|known| scanner.take(&known.key));
        let found = match known {
            Some(known) => known.field,
            None => key(object, scanner, place)?,
        };
        scanner.space();
        let Some(index) = found else { return scanner.skip() };
        let (Some(slot), Some(field)) = (object.fields.get_mut(index), row.fields.get_mut(index)) else {
            return Err(wrong_column(scanner));
        };
        if field.column.len() > length {
            field.column.truncate(length);
        }
        value(slot, scanner, &mut field.column, deeper).map_err(|fault| fault.within(&field.name))
    })?;
    for field in &mut row.fields {
        if field.column.len() == length {
            if !field.nullable {
                return Err(scanner.fault("it is missing, but the column is NOT NULL").within(&field.name));
            }
            field.column.append_null();
        }
    }
    row.close();
    Ok(())
}

/// A key that does not stand where it stood before.
fn key(object: &mut ObjectOp, scanner: &mut Scanner<'_>, place: usize) -> Outcome<Option<usize>> {
    let start = scanner.position();
    let name = scanner.string()?;
    let compact = scanner.peek() == b':';
    scanner.space();
    scanner.expect(b':', "':'")?;
    let field = object.names.find(&plain(name)?);
    if compact && !name.escaped {
        object.layout.learn(place, scanner.slice(start), field);
    }
    Ok(field)
}

/// A string without its escapes.
#[inline]
fn plain(string: RawString<'_>) -> Outcome<Cow<'_, [u8]>> {
    if !string.escaped {
        return Ok(Cow::Borrowed(string.bytes));
    }
    let mut plain = Vec::new();
    unescape(string, &mut plain)?;
    Ok(Cow::Owned(plain))
}

fn read_map(map: &mut MapOp, scanner: &mut Scanner<'_>, column: &mut MapColumn, depth: usize) -> Outcome {
    column.discard();
    let deeper = deeper(scanner, depth)?;
    if scanner.peek() == b'{' && map.text_keys {
        members(scanner, |scanner, _| {
            let ColumnBuilder::Bytes(keys) = &mut column.key else { return Err(wrong_column(scanner)) };
            text(scanner, keys)?;
            scanner.space();
            scanner.expect(b':', "':'")?;
            scanner.space();
            value(&mut map.value, scanner, &mut column.value, deeper)
        })?;
    } else {
        elements(scanner, |scanner| entry(map, scanner, column, deeper))?;
    }
    column.close().map_err(full(scanner))
}

/// `{"key": ..., "value": ...}`.
fn entry(map: &mut MapOp, scanner: &mut Scanner<'_>, column: &mut MapColumn, depth: usize) -> Outcome {
    let length = column.value.len().min(column.key.len());
    members(scanner, |scanner, _| {
        let name = scanner.string()?;
        scanner.space();
        scanner.expect(b':', "':'")?;
        scanner.space();
        let (slot, out) = match &*plain(name)? {
            b"key" => (&mut map.key, &mut column.key),
            b"value" => (&mut map.value, &mut column.value),
            _ => return scanner.skip(),
        };
        out.truncate(length);
        value(slot, scanner, out, depth)
    })?;
    if column.key.len() == length {
        return Err(scanner.fault("a map entry without key"));
    }
    if column.value.len() == length {
        if !column.value_nullable {
            return Err(scanner.fault("a map entry without value, which is NOT NULL"));
        }
        column.value.append_null();
    }
    Ok(())
}

fn union(branches: &mut [BranchOp], scanner: &mut Scanner<'_>, row: &mut RowColumn, depth: usize) -> Outcome {
    let deeper = deeper(scanner, depth)?;
    let length = row.len();
    let chosen = choose(branches, scanner)?;
    let Some(branch) = chosen.and_then(|index| branches.get_mut(index)) else {
        return Err(scanner.fault("the value fits no branch of the schema's oneOf"));
    };
    match &mut branch.field {
        None => scanner.skip()?,
        Some((index, op)) => {
            let Some(field) = row.fields.get_mut(*index) else { return Err(wrong_column(scanner)) };
            present(op, scanner, &mut field.column, deeper).map_err(|fault| fault.within(&field.name))?;
        }
    }
    for field in &mut row.fields {
        if field.column.len() == length {
            field.column.append_null();
        }
    }
    row.close();
    Ok(())
}

/// The first branch that the value fits; the position stays.
fn choose(branches: &[BranchOp], scanner: &mut Scanner<'_>) -> Outcome<Option<usize>> {
    let kind = match scanner.peek() {
        b'"' => Kind::Text,
        b'{' => Kind::Object,
        b'[' => Kind::Array,
        b't' | b'f' => Kind::Boolean,
        _ => {
            let start = scanner.position();
            let number = scanner.number()?;
            scanner.set_position(start);
            // 5.0 is written for a number, though an integer can be read from it.
            let is_plain = number.iter().all(|byte| !matches!(byte, b'.' | b'e' | b'E'));
            if is_plain && number::integer(number).is_some() { Kind::Integer } else { Kind::Number }
        }
    };
    let position = |wanted: Kind| branches.iter().position(|branch| branch.kind == wanted);
    match kind {
        Kind::Integer => return Ok(position(Kind::Integer).or_else(|| position(Kind::Number))),
        Kind::Number => return Ok(position(Kind::Number).or_else(|| position(Kind::Integer))),
        _ => {}
    }
    let fitting = branches.iter().filter(|branch| branch.kind == kind).count();
    if kind != Kind::Object || fitting < 2 {
        return Ok(position(kind));
    }
    let start = scanner.position();
    for (index, branch) in branches.iter().enumerate().filter(|(_, branch)| branch.kind == kind) {
        let fits = object_fits(branch, scanner)?;
        scanner.set_position(start);
        if fits {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// All required names occur and, where the branch is closed, no other than its own.
fn object_fits(branch: &BranchOp, scanner: &mut Scanner<'_>) -> Outcome<bool> {
    let mut missing = branch.required.len();
    let mut foreign = false;
    members(scanner, |scanner, _| {
        let name = plain(scanner.string()?)?;
        missing -= usize::from(branch.required.iter().any(|required| **required == *name) && missing > 0);
        foreign |= !branch.known.iter().any(|known| **known == *name);
        scanner.space();
        scanner.expect(b':', "':'")?;
        scanner.space();
        scanner.skip()
    })?;
    Ok(missing == 0 && !(foreign && branch.closed))
}

/// A string; of any other value the text as it stands, as Flink does.
#[inline]
fn text(scanner: &mut Scanner<'_>, column: &mut BytesColumn) -> Outcome {
    if scanner.peek() != b'"' {
        let start = scanner.position();
        scanner.skip()?;
        let raw = scanner.slice(start);
        if std::str::from_utf8(raw).is_err() {
            return Err(Fault::new(start, "the text is not valid UTF-8"));
        }
        return column.append(raw).map_err(full(scanner));
    }
    let string = scanner.string()?;
    if string.escaped {
        unescape(string, column.open())?;
        return column.close().map_err(full(scanner));
    }
    if let Err(error) = std::str::from_utf8(string.bytes) {
        return Err(Fault::new(string.start + error.valid_up_to(), "the text is not valid UTF-8"));
    }
    column.append(string.bytes).map_err(full(scanner))
}

fn base64_text(scanner: &mut Scanner<'_>, column: &mut BytesColumn) -> Outcome {
    let string = scanner.string()?;
    STANDARD
        .decode_vec(plain(string)?, column.open())
        .map_err(|_| Fault::new(string.start, "the text is not base64"))?;
    column.close().map_err(full(scanner))
}

fn boolean(scanner: &mut Scanner<'_>) -> Outcome<bool> {
    match scanner.peek() {
        b't' => scanner.literal("true").map(|()| true),
        b'f' => scanner.literal("false").map(|()| false),
        b'"' => {
            let string = scanner.string()?;
            match &*plain(string)? {
                bytes if bytes.eq_ignore_ascii_case(b"true") => Ok(true),
                bytes if bytes.eq_ignore_ascii_case(b"false") => Ok(false),
                _ => Err(Fault::new(string.start, "a text that is neither true nor false")),
            }
        }
        _ => Err(scanner.unexpected("true or false")),
    }
}

/// A number, or a string that holds one.
#[inline]
fn number_or_text<'a>(scanner: &mut Scanner<'a>, wanted: &str) -> Outcome<Cow<'a, [u8]>> {
    match scanner.peek() {
        b'"' => Ok(match plain(scanner.string()?)? {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii()),
            Cow::Owned(text) => Cow::Owned(text.trim_ascii().to_vec()),
        }),
        b'-' | b'0'..=b'9' => scanner.number().map(Cow::Borrowed),
        _ => Err(scanner.unexpected(wanted)),
    }
}

#[inline]
fn integer(scanner: &mut Scanner<'_>, out: &mut ColumnBuilder) -> Outcome {
    let start = scanner.position();
    let digits = number_or_text(scanner, "an integer")?;
    let value = number::integer(&digits).ok_or_else(|| Fault::new(start, "it is no 64 bit integer"))?;
    let range = || Fault::new(start, format!("{value} does not fit the column's type"));
    match out {
        ColumnBuilder::Int64(column) => column.append(value),
        ColumnBuilder::Int32(column) => column.append(i32::try_from(value).map_err(|_| range())?),
        ColumnBuilder::Int16(column) => column.append(i16::try_from(value).map_err(|_| range())?),
        ColumnBuilder::Int8(column) => column.append(i8::try_from(value).map_err(|_| range())?),
        _ => return Err(wrong_column(scanner)),
    }
    Ok(())
}

fn float(scanner: &mut Scanner<'_>, out: &mut ColumnBuilder) -> Outcome {
    let start = scanner.position();
    let digits = number_or_text(scanner, "a number")?;
    let text = std::str::from_utf8(&digits).unwrap_or_default();
    let no_number = || Fault::new(start, "it is no number");
    match out {
        ColumnBuilder::Float64(column) => column.append(text.parse().map_err(|_| no_number())?),
        ColumnBuilder::Float32(column) => column.append(text.parse().map_err(|_| no_number())?),
        _ => return Err(wrong_column(scanner)),
    }
    Ok(())
}

/// A number, or a text that `parse` understands.
fn number_or(scanner: &mut Scanner<'_>, wanted: &str, parse: impl Fn(&[u8]) -> Option<i32>) -> Outcome<i32> {
    let start = scanner.position();
    let is_text = scanner.peek() == b'"';
    let text = number_or_text(scanner, wanted)?;
    let value = if is_text { parse(&text) } else { number::integer(&text).and_then(|value| i32::try_from(value).ok()) };
    value.ok_or_else(|| Fault::new(start, format!("it is not {wanted}")))
}

fn timestamp(scanner: &mut Scanner<'_>, per_second: i64, instant: bool, out: &mut ColumnBuilder) -> Outcome {
    let start = scanner.position();
    let is_text = scanner.peek() == b'"';
    let text = number_or_text(scanner, "a timestamp")?;
    let moment = if is_text { parse_timestamp(&text, instant) } else { number::integer(&text).map(Moment::of_millis) };
    let appended = moment.and_then(|moment| out.append_moment(moment, per_second));
    appended.ok_or_else(|| Fault::new(start, "it is neither milliseconds since 1970 nor 'yyyy-MM-dd HH:mm:ss'"))
}
