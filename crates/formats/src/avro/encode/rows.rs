//! One row of a tree.

use arrow_buffer::NullBuffer;

use super::{BranchWrite, FieldWrite, Write};
use crate::arrays::{null_not_allowed, text_key, ticks};
use crate::avro::write;
use crate::fault::{Fault, Outcome};
use crate::number::{fits, rescale, twos_complement};

impl Write<'_> {
    pub(super) fn write(&self, row: usize, out: &mut Vec<u8>) -> Outcome {
        match self {
            Write::Null => {}
            Write::Boolean(array) => out.push(u8::from(array.value(row))),
            Write::Int8(array) => write::long(array[row].into(), out),
            Write::Int16(array) => write::long(array[row].into(), out),
            Write::Int32(array) => write::long(array[row].into(), out),
            Write::Int64(array) => write::long(array[row], out),
            Write::Ticks { moments, per_second } => write::long(ticks(moments, row, *per_second)?, out),
            Write::Float32(array) => out.extend_from_slice(&array[row].to_le_bytes()),
            Write::Float64(array) => out.extend_from_slice(&array[row].to_le_bytes()),
            Write::Widened(array) => out.extend_from_slice(&f64::from(array[row]).to_le_bytes()),
            Write::Text(array) => write::bytes(array.value(row).as_bytes(), out),
            Write::Bytes(array) => write::bytes(array.value(row), out),
            Write::Fixed(array, size) => fixed(array.value(row), *size, out)?,
            Write::Decimal { unscaled, size, by, precision } => decimal(unscaled[row], *size, *by, *precision, out)?,
            Write::Enum(array, symbols) => {
                let text = array.value(row);
                let index =
                    symbols.get(text).ok_or_else(|| Fault::new(0, format!("'{text}' is no symbol of the enum")))?;
                write::long(*index, out);
            }
            Write::List(list, element) => {
                let (start, end) = span(list.value_offsets(), row);
                write::block(end - start, out);
                (start..end).try_for_each(|index| element.write(index, out))?;
                write::end_of_blocks(out);
            }
            Write::Map(map, keys, value) => {
                let (start, end) = span(map.value_offsets(), row);
                write::block(end - start, out);
                for index in start..end {
                    write::bytes(text_key(keys, index)?.as_bytes(), out);
                    value.write(index, out)?;
                }
                write::end_of_blocks(out);
            }
            Write::Entries { map, key, value, key_first } => {
                let (start, end) = span(map.value_offsets(), row);
                let (first, second) = if *key_first { (key, value) } else { (value, key) };
                write::block(end - start, out);
                for index in start..end {
                    first.write(index, out)?;
                    second.write(index, out)?;
                }
                write::end_of_blocks(out);
            }
            Write::Record(fields) => {
                for field in fields {
                    match field {
                        FieldWrite::Column { name, write } => {
                            write.write(row, out).map_err(|fault| fault.within(name))?;
                        }
                        FieldWrite::Constant(bytes) => out.extend_from_slice(bytes),
                    }
                }
            }
            Write::Nullable { nulls, null_branch, value } => {
                if nulls.is_some_and(|nulls| nulls.is_null(row)) {
                    write::long(*null_branch, out);
                } else {
                    write::long(1 - *null_branch, out);
                    value.write(row, out)?;
                }
            }
            Write::Required { nulls, value } => {
                if nulls.is_null(row) {
                    return Err(null_not_allowed());
                }
                value.write(row, out)?;
            }
            Write::Union { nulls, null_branch, branches } => union(*nulls, *null_branch, branches, row, out)?,
        }
        Ok(())
    }
}

fn span(offsets: &[i32], row: usize) -> (usize, usize) {
    (offsets[row] as usize, offsets[row + 1] as usize)
}

fn fixed(value: &[u8], size: usize, out: &mut Vec<u8>) -> Outcome {
    if value.len() != size {
        return Err(Fault::new(0, format!("{} bytes where the schema's fixed has {size}", value.len())));
    }
    out.extend_from_slice(value);
    Ok(())
}

fn decimal(unscaled: i128, size: Option<usize>, by: i8, precision: u8, out: &mut Vec<u8>) -> Outcome {
    let value = rescale(unscaled, by).filter(|&value| fits(value, precision));
    let value = value.ok_or_else(|| Fault::new(0, format!("the decimal has more than {precision} digits")))?;
    let (wide, start) = twos_complement(value);
    let short = &wide[start..];
    match size {
        None => write::bytes(short, out),
        Some(size) if size >= short.len() => {
            let sign = if value < 0 { 0xff } else { 0 };
            out.extend(std::iter::repeat_n(sign, size - short.len()));
            out.extend_from_slice(short);
        }
        Some(size) => return Err(Fault::new(0, format!("the decimal does not fit {size} bytes"))),
    }
    Ok(())
}

fn union(
    nulls: Option<&NullBuffer>,
    null_branch: Option<i64>,
    branches: &[BranchWrite<'_>],
    row: usize,
    out: &mut Vec<u8>,
) -> Outcome {
    let is_null = nulls.is_some_and(|nulls| nulls.is_null(row));
    let mut set = branches.iter().filter(|branch| !is_null && !branch.nulls.is_some_and(|nulls| nulls.is_null(row)));
    match (set.next(), set.next(), null_branch) {
        (Some(branch), None, _) => {
            write::long(branch.index, out);
            branch.write.write(row, out).map_err(|fault| fault.within(branch.name))
        }
        (Some(a), Some(b), _) => {
            Err(Fault::new(0, format!("both '{}' and '{}' are set, but a union holds one of them", a.name, b.name)))
        }
        (None, _, Some(null_branch)) => {
            write::long(null_branch, out);
            Ok(())
        }
        (None, _, None) => Err(Fault::new(0, "no field is set, but the union has no null")),
    }
}
