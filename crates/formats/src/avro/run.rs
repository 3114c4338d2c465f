//! Running a [`Program`] over one record.

use super::cursor::Cursor;
use super::program::{EntryStep, Missing, Op, Program, RecordOp, Step};
use super::skip::Skips;
use crate::columns::{ColumnBuilder, ColumnFull, MapColumn, RowColumn};
use crate::fault::{Fault, Outcome};
use crate::number::{fits, from_twos_complement, rescale};

/// Appends the record in `body`, which must end with it.
pub(crate) fn run(program: &Program, body: &[u8], out: &mut ColumnBuilder) -> Outcome {
    let mut cursor = Cursor::new(body);
    value(&program.root, &program.skips, &mut cursor, out)?;
    match cursor.remaining() {
        0 => Ok(()),
        rest => Err(cursor.fault(format!("{rest} bytes are left after the record"))),
    }
}

#[cold]
fn wrong_column(cursor: &Cursor<'_>) -> Box<Fault> {
    cursor.fault("the column does not have the type it was compiled for")
}

fn full(cursor: &Cursor<'_>) -> impl Fn(ColumnFull) -> Box<Fault> {
    let position = cursor.position();
    move |ColumnFull| Fault::new(position, ColumnFull::CAUSE)
}

#[cold]
fn overflow(start: usize, value: i64) -> Box<Fault> {
    Fault::new(start, format!("{value} does not fit the column's type"))
}

fn value(op: &Op, skips: &Skips, cursor: &mut Cursor<'_>, out: &mut ColumnBuilder) -> Outcome {
    match op {
        Op::Null => out.append_null(),
        Op::Fail(cause) => return Err(cursor.fault(&**cause)),
        Op::Integer => return integer(cursor, out),
        Op::Text => return text(cursor, out),
        Op::Nullable { null_branch, value: inner } => {
            if cursor.index(2, "branch")? != *null_branch {
                return value(inner, skips, cursor, out);
            }
            out.append_null();
        }
        Op::Record(record) => match out {
            ColumnBuilder::Row(row) => return fields(record, skips, cursor, row),
            _ => return Err(wrong_column(cursor)),
        },
        Op::Boolean => match out {
            ColumnBuilder::Boolean(column) => column.append(cursor.boolean()?),
            _ => return Err(wrong_column(cursor)),
        },
        Op::IntegerToFloat | Op::Float | Op::Double => return float(op, cursor, out),
        Op::Ticks { multiply, divide } => return ticks(*multiply, *divide, cursor, out),
        Op::Bytes | Op::Fixed(_) => match out {
            ColumnBuilder::Bytes(column) => {
                let bytes = if let Op::Fixed(size) = op { cursor.take(*size)? } else { cursor.bytes()? };
                column.append(bytes).map_err(full(cursor))?;
            }
            _ => return Err(wrong_column(cursor)),
        },
        Op::Decimal { size, rescale, precision } => return decimal(*size, *rescale, *precision, cursor, out),
        Op::Enum(texts) => match out {
            ColumnBuilder::Bytes(column) => {
                let index = cursor.index(texts.len(), "symbol")?;
                let text = texts[index].as_ref();
                let text = text.ok_or_else(|| cursor.fault(format!("symbol {index} is not in the table's schema")))?;
                column.append(text.as_bytes()).map_err(full(cursor))?;
            }
            _ => return Err(wrong_column(cursor)),
        },
        Op::List(element) => match out {
            ColumnBuilder::List(list) => {
                blocks(cursor, |cursor| value(element, skips, cursor, &mut list.element))?;
                list.close().map_err(full(cursor))?;
            }
            _ => return Err(wrong_column(cursor)),
        },
        Op::Map(element) => match out {
            ColumnBuilder::Map(map) => {
                blocks(cursor, |cursor| {
                    text(cursor, &mut map.key)?;
                    value(element, skips, cursor, &mut map.value)
                })?;
                map.close().map_err(full(cursor))?;
            }
            _ => return Err(wrong_column(cursor)),
        },
        Op::Entries(steps) => match out {
            ColumnBuilder::Map(map) => {
                blocks(cursor, |cursor| entry(steps, skips, cursor, map))?;
                map.close().map_err(full(cursor))?;
            }
            _ => return Err(wrong_column(cursor)),
        },
        Op::Union(branches) => {
            let branch = cursor.index(branches.len(), "branch")?;
            return value(&branches[branch], skips, cursor, out);
        }
        Op::Branch { field, skip } => match out {
            ColumnBuilder::Row(row) => {
                for (index, column) in row.fields.iter_mut().enumerate() {
                    match field {
                        Some((wanted, op)) if *wanted == index => {
                            value(op, skips, cursor, &mut column.column).map_err(|fault| fault.within(&column.name))?
                        }
                        _ => column.column.append_null(),
                    }
                }
                if field.is_none() {
                    skips.skip(*skip, cursor)?;
                }
                row.close();
            }
            _ => return Err(wrong_column(cursor)),
        },
    }
    Ok(())
}

fn fields(record: &RecordOp, skips: &Skips, cursor: &mut Cursor<'_>, row: &mut RowColumn) -> Outcome {
    for step in &record.steps {
        match step {
            Step::Skip(skip) => skips.skip(*skip, cursor)?,
            Step::Field { index, op } => {
                let Some(field) = row.fields.get_mut(*index) else { return Err(wrong_column(cursor)) };
                if let Err(fault) = value(op, skips, cursor, &mut field.column) {
                    return Err(fault.within(&field.name));
                }
            }
        }
    }
    for (index, missing) in &record.missing {
        let Some(field) = row.fields.get_mut(*index) else { return Err(wrong_column(cursor)) };
        match missing {
            Missing::Null => field.column.append_null(),
            Missing::Default { bytes, program } => {
                run(program, bytes, &mut field.column).map_err(|fault| fault.within(&field.name))?;
            }
        }
    }
    row.close();
    Ok(())
}

fn entry(steps: &[EntryStep], skips: &Skips, cursor: &mut Cursor<'_>, map: &mut MapColumn) -> Outcome {
    for step in steps {
        match step {
            EntryStep::Key(op) => value(op, skips, cursor, &mut map.key)?,
            EntryStep::Value(op) => value(op, skips, cursor, &mut map.value)?,
            EntryStep::Skip(skip) => skips.skip(*skip, cursor)?,
        }
    }
    Ok(())
}

#[inline]
fn blocks(cursor: &mut Cursor<'_>, mut each: impl FnMut(&mut Cursor<'_>) -> Outcome) -> Outcome {
    loop {
        let (count, size) = cursor.block()?;
        if count == 0 {
            return Ok(());
        }
        let start = cursor.position();
        for _ in 0..count {
            each(cursor)?;
        }
        // A reader that skips the block goes by its size, and must not find another rest than this one.
        let read = cursor.position() - start;
        if let Some(size) = size.filter(|&size| size != read) {
            return Err(Fault::new(start, format!("a block of {size} bytes has elements of {read} bytes")));
        }
    }
}

#[inline]
fn text(cursor: &mut Cursor<'_>, out: &mut ColumnBuilder) -> Outcome {
    let ColumnBuilder::Bytes(column) = out else { return Err(wrong_column(cursor)) };
    let bytes = cursor.bytes()?;
    if let Err(error) = std::str::from_utf8(bytes) {
        let start = cursor.position() - bytes.len();
        return Err(Fault::new(start + error.valid_up_to(), "the text is not valid UTF-8"));
    }
    column.append(bytes).map_err(full(cursor))
}

#[inline]
fn integer(cursor: &mut Cursor<'_>, out: &mut ColumnBuilder) -> Outcome {
    let start = cursor.position();
    match out {
        ColumnBuilder::Int64(column) => column.append(cursor.long()?),
        ColumnBuilder::Int32(column) => column.append(cursor.int()?),
        ColumnBuilder::Int16(column) => {
            let value = cursor.int()?;
            column.append(i16::try_from(value).map_err(|_| overflow(start, value.into()))?);
        }
        ColumnBuilder::Int8(column) => {
            let value = cursor.int()?;
            column.append(i8::try_from(value).map_err(|_| overflow(start, value.into()))?);
        }
        _ => return Err(wrong_column(cursor)),
    }
    Ok(())
}

fn float(op: &Op, cursor: &mut Cursor<'_>, out: &mut ColumnBuilder) -> Outcome {
    match (op, out) {
        (Op::Float, ColumnBuilder::Float32(column)) => column.append(f32::from_le_bytes(cursor.array()?)),
        (Op::Float, ColumnBuilder::Float64(column)) => column.append(f32::from_le_bytes(cursor.array()?).into()),
        (Op::Double, ColumnBuilder::Float64(column)) => column.append(f64::from_le_bytes(cursor.array()?)),
        (Op::IntegerToFloat, ColumnBuilder::Float32(column)) => column.append(cursor.long()? as f32),
        (Op::IntegerToFloat, ColumnBuilder::Float64(column)) => column.append(cursor.long()? as f64),
        _ => return Err(wrong_column(cursor)),
    }
    Ok(())
}

fn ticks(multiply: i64, divide: i64, cursor: &mut Cursor<'_>, out: &mut ColumnBuilder) -> Outcome {
    let start = cursor.position();
    let value = cursor.long()?;
    match out {
        ColumnBuilder::Int64(column) => {
            let ticks = value.div_euclid(divide).checked_mul(multiply).ok_or_else(|| overflow(start, value))?;
            column.append(ticks);
        }
        // Nanoseconds, the finest of all.
        ColumnBuilder::Decimal(column) => column.append(i128::from(value) * i128::from(multiply)),
        _ => return Err(wrong_column(cursor)),
    }
    Ok(())
}

fn decimal(size: Option<usize>, by: i8, precision: u8, cursor: &mut Cursor<'_>, out: &mut ColumnBuilder) -> Outcome {
    let ColumnBuilder::Decimal(column) = out else { return Err(wrong_column(cursor)) };
    let start = cursor.position();
    let bytes = match size {
        Some(size) => cursor.take(size)?,
        None => cursor.bytes()?,
    };
    let value = from_twos_complement(bytes).and_then(|value| rescale(value, by)).filter(|&v| fits(v, precision));
    match value {
        Some(value) => {
            column.append(value);
            Ok(())
        }
        None => Err(Fault::new(start, format!("a decimal of more than {precision} digits"))),
    }
}
