//! Format specifiers: `%[position$][flags][width][.precision]conversion`.
//!
//! Each part is written to the end of the text and put right there: cut, filled with zeros, padded.

use std::fmt::Write;

use super::{decimal, hexadecimal, moment};
use crate::args::ignore;
use crate::error::EvaluationError;

/// An argument.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Datum {
    Null,
    Bool(bool),
    /// With its width in bits, which `%x` and `%o` of negative numbers need.
    Int(i64, u32),
    Double(f64),
    /// All that only `%s` and `%h` take.
    Other,
}

/// The arguments of a row.
pub(super) trait Row {
    /// None of an index beyond the last.
    fn datum(&self, index: usize) -> Result<Option<Datum>, EvaluationError>;

    /// Appends the text of `%s`.
    fn write(&self, index: usize, out: &mut String) -> Result<(), EvaluationError>;

    /// What `%h` prints; None where it cannot be known.
    fn hash(&self, index: usize) -> Option<u32>;
}

const BLANKS: &str = "                                ";
const ZEROS: &str = "00000000000000000000000000000000";
const FLAGS: &str = "-#+ 0,(";

#[derive(Debug, Default)]
pub(super) struct Spec {
    /// From 1.
    position: Option<usize>,
    /// `<`: the argument before again.
    again: bool,
    /// A bit for each of [`FLAGS`].
    flags: u8,
    width: Option<usize>,
    precision: Option<usize>,
}

impl Spec {
    fn has(&self, flag: char) -> bool {
        FLAGS.find(flag).is_some_and(|bit| self.flags & (1 << bit) != 0)
    }

    fn without_zeros(&self) -> Spec {
        Spec { flags: self.flags & !(1 << FLAGS.find('0').unwrap_or(0)), ..Spec::default() }
    }
}

/// Longest width and precision; more is no reasonable text.
const MOST: usize = 10_000;

/// Appends the formatted text; None when format and arguments do not fit.
pub(super) fn format(format: &str, row: &impl Row, out: &mut String) -> Result<Option<()>, EvaluationError> {
    let mut chars = format.chars().peekable();
    let (mut next, mut last) = (0, None);
    while let Some(sign) = chars.next() {
        if sign != '%' {
            out.push(sign);
            continue;
        }
        let Some((spec, conversion)) = spec(&mut chars) else { return Ok(None) };
        let start = out.len();
        match conversion {
            'n' => {
                out.push('\n');
                continue;
            }
            '%' => out.push('%'),
            _ => {
                let index = match (spec.again, spec.position) {
                    (true, _) => last,
                    (false, Some(position)) => position.checked_sub(1),
                    (false, None) => {
                        next += 1;
                        Some(next - 1)
                    }
                };
                last = index;
                let Some(index) = index else { return Ok(None) };
                if part(&spec, conversion, index, &mut chars, row, out)?.is_none() {
                    return Ok(None);
                }
            }
        }
        pad(&spec, start, out);
    }
    Ok(Some(()))
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn spec(chars: &mut Chars<'_>) -> Option<(Spec, char)> {
    let mut spec = Spec::default();
    if chars.peek() == Some(&'<') {
        chars.next();
        spec.again = true;
    }
    let mut number = digits(chars, true)?;
    if number.is_some() && chars.peek() == Some(&'$') {
        chars.next();
        spec.position = number.take();
    }
    if number.is_none() {
        while let Some(bit) = chars.peek().and_then(|sign| FLAGS.find(*sign)) {
            chars.next();
            if spec.flags & (1 << bit) != 0 {
                return None;
            }
            spec.flags |= 1 << bit;
        }
        number = digits(chars, false)?;
    }
    spec.width = number;
    if chars.next_if_eq(&'.').is_some() {
        spec.precision = Some(digits(chars, false)??);
    }
    if spec.width.is_none() && (spec.has('-') || spec.has('0')) || spec.has('-') && spec.has('0') {
        return None;
    }
    Some((spec, chars.next()?))
}

/// A number, if one follows; the outer None is one that is too large. One that begins with 0 is a flag at first.
fn digits(chars: &mut Chars<'_>, first: bool) -> Option<Option<usize>> {
    if first && chars.peek() == Some(&'0') {
        return Some(None);
    }
    let mut found = None;
    while let Some(digit) = chars.peek().and_then(|sign| sign.to_digit(10)) {
        chars.next();
        let number = found.unwrap_or(0) * 10 + digit as usize;
        if number > MOST {
            return None;
        }
        found = Some(number);
    }
    Some(found)
}

/// Fills what begins at `start` up to the width.
fn pad(spec: &Spec, start: usize, out: &mut String) {
    let missing = spec.width.unwrap_or(0).saturating_sub(out[start..].chars().count());
    let at = if spec.has('-') { out.len() } else { start };
    insert(BLANKS, missing, at, out);
}

/// Inserts `count` of the signs that `signs` repeats.
fn insert(signs: &str, mut count: usize, at: usize, out: &mut String) {
    while count > 0 {
        let some = &signs[..count.min(signs.len())];
        out.insert_str(at, some);
        count -= some.len();
    }
}

/// One part, before it is padded.
fn part(
    spec: &Spec,
    conversion: char,
    index: usize,
    chars: &mut Chars<'_>,
    row: &impl Row,
    out: &mut String,
) -> Result<Option<()>, EvaluationError> {
    let Some(value) = row.datum(index)? else { return Ok(None) };
    let (start, upper) = (out.len(), conversion.is_ascii_uppercase());
    let fits = match conversion {
        't' | 'T' => chars.next().and_then(|suffix| of_moment(spec, suffix, value, out)),
        'h' | 'H' => {
            if value == Datum::Null {
                out.push_str("null");
            } else {
                let Some(hash) = row.hash(index) else { return Ok(None) };
                ignore(write!(out, "{hash:x}"));
            }
            cut(spec, start, out);
            Some(())
        }
        's' | 'S' if value != Datum::Null => {
            match value {
                // In texts of values the words are large.
                Datum::Bool(value) => out.push_str(if value { "true" } else { "false" }),
                _ => row.write(index, out)?,
            }
            cut(spec, start, out);
            Some(())
        }
        _ => one(spec, conversion, value, out),
    };
    if upper && fits.is_some() {
        to_upper(start, out);
    }
    Ok(fits)
}

fn to_upper(start: usize, out: &mut String) {
    if out.is_ascii() {
        out[start..].make_ascii_uppercase();
        return;
    }
    let upper = out[start..].to_uppercase();
    out.truncate(start);
    out.push_str(&upper);
}

/// No more than `precision` characters from `start` on.
fn cut(spec: &Spec, start: usize, out: &mut String) {
    let end = spec.precision.and_then(|most| out[start..].char_indices().nth(most));
    if let Some((end, _)) = end {
        out.truncate(start + end);
    }
}

/// A part of a date and time: only of a BIGINT, which Java takes for milliseconds.
fn of_moment(spec: &Spec, suffix: char, value: Datum, out: &mut String) -> Option<()> {
    if spec.precision.is_some() || FLAGS.chars().any(|flag| flag != '-' && spec.has(flag)) {
        return None;
    }
    match value {
        Datum::Null => out.push_str("null"),
        Datum::Int(millis, 64) => moment::part(suffix, millis, out)?,
        _ => return None,
    }
    Some(())
}

fn one(spec: &Spec, conversion: char, value: Datum, out: &mut String) -> Option<()> {
    let kind = conversion.to_ascii_lowercase();
    if conversion.is_ascii_uppercase() && !matches!(kind, 'b' | 's' | 'c' | 'x' | 'e' | 'g' | 'a') {
        return None;
    }
    let start = out.len();
    match (kind, value) {
        ('b', _) => {
            out.push_str(if matches!(value, Datum::Null | Datum::Bool(false)) { "false" } else { "true" });
            cut(spec, start, out);
        }
        ('s', Datum::Null) => {
            out.push_str("null");
            cut(spec, start, out);
        }
        ('c' | 'd' | 'x' | 'o' | 'e' | 'f' | 'g' | 'a', Datum::Null) => out.push_str("null"),
        ('c', Datum::Int(code, 8..=32)) => out.push(char::from_u32(u32::try_from(code).ok()?)?),
        ('d', Datum::Int(value, _)) if spec.precision.is_none() => signed(spec, value < 0, out, |start, out| {
            ignore(write!(out, "{}", value.unsigned_abs()));
            grouped(spec, start, out);
            Some(())
        })?,
        ('x' | 'o', Datum::Int(value, bits)) if spec.precision.is_none() && !spec.has(',') => {
            let mask = if bits == 64 { u64::MAX } else { (1 << bits) - 1 };
            let plain = value as u64 & mask;
            if spec.has('#') {
                out.push_str(if kind == 'x' { "0x" } else { "0" });
            }
            let first = out.len();
            ignore(if kind == 'x' { write!(out, "{plain:x}") } else { write!(out, "{plain:o}") });
            zeros(spec, start, first, 0, out);
        }
        ('e' | 'f' | 'g' | 'a', Datum::Double(value)) => double(spec, kind, value, out)?,
        _ => return None,
    }
    Some(())
}

/// Zeros before the digit at `first`, so that all from `start` on and `behind` more signs are as wide as wanted.
fn zeros(spec: &Spec, start: usize, first: usize, behind: usize, out: &mut String) {
    if spec.has('0') {
        let missing = spec.width.unwrap_or(0).saturating_sub(out.len() - start + behind);
        insert(ZEROS, missing, first, out);
    }
}

/// Commas between thousands of the whole part of the number at `start`.
fn grouped(spec: &Spec, start: usize, out: &mut String) {
    if !spec.has(',') {
        return;
    }
    let whole = out[start..].find('.').unwrap_or(out.len() - start);
    for place in (1..whole).rev().filter(|place| (whole - place).is_multiple_of(3)) {
        out.insert(start + place, ',');
    }
}

/// With sign, and zeros up to the width. `write` is given where its digits begin.
fn signed(
    spec: &Spec,
    negative: bool,
    out: &mut String,
    write: impl FnOnce(usize, &mut String) -> Option<()>,
) -> Option<()> {
    let (before, after) = match (negative, spec.has('(')) {
        (true, true) => ("(", ")"),
        (true, false) => ("-", ""),
        (false, _) if spec.has('+') => ("+", ""),
        (false, _) if spec.has(' ') => (" ", ""),
        (false, _) => ("", ""),
    };
    let start = out.len();
    out.push_str(before);
    let first = out.len();
    write(first, out)?;
    zeros(spec, start, first, after.len(), out);
    out.push_str(after);
    Some(())
}

fn double(spec: &Spec, kind: char, value: f64, out: &mut String) -> Option<()> {
    if value.is_nan() {
        out.push_str("NaN");
        return Some(());
    }
    let (negative, size) = (value.is_sign_negative(), value.abs());
    if size.is_infinite() {
        return signed(&spec.without_zeros(), negative, out, |_, out| {
            out.push_str("Infinity");
            Some(())
        });
    }
    if kind == 'a' {
        if spec.has(',') || spec.has('(') {
            return None;
        }
        return signed(&spec.without_zeros(), negative, out, |start, out| {
            hexadecimal::write(size, spec.precision, out);
            let sign = if negative { 1 } else { usize::from(spec.has('+') || spec.has(' ')) };
            zeros(spec, start, start + 2, sign, out);
            Some(())
        });
    }
    signed(spec, negative, out, |start, out| number(spec, kind, size, start, out))
}

/// `%f`, `%e` and `%g` of a number that is not negative.
fn number(spec: &Spec, kind: char, size: f64, start: usize, out: &mut String) -> Option<()> {
    let precision = spec.precision.unwrap_or(6);
    match kind {
        'f' => decimal::fixed(size, precision, out),
        'e' if spec.has(',') => return None,
        'e' => {
            decimal::scientific(size, precision, out);
            return Some(());
        }
        _ => {
            let precision = precision.max(1);
            if size != 0.0 && !(1e-4..10f64.powi(i32::try_from(precision).ok()?)).contains(&size) {
                decimal::scientific(size, precision - 1, out);
                return Some(());
            }
            let whole = if size == 0.0 { 1 } else { size.log10().floor() as i64 + 1 };
            decimal::fixed(size, usize::try_from(precision as i64 - whole).unwrap_or(0), out);
        }
    }
    grouped(spec, start, out);
    Some(())
}
