//! JSON values, written.

use std::fmt::Debug;
use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A comma before every element but the first.
#[inline]
pub(crate) fn comma(place: usize, out: &mut Vec<u8>) {
    if place > 0 {
        out.push(b',');
    }
}

pub(crate) fn integer(value: i64, out: &mut Vec<u8>) {
    let mut digits = [0u8; 20];
    let mut start = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[start..]);
}

/// The shortest text that reads back as the same number. Err for None: not finite.
pub(crate) fn float<T: Debug>(value: Option<T>, out: &mut Vec<u8>) -> Result<(), ()> {
    // Debug writes an exponent where Display would write three hundred zeros.
    write!(out, "{:?}", value.ok_or(())?).map_err(|_| ())
}

/// A plain number with `scale` digits after the point.
pub(crate) fn decimal(unscaled: i128, scale: u8, out: &mut Vec<u8>) {
    let mut digits = [b'0'; 80];
    let mut start = digits.len();
    let mut rest = unscaled.unsigned_abs();
    let mut written = 0;
    while rest > 0 || written <= usize::from(scale) {
        if written == usize::from(scale) && scale > 0 {
            start -= 1;
            digits[start] = b'.';
        }
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        written += 1;
    }
    if unscaled < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[start..]);
}

/// A string between quotes, escaped where JSON asks for it.
pub(crate) fn text(value: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let bytes = value.as_bytes();
    let mut from = 0;
    for (index, &byte) in bytes.iter().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0..0x20 => b"",
            _ => continue,
        };
        out.extend_from_slice(&bytes[from..index]);
        from = index + 1;
        out.extend_from_slice(escape);
        if escape.is_empty() {
            out.extend_from_slice(b"\\u00");
            out.push(b'0' + (byte >> 4));
            out.push(b"0123456789abcdef"[usize::from(byte & 15)]);
        }
    }
    out.extend_from_slice(&bytes[from..]);
    out.push(b'"');
}

/// Bytes as a string of base64 with padding, as Jackson writes them.
pub(crate) fn base64(value: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let start = out.len();
    out.resize(start + value.len().div_ceil(3) * 4, 0);
    let written = STANDARD.encode_slice(value, &mut out[start..]).unwrap_or_default();
    out.truncate(start + written);
    out.push(b'"');
}
