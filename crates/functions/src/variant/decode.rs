//! The text of a variant: JSON as Flink prints it, fields by name, decimals without zeros at their end.

use super::{VERSION, basic, tag};
use crate::cast::text::write_double;
use crate::decimal;
use crate::error::EvaluationError;
use crate::json::write::{separate, write_text};

/// Appends the JSON text of the variant that `bytes` hold.
///
/// # Errors
/// NUTKIN-5005 for bytes that are no variant.
pub fn write_json(bytes: &[u8], out: &mut String) -> Result<(), EvaluationError> {
    let broken = || EvaluationError::Internal("a VARIANT is not in the encoding of variants".to_owned());
    let (names, value) = Names::read(bytes).ok_or_else(broken)?;
    write(value, &names, out).ok_or_else(broken)
}

/// The names of fields by their place.
struct Names<'a> {
    width: usize,
    offsets: &'a [u8],
    text: &'a [u8],
}

impl<'a> Names<'a> {
    /// The metadata at the start of `bytes`, and what follows it.
    fn read(bytes: &'a [u8]) -> Option<(Names<'a>, &'a [u8])> {
        let (&header, rest) = bytes.split_first()?;
        if header & 0xf != VERSION {
            return None;
        }
        let width = usize::from(header >> 6) + 1;
        let count = number(rest, 0, width)?;
        let (offsets, rest) = rest.get(width..)?.split_at_checked((count + 1) * width)?;
        let (text, value) = rest.split_at_checked(number(offsets, count, width)?)?;
        Some((Names { width, offsets, text }, value))
    }

    fn get(&self, place: usize) -> Option<&'a str> {
        let start = number(self.offsets, place, self.width)?;
        let end = number(self.offsets, place + 1, self.width)?;
        std::str::from_utf8(self.text.get(start..end)?).ok()
    }
}

fn write(value: &[u8], names: &Names<'_>, out: &mut String) -> Option<()> {
    let (&first, rest) = value.split_first()?;
    let header = first >> 2;
    match first & 3 {
        basic::PRIMITIVE => scalar(header, rest, out),
        basic::SHORT_STRING => {
            write_text(std::str::from_utf8(rest.get(..header.into())?).ok()?, out);
            Some(())
        }
        basic::OBJECT => object(header, rest, names, out),
        _ => array(header, rest, names, out),
    }
}

fn scalar(kind: u8, rest: &[u8], out: &mut String) -> Option<()> {
    match kind {
        tag::NULL => out.push_str("null"),
        tag::TRUE => out.push_str("true"),
        tag::FALSE => out.push_str("false"),
        tag::INT8 => out.push_str(&i8::from_le_bytes(fixed(rest)?).to_string()),
        tag::INT16 => out.push_str(&i16::from_le_bytes(fixed(rest)?).to_string()),
        tag::INT32 => out.push_str(&i32::from_le_bytes(fixed(rest)?).to_string()),
        tag::INT64 => out.push_str(&i64::from_le_bytes(fixed(rest)?).to_string()),
        tag::DOUBLE => write_double(f64::from_le_bytes(fixed(rest)?), out),
        tag::DECIMAL4 => write_decimal(rest, i32::from_le_bytes(fixed(rest.get(1..)?)?).into(), out)?,
        tag::DECIMAL8 => write_decimal(rest, i64::from_le_bytes(fixed(rest.get(1..)?)?).into(), out)?,
        tag::DECIMAL16 => write_decimal(rest, i128::from_le_bytes(fixed(rest.get(1..)?)?), out)?,
        tag::STRING => {
            let text = rest.get(4..)?.get(..number(rest, 0, 4)?)?;
            write_text(std::str::from_utf8(text).ok()?, out);
        }
        _ => return None,
    }
    Some(())
}

fn write_decimal(rest: &[u8], unscaled: i128, out: &mut String) -> Option<()> {
    let (mut unscaled, mut scale) = (unscaled, *rest.first()?);
    while scale > 0 && unscaled % 10 == 0 {
        unscaled /= 10;
        scale -= 1;
    }
    decimal::write(unscaled, scale, out);
    Some(())
}

fn array(header: u8, rest: &[u8], names: &Names<'_>, out: &mut String) -> Option<()> {
    let width = usize::from(header & 3) + 1;
    let (count, rest) = counted(header & 4 != 0, rest)?;
    let (offsets, values) = rest.split_at_checked((count + 1) * width)?;
    out.push('[');
    for index in 0..count {
        separate(index, out);
        write(values.get(number(offsets, index, width)?..)?, names, out)?;
    }
    out.push(']');
    Some(())
}

fn object(header: u8, rest: &[u8], names: &Names<'_>, out: &mut String) -> Option<()> {
    let (width, place_width) = (usize::from(header & 3) + 1, usize::from(header >> 2 & 3) + 1);
    let (count, rest) = counted(header & 0x10 != 0, rest)?;
    let (places, rest) = rest.split_at_checked(count * place_width)?;
    let (offsets, values) = rest.split_at_checked((count + 1) * width)?;
    out.push('{');
    for index in 0..count {
        separate(index, out);
        write_text(names.get(number(places, index, place_width)?)?, out);
        out.push(':');
        write(values.get(number(offsets, index, width)?..)?, names, out)?;
    }
    out.push('}');
    Some(())
}

/// The number of parts, and what follows it.
fn counted(large: bool, rest: &[u8]) -> Option<(usize, &[u8])> {
    let width = if large { 4 } else { 1 };
    Some((number(rest, 0, width)?, rest.get(width..)?))
}

/// Number `index` of those that `bytes` start with, each `width` bytes long.
fn number(bytes: &[u8], index: usize, width: usize) -> Option<usize> {
    let digits = bytes.get(index.checked_mul(width)?..)?.get(..width)?;
    Some(digits.iter().rev().fold(0, |number, &byte| number << 8 | usize::from(byte)))
}

fn fixed<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.get(..N)?.try_into().ok()
}
