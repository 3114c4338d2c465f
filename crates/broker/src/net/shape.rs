//! The shapes of requests, as short texts that are walked along with the bytes.
//!
//! A shape lists the fields of a message in order: `1 2 4 8 16` fixed-size numbers by bytes, `s` a string, `b` bytes,
//! `( .. )` an array of a plain type, `[ .. ]` an array of structures, `{ .. }` a structure that may be absent. Each may carry
//! the versions that have it: `s@3+`, `8@0-4`, `[@2 .. ]`. From its first flexible version on a message has compact lengths
//! and tagged fields at the end of each structure. Those that the codec reads are listed there by their numbers: `#0@12+ s`
//! is a plain field, `#1 < 4 8 >` a structure. It reads them without regard to the length that was announced, after which it
//! would take any bytes for the counts that were checked here, so their contents must fill that length exactly. All other
//! tagged fields are passed over, as KIP-482 asks.

/// Why bytes do not have a shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// Fewer bytes than the fields need.
    #[error("it ends too early")]
    Short,
    /// A length below -1, or a number with too many bytes.
    #[error("it has an impossible length")]
    Length,
    /// A tagged field whose content is shorter than its length says, or that this version does not have.
    #[error("it has a tagged field that is not what its number says")]
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

/// Steps over the tagged fields at the end of a structure that knows none.
pub fn tags(bytes: &mut &[u8]) -> Result<(), ShapeError> {
    each_tag(bytes, |_, _| Ok(()))
}

/// Steps over tagged fields; `each` gets number and content.
fn each_tag<'a>(
    bytes: &mut &'a [u8],
    mut each: impl FnMut(u32, &'a [u8]) -> Result<(), ShapeError>,
) -> Result<(), ShapeError> {
    for _ in 0..varint(bytes)? {
        let tag = varint(bytes)?;
        let len = varint(bytes)? as usize;
        let (content, rest) = bytes.split_at_checked(len).ok_or(ShapeError::Short)?;
        *bytes = rest;
        each(tag, content)?;
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
            b'[' | b'(' | b'{' | b'<' => depth += 1,
            b']' | b')' | b'}' | b'>' if depth == 0 => return (&fields[..at], &fields[at + 1..]),
            b']' | b')' | b'}' | b'>' => depth -= 1,
            _ => {}
        }
    }
    (fields, "")
}

/// The first field of `fields`: its kind (or bracket), its versions, what its brackets hold; and the fields after it.
fn next_field(fields: &str) -> (&str, &str, Option<&str>, &str) {
    let (token, rest) = fields.split_once(' ').unwrap_or((fields, ""));
    let (kind, versions) = token.split_once('@').unwrap_or((token, "0+"));
    if matches!(kind, "[" | "(" | "{" | "<") {
        let (inner, rest) = split_level(rest);
        return (kind, versions, Some(inner), rest.trim_start());
    }
    (kind, versions, None, rest.trim_start())
}

/// Versions and content of tagged field `tag` among those described by `tagged`.
fn find_tag(tagged: &str, tag: u32) -> Option<(&str, &str)> {
    let mut rest = tagged;
    while let Some(described) = rest.strip_prefix('#') {
        let (number, versions, _, content) = next_field(described);
        let (.., after) = next_field(content);
        if number.parse() == Ok(tag) {
            return Some((versions, content[..content.len() - after.len()].trim_end()));
        }
        rest = after;
    }
    None
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
        let tagged = self.fields(fields)?;
        if !self.flexible {
            return Ok(());
        }
        let version = self.version;
        each_tag(&mut self.bytes, |tag, bytes| match find_tag(tagged, tag) {
            None => Ok(()),
            // The codec refuses it in the versions that do not have it.
            Some((versions, _)) if !has(versions, version) => Err(ShapeError::Tag),
            Some((_, content)) => {
                let mut walk = Walk { version, flexible: true, bytes };
                walk.fields(content)?;
                if walk.bytes.is_empty() { Ok(()) } else { Err(ShapeError::Tag) }
            }
        })
    }

    /// Walks over the plain fields; gives back the descriptions of the tagged ones.
    fn fields<'s>(&mut self, fields: &'s str) -> Result<&'s str, ShapeError> {
        let mut rest = fields.trim_start();
        while !rest.is_empty() && !rest.starts_with('#') {
            let (kind, versions, inner);
            (kind, versions, inner, rest) = next_field(rest);
            if has(versions, self.version) {
                match inner {
                    Some(inner) => self.level(kind, inner)?,
                    None => self.plain(kind)?,
                }
            }
        }
        Ok(rest)
    }

    fn level(&mut self, kind: &str, inner: &str) -> Result<(), ShapeError> {
        match kind {
            "<" => return self.structure(inner),
            "{" if self.take(1)?[0] as i8 == -1 => return Ok(()),
            "{" => return self.structure(inner),
            _ => {}
        }
        let count = self.length(4)?;
        if count > self.bytes.len() {
            return Err(ShapeError::Short);
        }
        for _ in 0..count {
            if kind == "[" { self.structure(inner) } else { self.fields(inner).map(drop) }?;
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
