//! Writing the encoding.

use std::collections::HashMap;

use super::{SHORT, SMALL, VERSION, basic, tag};
use crate::json::write::by_utf16;

/// The names of fields, each once, by the order of their first appearance.
#[derive(Default)]
pub(super) struct Names {
    places: HashMap<String, usize>,
    names: Vec<String>,
}

impl Names {
    pub fn place(&mut self, name: &str) -> usize {
        if let Some(&place) = self.places.get(name) {
            return place;
        }
        let place = self.names.len();
        self.places.insert(name.to_owned(), place);
        self.names.push(name.to_owned());
        place
    }

    /// The metadata: a header, the number of names, where each starts, and their text.
    pub fn write(&self, out: &mut Vec<u8>) {
        let text: usize = self.names.iter().map(String::len).sum();
        let width = width_of(text.max(self.names.len()));
        out.push(VERSION | (width as u8 - 1) << 6);
        number(self.names.len(), width, out);
        let mut offset = 0;
        number(offset, width, out);
        for name in &self.names {
            offset += name.len();
            number(offset, width, out);
        }
        self.names.iter().for_each(|name| out.extend(name.as_bytes()));
    }
}

/// One field of an object: its name, the name's place, and where its value starts.
pub(super) struct Field {
    pub name: String,
    pub place: usize,
    pub value: Vec<u8>,
}

pub(super) fn scalar(tag: u8, out: &mut Vec<u8>) {
    out.push(basic::PRIMITIVE | tag << 2);
}

/// The smallest integer that holds it.
pub(super) fn integer(value: i64, out: &mut Vec<u8>) {
    if let Ok(value) = i8::try_from(value) {
        scalar(tag::INT8, out);
        out.extend(value.to_le_bytes());
    } else if let Ok(value) = i16::try_from(value) {
        scalar(tag::INT16, out);
        out.extend(value.to_le_bytes());
    } else if let Ok(value) = i32::try_from(value) {
        scalar(tag::INT32, out);
        out.extend(value.to_le_bytes());
    } else {
        scalar(tag::INT64, out);
        out.extend(value.to_le_bytes());
    }
}

pub(super) fn double(value: f64, out: &mut Vec<u8>) {
    scalar(tag::DOUBLE, out);
    out.extend(value.to_le_bytes());
}

/// The smallest of the three decimals, by its digits and its scale.
pub(super) fn decimal(unscaled: i128, scale: u8, out: &mut Vec<u8>) {
    let digits = unscaled.unsigned_abs().checked_ilog10().unwrap_or(0) + 1;
    match digits.max(scale.into()) {
        0..=9 => {
            scalar(tag::DECIMAL4, out);
            out.push(scale);
            out.extend((unscaled as i32).to_le_bytes());
        }
        10..=18 => {
            scalar(tag::DECIMAL8, out);
            out.push(scale);
            out.extend((unscaled as i64).to_le_bytes());
        }
        _ => {
            scalar(tag::DECIMAL16, out);
            out.push(scale);
            out.extend(unscaled.to_le_bytes());
        }
    }
}

pub(super) fn text(value: &str, out: &mut Vec<u8>) {
    if value.len() <= SHORT {
        out.push(basic::SHORT_STRING | (value.len() as u8) << 2);
    } else {
        scalar(tag::STRING, out);
        number(value.len(), 4, out);
    }
    out.extend(value.as_bytes());
}

pub(super) fn array(items: &[Vec<u8>], out: &mut Vec<u8>) {
    let size: usize = items.iter().map(Vec::len).sum();
    let (large, width) = (items.len() > SMALL, width_of(size));
    out.push(basic::ARRAY | ((width as u8 - 1) | u8::from(large) << 2) << 2);
    number(items.len(), if large { 4 } else { 1 }, out);
    let mut offset = 0;
    number(offset, width, out);
    for item in items {
        offset += item.len();
        number(offset, width, out);
    }
    items.iter().for_each(|item| out.extend(item));
}

/// Fields are listed by name; their values keep the order in which they came.
pub(super) fn object(fields: &[Field], out: &mut Vec<u8>) {
    let size: usize = fields.iter().map(|field| field.value.len()).sum();
    let highest = fields.iter().map(|field| field.place).max().unwrap_or(0);
    let (large, width, place_width) = (fields.len() > SMALL, width_of(size), width_of(highest));
    let header = (width as u8 - 1) | (place_width as u8 - 1) << 2 | u8::from(large) << 4;
    out.push(basic::OBJECT | header << 2);
    number(fields.len(), if large { 4 } else { 1 }, out);
    let mut offset = 0;
    let mut sorted = Vec::with_capacity(fields.len());
    for field in fields {
        sorted.push((field, offset));
        offset += field.value.len();
    }
    sorted.sort_by(|(a, _), (b, _)| by_utf16(&a.name, &b.name));
    sorted.iter().for_each(|(field, _)| number(field.place, place_width, out));
    sorted.iter().for_each(|(_, start)| number(*start, width, out));
    number(offset, width, out);
    fields.iter().for_each(|field| out.extend(&field.value));
}

/// Bytes that hold numbers up to `highest`.
fn width_of(highest: usize) -> usize {
    match highest {
        0..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xff_ffff => 3,
        _ => 4,
    }
}

fn number(value: usize, width: usize, out: &mut Vec<u8>) {
    out.extend(&value.to_le_bytes()[..width]);
}
