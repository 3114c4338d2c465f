//! [`Scanner`]: finding one's way in JSON text without building anything.
//!
//! Eight bytes at a time where text is passed over (`unsafe` is denied here, so no vector instructions), single bytes
//! elsewhere. What is skipped is checked for its structure only: balanced brackets, closed strings, no control
//! characters in them. What is read is checked in full.

use crate::fault::{Fault, Outcome};

/// Arrays and objects nested deeper are an error of their record.
pub(crate) const MAX_DEPTH: usize = 128;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// A position in one JSON text.
pub(crate) struct Scanner<'a> {
    data: &'a [u8],
    position: usize,
}

/// A string between its quotes, still escaped.
#[derive(Clone, Copy)]
pub(crate) struct RawString<'a> {
    pub bytes: &'a [u8],
    pub escaped: bool,
    /// Where it starts.
    pub start: usize,
}

/// High bit of each byte of `word` that equals `byte`; only the lowest one set is certain.
#[inline]
fn equal(word: u64, byte: u8) -> u64 {
    let difference = word ^ (ONES * u64::from(byte));
    difference.wrapping_sub(ONES) & !difference & HIGHS
}

/// The same for bytes below 0x20.
#[inline]
fn control(word: u64) -> u64 {
    word.wrapping_sub(ONES * 0x20) & !word & HIGHS
}

impl<'a> Scanner<'a> {
    pub fn new(data: &'a [u8]) -> Scanner<'a> {
        Scanner { data, position: 0 }
    }

    pub fn position(&self) -> usize {
        self.position
    }

    pub fn set_position(&mut self, position: usize) {
        self.position = position.min(self.data.len());
    }

    #[cold]
    pub fn fault(&self, cause: impl Into<String>) -> Box<Fault> {
        Fault::new(self.position, cause)
    }

    /// What stands where something else was wanted.
    #[cold]
    pub fn unexpected(&self, wanted: &str) -> Box<Fault> {
        match self.data.get(self.position) {
            None => self.fault(format!("the text ends where {wanted} is expected")),
            Some(&byte) if byte.is_ascii_graphic() => {
                self.fault(format!("'{}' where {wanted} is expected", char::from(byte)))
            }
            Some(byte) => self.fault(format!("byte {byte} where {wanted} is expected")),
        }
    }

    /// The next byte; 0 at the end, which no JSON text contains.
    #[inline]
    pub fn peek(&self) -> u8 {
        self.data.get(self.position).copied().unwrap_or(0)
    }

    #[inline]
    pub fn advance(&mut self) {
        self.position += 1;
    }

    #[inline]
    pub fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t') {
            self.position += 1;
        }
    }

    /// Takes `text` when it stands here.
    #[inline]
    pub fn take(&mut self, text: &[u8]) -> bool {
        let found = self.data[self.position..].starts_with(text);
        if found {
            self.position += text.len();
        }
        found
    }

    #[inline]
    pub fn expect(&mut self, byte: u8, wanted: &str) -> Outcome {
        if self.peek() != byte {
            return Err(self.unexpected(wanted));
        }
        self.position += 1;
        Ok(())
    }

    pub fn slice(&self, from: usize) -> &'a [u8] {
        &self.data[from..self.position]
    }

    /// Only blanks are left.
    pub fn end(&mut self) -> Outcome {
        self.space();
        if self.position < self.data.len() {
            return Err(self.unexpected("the end of the text"));
        }
        Ok(())
    }

    /// A string; the position is at its first quote.
    #[inline]
    pub fn string(&mut self) -> Outcome<RawString<'a>> {
        if self.peek() != b'"' {
            return Err(self.unexpected("a string"));
        }
        let start = self.position + 1;
        let mut at = start;
        let mut escaped = false;
        loop {
            at = self.special(at);
            match self.data.get(at) {
                Some(b'"') => {
                    self.position = at + 1;
                    return Ok(RawString { bytes: &self.data[start..at], escaped, start });
                }
                Some(b'\\') => {
                    escaped = true;
                    at += 2;
                }
                Some(byte) => return Err(Fault::new(at, format!("control character {byte} inside a string"))),
                None => return Err(Fault::new(start - 1, "a string that does not end")),
            }
        }
    }

    /// The first quote, backslash or control character from `at` on; the end when there is none.
    #[inline]
    fn special(&self, mut at: usize) -> usize {
        while let Some(chunk) = self.data.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
            let word = u64::from_le_bytes(*chunk);
            let found = equal(word, b'"') | equal(word, b'\\') | control(word);
            if found != 0 {
                return at + (found.trailing_zeros() / 8) as usize;
            }
            at += 8;
        }
        while let Some(&byte) = self.data.get(at) {
            if byte == b'"' || byte == b'\\' || byte < 0x20 {
                break;
            }
            at += 1;
        }
        at
    }

    /// A number as it stands, by JSON's grammar.
    #[inline]
    pub fn number(&mut self) -> Outcome<&'a [u8]> {
        let start = self.position;
        if self.peek() == b'-' {
            self.position += 1;
        }
        let first = self.peek();
        let whole = self.digits();
        if whole == 0 || (first == b'0' && whole > 1) {
            self.position = start;
            return Err(self.unexpected("a number"));
        }
        if self.peek() == b'.' {
            self.position += 1;
            if self.digits() == 0 {
                return Err(self.unexpected("a digit"));
            }
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.position += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.position += 1;
            }
            if self.digits() == 0 {
                return Err(self.unexpected("a digit"));
            }
        }
        Ok(self.slice(start))
    }

    #[inline]
    fn digits(&mut self) -> usize {
        let start = self.position;
        while self.peek().is_ascii_digit() {
            self.position += 1;
        }
        self.position - start
    }

    /// `true`, `false` or `null`.
    #[inline]
    pub fn literal(&mut self, text: &'static str) -> Outcome {
        if self.take(text.as_bytes()) {
            return Ok(());
        }
        Err(self.unexpected(text))
    }

    /// Passes over any value.
    #[inline]
    pub fn skip(&mut self) -> Outcome {
        match self.peek() {
            b'"' => self.string().map(|_| ()),
            b'{' | b'[' => self.skip_container(),
            b't' => self.literal("true"),
            b'f' => self.literal("false"),
            b'n' => self.literal("null"),
            _ => self.skip_number(),
        }
    }

    #[inline]
    fn skip_number(&mut self) -> Outcome {
        let start = self.position;
        while matches!(self.peek(), b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') {
            self.position += 1;
        }
        if self.position == start { Err(self.unexpected("a value")) } else { Ok(()) }
    }

    /// Passes over an object or array by its brackets.
    fn skip_container(&mut self) -> Outcome {
        let start = self.position;
        let mut depth = 0usize;
        loop {
            match self.peek() {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => {
                    depth += 1;
                    if depth > MAX_DEPTH {
                        return Err(self.fault(format!("values nested deeper than {MAX_DEPTH} levels")));
                    }
                }
                b'}' | b']' => {
                    depth -= 1;
                    if depth == 0 {
                        self.position += 1;
                        return Ok(());
                    }
                }
                0 if self.position >= self.data.len() => {
                    return Err(Fault::new(start, "an object or array that does not end"));
                }
                _ => {}
            }
            self.position += 1;
        }
    }
}

/// Appends `string` without its escapes; the result is checked to be UTF-8.
pub(crate) fn unescape(string: RawString<'_>, out: &mut Vec<u8>) -> Outcome {
    let from = out.len();
    let fault = |at: usize, cause: &str| Err(Fault::new(string.start + at, cause));
    let bytes = string.bytes;
    let mut at = 0;
    while let Some(offset) = memchr::memchr(b'\\', &bytes[at..]) {
        out.extend_from_slice(&bytes[at..at + offset]);
        at += offset + 1;
        let plain = match bytes.get(at) {
            Some(b'"') => b'"',
            Some(b'\\') => b'\\',
            Some(b'/') => b'/',
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                let Some((character, length)) = unicode(&bytes[at + 1..]) else {
                    return fault(at, "a \\u escape that is no character");
                };
                let mut buffer = [0; 4];
                out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
                at += 1 + length;
                continue;
            }
            _ => return fault(at, "an escape that JSON does not know"),
        };
        out.push(plain);
        at += 1;
    }
    out.extend_from_slice(&bytes[at..]);
    match std::str::from_utf8(&out[from..]) {
        Ok(_) => Ok(()),
        Err(_) => fault(0, "the text is not valid UTF-8"),
    }
}

/// The character of four hex digits, or of two such escapes that are a surrogate pair, and its length.
fn unicode(bytes: &[u8]) -> Option<(char, usize)> {
    let first = hex(bytes)?;
    if !(0xd800..0xdc00).contains(&first) {
        return Some((char::from_u32(first)?, 4));
    }
    let second = hex(bytes.get(4..)?.strip_prefix(b"\\u")?)?;
    let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
    Some((char::from_u32(0x10000 + ((first - 0xd800) << 10) + low)?, 10))
}

fn hex(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.first_chunk::<4>()?;
    digits.iter().try_fold(0, |value, &digit| Some(value * 16 + char::from(digit).to_digit(16)?))
}
