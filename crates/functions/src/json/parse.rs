//! Reading JSON texts: strict RFC 8259, no comments, no single quotes, no control characters in strings.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Json;

/// How deep arrays and objects may nest.
pub(crate) const MAX_DEPTH: usize = 1000;
/// From this many fields on, names are looked up in a table instead of one by one.
const MANY_FIELDS: usize = 16;

/// The text is not JSON at this byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub at: usize,
}

/// The first value of `text`.
pub(crate) fn parse(text: &str) -> Result<Json<'_>, Malformed> {
    let mut reader = Reader::new(text);
    let value = reader.value(0)?;
    reader.end_of_root()?;
    Ok(value)
}

/// What kind of value a text holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    Scalar,
}

/// The kind of the first value of `text`; None when it is malformed. Builds nothing.
pub(crate) fn kind(text: &str) -> Option<Kind> {
    let mut reader = Reader::new(text);
    reader.blanks();
    let kind = match reader.peek()? {
        b'{' => Kind::Object,
        b'[' => Kind::Array,
        _ => Kind::Scalar,
    };
    reader.skip(0).and_then(|()| reader.end_of_root()).ok().map(|()| kind)
}

/// A place in a text.
pub(crate) struct Reader<'a> {
    pub text: &'a str,
    pub at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str) -> Reader<'a> {
        Reader { text, at: 0 }
    }

    pub fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub fn error<T>(&self) -> Result<T, Malformed> {
        Err(Malformed { at: self.at })
    }

    pub fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// True, and past it, when the next sign is `sign`.
    pub fn take(&mut self, sign: u8) -> bool {
        self.blanks();
        let found = self.peek() == Some(sign);
        self.at += usize::from(found);
        found
    }

    pub fn expect(&mut self, sign: u8) -> Result<(), Malformed> {
        if self.take(sign) { Ok(()) } else { self.error() }
    }

    /// A number at the top must be followed by a blank or the end, else its end would not be known.
    pub fn end_of_root(&self) -> Result<(), Malformed> {
        let last_is_digit = self.at > 0 && self.text.as_bytes()[self.at - 1].is_ascii_digit();
        match self.peek() {
            None | Some(b' ' | b'\t' | b'\n' | b'\r') => Ok(()),
            Some(_) if last_is_digit => self.error(),
            Some(next) if next.is_ascii_alphanumeric() && self.text.as_bytes()[self.at - 1].is_ascii_alphabetic() => {
                self.error()
            }
            Some(_) => Ok(()),
        }
    }

    pub fn value(&mut self, depth: usize) -> Result<Json<'a>, Malformed> {
        self.blanks();
        if depth > MAX_DEPTH {
            return self.error();
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok(Json::Text(self.string()?)),
            Some(b't') => self.word("true").map(|()| Json::Bool(true)),
            Some(b'f') => self.word("false").map(|()| Json::Bool(false)),
            Some(b'n') => self.word("null").map(|()| Json::Null),
            Some(b'-' | b'0'..=b'9') => self.number().map(Json::Number),
            _ => self.error(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json<'a>, Malformed> {
        let mut fields: Vec<(Cow<'a, str>, Json<'a>)> = Vec::new();
        let mut places: HashMap<Cow<'a, str>, usize> = HashMap::new();
        self.fields(|reader, name| {
            let value = reader.value(depth + 1)?;
            let known = if fields.len() < MANY_FIELDS {
                fields.iter().position(|(known, _)| *known == name)
            } else {
                if places.is_empty() {
                    places.extend(fields.iter().enumerate().map(|(i, (name, _))| (name.clone(), i)));
                }
                places.get(&name).copied()
            };
            match known {
                Some(place) => fields[place].1 = value,
                None => {
                    if !places.is_empty() {
                        places.insert(name.clone(), fields.len());
                    }
                    fields.push((name, value));
                }
            }
            Ok(())
        })?;
        Ok(Json::Object(fields))
    }

    /// Calls `field` with each name; it must read the value.
    pub fn fields(
        &mut self,
        mut field: impl FnMut(&mut Reader<'a>, Cow<'a, str>) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        self.expect(b'{')?;
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            self.blanks();
            let name = self.string()?;
            self.expect(b':')?;
            field(self, name)?;
            if !self.take(b',') {
                return self.expect(b'}');
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json<'a>, Malformed> {
        let mut items = Vec::new();
        self.items(|reader, _| {
            items.push(reader.value(depth + 1)?);
            Ok(())
        })?;
        Ok(Json::Array(items))
    }

    /// Calls `item` with each index; it must read the value.
    pub fn items(
        &mut self,
        mut item: impl FnMut(&mut Reader<'a>, usize) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        self.expect(b'[')?;
        if self.take(b']') {
            return Ok(());
        }
        for index in 0.. {
            item(self, index)?;
            if !self.take(b',') {
                break;
            }
        }
        self.expect(b']')
    }

    /// Walks over a value without building it.
    pub fn skip(&mut self, depth: usize) -> Result<(), Malformed> {
        self.blanks();
        if depth > MAX_DEPTH {
            return self.error();
        }
        match self.peek() {
            Some(b'{') => self.fields(|reader, _| reader.skip(depth + 1)),
            Some(b'[') => self.items(|reader, _| reader.skip(depth + 1)),
            _ => self.value(depth).map(drop),
        }
    }

    fn word(&mut self, word: &str) -> Result<(), Malformed> {
        if !self.text[self.at..].starts_with(word) {
            return self.error();
        }
        self.at += word.len();
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { self.error() } else { Ok(()) }
    }

    fn number(&mut self) -> Result<&'a str, Malformed> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        match self.peek() {
            Some(b'0') => {
                self.at += 1;
                if matches!(self.peek(), Some(b'0'..=b'9')) {
                    return self.error();
                }
            }
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    pub fn string(&mut self) -> Result<Cow<'a, str>, Malformed> {
        if self.peek() != Some(b'"') {
            return self.error();
        }
        self.at += 1;
        let start = self.at;
        let mut owned: Option<String> = None;
        let mut from = start;
        loop {
            match self.peek() {
                None | Some(0..=0x1f) => return self.error(),
                Some(b'"') => {
                    let rest = &self.text[from..self.at];
                    self.at += 1;
                    return Ok(match owned {
                        None => Cow::Borrowed(rest),
                        Some(mut text) => {
                            text.push_str(rest);
                            Cow::Owned(text)
                        }
                    });
                }
                Some(b'\\') => {
                    let text = owned.get_or_insert_with(String::new);
                    text.push_str(&self.text[from..self.at]);
                    self.at += 1;
                    let decoded = self.escape()?;
                    text.push(decoded);
                    from = self.at;
                }
                Some(_) => self.at += 1,
            }
        }
    }

    /// What stands after a backslash. Half of a surrogate pair alone becomes `?`, as when Java encodes it.
    fn escape(&mut self) -> Result<char, Malformed> {
        let Some(sign) = self.peek() else { return self.error() };
        self.at += 1;
        Ok(match sign {
            b'"' | b'\\' | b'/' => sign.into(),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let high = self.hex4()?;
                if let Some(single) = char::from_u32(high) {
                    return Ok(single);
                }
                let before = self.at;
                if high < 0xdc00 && self.text[self.at..].starts_with("\\u") {
                    self.at += 2;
                    let low = self.hex4()?;
                    if (0xdc00..0xe000).contains(&low) {
                        let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                        return Ok(char::from_u32(code).unwrap_or('?'));
                    }
                    self.at = before;
                }
                '?'
            }
            _ => return self.error(),
        })
    }

    fn hex4(&mut self) -> Result<u32, Malformed> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4);
        let Some(digits) = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit)) else {
            return self.error();
        };
        let code = digits.iter().fold(0, |code, digit| code * 16 + (*digit as char).to_digit(16).unwrap_or(0));
        self.at += 4;
        Ok(code)
    }
}
