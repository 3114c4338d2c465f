//! JSON texts to variants.

use super::encode::{self, Field, Names};
use super::{SIZE_LIMIT, tag};
use crate::json::Json;
use crate::json::parse::{Malformed, Reader};

/// The most digits of a decimal.
const MAX_DIGITS: usize = 38;

/// Why a text does not become a variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is not JSON at this byte.
    Malformed(usize),
    /// A name that stands twice in an object.
    Duplicate(String),
    /// The variant would be larger than it may be.
    TooLarge,
}

impl From<Malformed> for Refused {
    fn from(malformed: Malformed) -> Refused {
        Refused::Malformed(malformed.at)
    }
}

/// The variant of the first value of `text`, appended to `out`. Of a name that stands twice the last value counts where
/// `allows_duplicates`.
pub(crate) fn parse(text: &str, allows_duplicates: bool, out: &mut Vec<u8>) -> Result<(), Refused> {
    let mut builder =
        Builder { reader: Reader::new(text), names: Names::default(), allows_duplicates, duplicate: None };
    let mut value = Vec::new();
    let read = builder.value(0, &mut value);
    if let Some(name) = builder.duplicate.take() {
        return Err(Refused::Duplicate(name));
    }
    read?;
    builder.reader.end_of_root()?;
    let start = out.len();
    builder.names.write(out);
    out.append(&mut value);
    if out.len() - start > SIZE_LIMIT { Err(Refused::TooLarge) } else { Ok(()) }
}

struct Builder<'a> {
    reader: Reader<'a>,
    names: Names,
    allows_duplicates: bool,
    /// The name that stood twice where it may not; reading ends there.
    duplicate: Option<String>,
}

impl<'a> Builder<'a> {
    fn value(&mut self, depth: usize, out: &mut Vec<u8>) -> Result<(), Malformed> {
        self.reader.blanks();
        match self.reader.peek() {
            Some(b'{') => {
                let fields = self.fields(depth)?;
                encode::object(&fields, out);
            }
            Some(b'[') => {
                let items = self.items(depth)?;
                encode::array(&items, out);
            }
            _ => match self.reader.value(depth)? {
                Json::Bool(true) => encode::scalar(tag::TRUE, out),
                Json::Bool(false) => encode::scalar(tag::FALSE, out),
                Json::Number(digits) => number(digits, out),
                Json::Text(text) => encode::text(&text, out),
                _ => encode::scalar(tag::NULL, out),
            },
        }
        Ok(())
    }

    fn fields(&mut self, depth: usize) -> Result<Vec<Field>, Malformed> {
        self.enter(depth)?;
        let mut fields: Vec<Field> = Vec::new();
        // Where each name's field stands.
        let mut known = std::collections::HashMap::new();
        self.reader.expect(b'{')?;
        if self.reader.take(b'}') {
            return Ok(fields);
        }
        loop {
            self.reader.blanks();
            let name = self.reader.string()?.into_owned();
            self.reader.expect(b':')?;
            let place = self.names.place(&name);
            let mut value = Vec::new();
            self.value(depth + 1, &mut value)?;
            match known.insert(place, fields.len()) {
                Some(_) if !self.allows_duplicates => {
                    self.duplicate = Some(name);
                    return self.reader.error();
                }
                // The value that counts stands where it was last written.
                Some(_) => fields.retain(|field| field.place != place),
                None => {}
            }
            fields.push(Field { name, place, value });
            if !self.reader.take(b',') {
                self.reader.expect(b'}')?;
                return Ok(fields);
            }
        }
    }

    fn items(&mut self, depth: usize) -> Result<Vec<Vec<u8>>, Malformed> {
        self.enter(depth)?;
        let mut items = Vec::new();
        self.reader.expect(b'[')?;
        if self.reader.take(b']') {
            return Ok(items);
        }
        loop {
            let mut item = Vec::new();
            self.value(depth + 1, &mut item)?;
            items.push(item);
            if !self.reader.take(b',') {
                self.reader.expect(b']')?;
                return Ok(items);
            }
        }
    }

    fn enter(&self, depth: usize) -> Result<(), Malformed> {
        if depth >= crate::json::parse::MAX_DEPTH { self.reader.error() } else { Ok(()) }
    }
}

/// A number as it was written: whole ones as integers while 64 bits hold them, those without an exponent as decimals while 38
/// digits do, all others as DOUBLE.
fn number(digits: &str, out: &mut Vec<u8>) {
    if let Ok(whole) = digits.parse::<i64>() {
        return encode::integer(whole, out);
    }
    match exact(digits) {
        Some((unscaled, scale)) => encode::decimal(unscaled, scale, out),
        // Everything that JSON takes for a number is one; the largest are infinite.
        None => encode::double(digits.parse().unwrap_or(f64::NAN), out),
    }
}

fn exact(digits: &str) -> Option<(i128, u8)> {
    if digits.contains(['e', 'E']) {
        return None;
    }
    let scale = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let unscaled = digits.replace('.', "");
    let precision = unscaled.trim_start_matches('-').trim_start_matches('0').len();
    if precision > MAX_DIGITS || scale > MAX_DIGITS {
        return None;
    }
    Some((unscaled.parse().ok()?, u8::try_from(scale).ok()?))
}
