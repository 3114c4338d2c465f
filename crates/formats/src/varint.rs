//! Variable-length numbers as Avro and Protobuf both have them: seven bits a byte, the lowest first, and zigzag for signs.

use crate::fault::Fault;

/// No number of 64 bits takes more bytes.
const LONGEST: usize = 10;

/// Why there is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoVarint {
    /// The data end inside it.
    Ended,
    /// It has more than 64 bits.
    TooLong,
}

impl NoVarint {
    /// The fault of a number at `offset`; `whole` is what ends too early.
    #[cold]
    pub fn fault(self, offset: usize, whole: &str) -> Box<Fault> {
        match self {
            NoVarint::Ended => Fault::new(offset, format!("the {whole} ends inside a number")),
            NoVarint::TooLong => Fault::new(offset, "a number longer than 64 bits"),
        }
    }
}

/// The number at `position`, which then stands behind it. Most numbers are one byte.
#[inline]
pub(crate) fn read(data: &[u8], position: &mut usize) -> Result<u64, NoVarint> {
    match data.get(*position) {
        Some(&byte) if byte < 0x80 => {
            *position += 1;
            Ok(u64::from(byte))
        }
        _ => read_long(data, position),
    }
}

fn read_long(data: &[u8], position: &mut usize) -> Result<u64, NoVarint> {
    let rest = data.get(*position..).unwrap_or_default();
    let mut value = 0u64;
    for (index, &byte) in rest.iter().take(LONGEST).enumerate() {
        if index + 1 == LONGEST && byte > 1 {
            return Err(NoVarint::TooLong);
        }
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            *position += index + 1;
            return Ok(value);
        }
    }
    Err(NoVarint::Ended)
}

/// Appends `value`.
#[inline]
pub(crate) fn write(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// The signed number that zigzag made `value` of.
#[inline]
pub(crate) fn from_zigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// Signed numbers near zero as small unsigned ones.
#[inline]
pub(crate) fn to_zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}
