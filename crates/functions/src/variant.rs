//! VARIANT: values that bring their own type, in the open binary encoding of variants (format 1).
//!
//! A value is two parts, kept one after the other in one Binary column: the metadata, which names the fields of all objects once,
//! in the order in which they first appear; and the value, a tree of tagged bytes ([`encode`], [`decode`]). Two values are equal
//! when their bytes are, as in Flink: `1` and `1.0` differ, and so do objects whose fields stand in another order. So the keys,
//! hashes and comparisons of Binary columns are those of VARIANT, and nothing else has to know the encoding.
//!
//! SQL makes variants of JSON texts only, so the encoding's types for dates, timestamps and bytes do not come up.
//! [Decision 0018](../../../docs/decisions/0018-variants-in-one-column.md) has the reasons.

use crate::error::EvaluationError;

mod decode;
mod encode;
mod parse;

pub use decode::write_json;
pub(crate) use parse::{Refused, parse};

/// The largest value, metadata included: 16 MiB.
const SIZE_LIMIT: usize = 1 << 24;

/// Tags of scalars: the upper six bits of a value's first byte.
mod tag {
    pub const NULL: u8 = 0;
    pub const TRUE: u8 = 1;
    pub const FALSE: u8 = 2;
    pub const INT8: u8 = 3;
    pub const INT16: u8 = 4;
    pub const INT32: u8 = 5;
    pub const INT64: u8 = 6;
    pub const DOUBLE: u8 = 7;
    pub const DECIMAL4: u8 = 8;
    pub const DECIMAL8: u8 = 9;
    pub const DECIMAL16: u8 = 10;
    pub const STRING: u8 = 16;
}

/// The lower two bits of a value's first byte.
mod basic {
    pub const PRIMITIVE: u8 = 0;
    pub const SHORT_STRING: u8 = 1;
    pub const OBJECT: u8 = 2;
    pub const ARRAY: u8 = 3;
}

/// The longest text whose length stands in its first byte.
const SHORT: usize = 63;
/// Objects and arrays with more parts count them in four bytes.
const SMALL: usize = 255;
const VERSION: u8 = 1;

/// The variant of a JSON text.
///
/// # Errors
/// NUTKIN-5003 for a text that is none, and for an object that has a name twice.
pub fn of_json(text: &str) -> Result<Vec<u8>, EvaluationError> {
    let mut bytes = Vec::new();
    parse(text, false, &mut bytes).map_err(|refused| failure("PARSE_JSON", text, refused))?;
    Ok(bytes)
}

#[cold]
pub(crate) fn failure(function: &'static str, text: &str, refused: Refused) -> EvaluationError {
    let reason = match refused {
        Refused::Malformed(at) => format!("it is not JSON at byte {at}; TRY_PARSE_JSON gives NULL for such texts"),
        Refused::Duplicate(name) => format!(
            "VARIANT_DUPLICATE_KEY: the key '{name}' stands twice in an object; allow it with {function}(string, TRUE)"
        ),
        Refused::TooLarge => "VARIANT_SIZE_LIMIT: a VARIANT holds at most 16 MiB".to_owned(),
    };
    EvaluationError::InvalidArgument { function, value: text.to_owned(), reason }
}
