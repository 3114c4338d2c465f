//! The shapes of requests, as short texts that are walked along with the bytes.
//!
//! A shape lists the fields of a message in order: `1 2 4 8 16` fixed-size numbers by bytes, `s` a string, `b` bytes,
//! `( .. )` an array of a plain type, `[ .. ]` an array of structures, `{ .. }` a structure that may be absent. Each may carry
//! the versions that have it: `s@3+`, `8@0-4`, `[@2 .. ]`. From its first flexible version on a message has compact lengths
//! and tagged fields at the end of each structure.

/// Why bytes do not have a shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// Fewer bytes than the fields need.
    #[error("it ends too early")]
    Short,
    /// A length below -1, or a number with too many bytes.
    #[error("it has an impossible length")]
    Length,
    /// A tagged field that only brokers send to each other.
    #[error("it has a field that clients do not send")]
    Tag,
    /// More levels than any message has.
    #[error("it is nested too deeply")]
    Depth,
}

/// The shape of a request.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The fields.
    pub fields: &'static str,
    /// First flexible version; `i16::MAX` without any.
    pub flexible: i16,
}

struct Walk<'a> {
    version: i16,
    flexible: bool,
    bytes: &'a [u8],
}

/// Walks over one message; gives back what follows it.
pub fn walk<'a>(shape: &Shape, version: i16, bytes: &'a [u8]) -> Result<&'a [u8], ShapeError> {
    let mut walk = Walk { version, flexible: version >= shape.flexible, bytes };
    walk.structure(shape.fields)?;
    Ok(walk.bytes)
}

fn varint(bytes: &mut &[u8]) -> Result<u32, ShapeError> {
    let mut value = 0u32;
    for at in 0..5 {
        let (&byte, rest) = bytes.split_first().ok_or(ShapeError::Short)?;
        *bytes = rest;
        value |= u32::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(ShapeError::Length)
}

fn skip(bytes: &mut &[u8], len: usize) -> Result<(), ShapeError> {
    *bytes = bytes.get(len..).ok_or(ShapeError::Short)?;
    Ok(())
}

/// Tagged fields below this number mean something in some request (the cluster id and the replica state of a Fetch). Only
/// followers send them, and the codec reads their content without regard to the length that was announced, after which it
/// would take any bytes for the counts that were checked here.
const FIRST_UNKNOWN_TAG: u32 = 2;

/// Steps over the tagged fields at the end of a structure.
pub fn tags(bytes: &mut &[u8]) -> Result<(), ShapeError> {
    for _ in 0..varint(bytes)? {
        if varint(bytes)? < FIRST_UNKNOWN_TAG {
            return Err(ShapeError::Tag);
        }
        let len = varint(bytes)?;
        skip(bytes, len as usize)?;
    }
    Ok(())
}

/// Whether `versions` (`3+`, `0-4`, `2`) has `version`.
fn has(versions: &str, version: i16) -> bool {
    let number = |text: &str| text.parse::<i16>().unwrap_or(i16::MAX);
    match (versions.strip_suffix('+'), versions.split_once('-')) {
        (Some(from), _) => version >= number(from),
        (None, Some((from, to))) => (number(from)..=number(to)).contains(&version),
        (None, None) => version == number(versions),
    }
}

/// Splits `inner close rest` at the bracket that closes a level that was just opened.
fn split_level(fields: &str) -> (&str, &str) {
    let mut depth = 0;
    for (at, byte) in fields.bytes().enumerate() {
        match byte {
            b'[' | b'(' | b'{' => depth += 1,
            b']' | b')' | b'}' if depth == 0 => return (&fields[..at], &fields[at + 1..]),
            b']' | b')' | b'}' => depth -= 1,
            _ => {}
        }
    }
    (fields, "")
}

impl<'a> Walk<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], ShapeError> {
        let (head, rest) = self.bytes.split_at_checked(len).ok_or(ShapeError::Short)?;
        self.bytes = rest;
        Ok(head)
    }

    /// A length or count; absent (null) counts as 0.
    fn length(&mut self, width: usize) -> Result<usize, ShapeError> {
        if self.flexible {
            return Ok(varint(&mut self.bytes)?.saturating_sub(1) as usize);
        }
        let raw = self.take(width)?.iter().fold(0i64, |value, byte| value << 8 | i64::from(*byte));
        let signed = if width == 2 { i64::from(raw as i16) } else { i64::from(raw as i32) };
        match signed {
            -1 => Ok(0),
            signed => usize::try_from(signed).map_err(|_| ShapeError::Length),
        }
    }

    fn structure(&mut self, fields: &str) -> Result<(), ShapeError> {
        self.fields(fields)?;
        if self.flexible { tags(&mut self.bytes) } else { Ok(()) }
    }

    fn fields(&mut self, fields: &str) -> Result<(), ShapeError> {
        let mut rest = fields.trim_start();
        while let Some(first) = rest.chars().next() {
            let end = rest.find(' ').unwrap_or(rest.len());
            let token = &rest[..end];
            rest = rest[end..].trim_start();
            let (kind, versions) = token.split_once('@').unwrap_or((token, "0+"));
            let present = has(versions, self.version);
            if matches!(first, '[' | '(' | '{') {
                let (inner, after) = split_level(rest);
                rest = after.trim_start();
                if present {
                    self.level(first, inner)?;
                }
            } else if present {
                self.plain(kind)?;
            }
        }
        Ok(())
    }

    fn level(&mut self, kind: char, inner: &str) -> Result<(), ShapeError> {
        if kind == '{' {
            return match self.take(1)?[0] as i8 {
                -1 => Ok(()),
                _ => self.structure(inner),
            };
        }
        let count = self.length(4)?;
        if count > self.bytes.len() {
            return Err(ShapeError::Short);
        }
        for _ in 0..count {
            if kind == '[' { self.structure(inner) } else { self.fields(inner) }?;
        }
        Ok(())
    }

    fn plain(&mut self, kind: &str) -> Result<(), ShapeError> {
        let len = match kind {
            "s" => self.length(2)?,
            "b" => self.length(4)?,
            size => size.parse().map_err(|_| ShapeError::Depth)?,
        };
        self.take(len).map(drop)
    }
}
