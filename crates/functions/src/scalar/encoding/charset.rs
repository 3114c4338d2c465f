//! ENCODE and DECODE: the character sets of Java.

use arrow_array::ArrayRef;

use crate::args::Args;
use crate::error::EvaluationError;
use crate::utf8;

/// The character sets that ENCODE and DECODE know.
#[derive(Clone, Copy)]
enum Charset {
    Ascii,
    Latin1,
    Utf8,
    Utf16 { little: bool, mark: bool },
}

/// A set under its name and the names that Java has for it beside.
const NAMES: &[(&str, Charset)] = &[
    (
        "US-ASCII 646 ANSI_X3.4-1968 ANSI_X3.4-1986 ASCII ASCII7 CP367 CSASCII DEFAULT IBM367 ISO-IR-6 ISO646-US \
         ISO_646.IRV:1983 ISO_646.IRV:1991 US",
        Charset::Ascii,
    ),
    (
        "ISO-8859-1 819 8859_1 CP819 CSISOLATIN1 IBM-819 IBM819 ISO-IR-100 ISO8859-1 ISO8859_1 ISO_8859-1 ISO_8859-1:1987 \
         ISO_8859_1 L1 LATIN1",
        Charset::Latin1,
    ),
    ("UTF-8 UTF8 UNICODE-1-1-UTF-8", Charset::Utf8),
    ("UTF-16BE ISO-10646-UCS-2 UNICODEBIGUNMARKED UTF_16BE X-UTF-16BE", Charset::Utf16 { little: false, mark: false }),
    ("UTF-16LE UNICODELITTLEUNMARKED UTF_16LE X-UTF-16LE", Charset::Utf16 { little: true, mark: false }),
    ("UTF-16 UNICODE UNICODEBIG UTF16 UTF_16", Charset::Utf16 { little: false, mark: true }),
];

fn charset(function: &'static str, name: &str) -> Result<Charset, EvaluationError> {
    let wanted = name.to_uppercase();
    let fits = |names: &str| names.split_ascii_whitespace().any(|known| known == wanted);
    NAMES.iter().find(|(names, _)| fits(names)).map(|(_, charset)| *charset).ok_or_else(|| {
        let reason = "the character set is none of US-ASCII, ISO-8859-1, UTF-8, UTF-16BE, UTF-16LE, UTF-16".to_owned();
        EvaluationError::InvalidArgument { function, value: name.to_owned(), reason }
    })
}

pub(super) fn encode(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let (texts, names) = (args.texts(0)?, args.texts(1)?);
    args.build_binaries(|row, out| {
        let (Some(text), Some(name)) = (texts.get(row), names.get(row)) else { return Ok(None) };
        let limited =
            |limit: u32| text.chars().map(move |c| if u32::from(c) < limit { u32::from(c) as u8 } else { b'?' });
        match charset("ENCODE", name)? {
            Charset::Utf8 => out.extend_from_slice(text.as_bytes()),
            Charset::Ascii => out.extend(limited(128)),
            Charset::Latin1 => out.extend(limited(256)),
            Charset::Utf16 { little, mark } => {
                let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
                units.for_each(|unit| out.extend(if little { unit.to_le_bytes() } else { unit.to_be_bytes() }));
            }
        }
        Ok(Some(()))
    })
}

pub(super) fn decode(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let (values, names) = (args.binaries(0)?, args.texts(1)?);
    args.build_texts(|row, out| {
        let (Some(bytes), Some(name)) = (values.get(row), names.get(row)) else { return Ok(None) };
        match charset("DECODE", name)? {
            Charset::Utf8 => out.push_str(&utf8::lossy(bytes)),
            Charset::Ascii => out.extend(bytes.iter().map(|&b| if b < 128 { char::from(b) } else { '\u{FFFD}' })),
            Charset::Latin1 => out.extend(bytes.iter().map(|&b| char::from(b))),
            Charset::Utf16 { little, mark } => {
                let (pairs, odd) = bytes.as_chunks::<2>();
                // A mark says in which order the bytes stand, and is no character.
                let (little, skip) = match pairs.first() {
                    Some([0xFE, 0xFF]) if mark => (false, 1),
                    Some([0xFF, 0xFE]) if mark => (true, 1),
                    _ => (little, 0),
                };
                let unit = |pair: &[u8; 2]| if little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) };
                push_units(pairs.iter().skip(skip).map(unit), !odd.is_empty(), out);
            }
        }
        Ok(Some(()))
    })
}

/// The characters of UTF-16 units, with Java's replacement characters: the first half of a pair takes what follows it along.
fn push_units(mut units: impl Iterator<Item = u16>, has_odd_byte: bool, out: &mut String) {
    while let Some(unit) = units.next() {
        let is_first_half = (0xD800..0xDC00).contains(&unit);
        let second = if is_first_half { units.next() } else { None };
        let decoded = char::decode_utf16([unit].into_iter().chain(second)).next();
        out.extend(decoded.map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER)));
        if is_first_half && second.is_none() {
            return;
        }
    }
    out.extend(has_odd_byte.then_some(char::REPLACEMENT_CHARACTER));
}
