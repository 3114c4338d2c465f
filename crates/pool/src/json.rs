//! Reading JSON that is nested more deeply than the parser of text goes.
//!
//! A plan holds expressions as they were written: `a + b + c + ...` is a tree as high as it has terms, and each of them is several
//! levels of JSON. `serde_json` ends at 128 levels of text, but makes types out of a [`Value`] of any height. So text that is too high is
//! cut into pieces, each is read on its own, and the values are put together. Whoever reads needs a stack to match.

use serde::de::DeserializeOwned;
use serde_json::{Error, Value};

/// Levels of a piece.
const PIECE: usize = 100;
/// Key of the object that stands in the place of a piece that was cut out; its value is the piece's number.
const CUT: &str = "\u{0}cut";

/// What `text` says, however deeply it is nested.
///
/// # Errors
/// As [`serde_json::from_slice`].
pub fn from_slice<T: DeserializeOwned>(text: &[u8]) -> Result<T, Error> {
    match serde_json::from_slice(text) {
        Err(error) if error.is_syntax() && is_deep(text) => serde_json::from_value(deep(text)?),
        other => other,
    }
}

fn is_deep(text: &[u8]) -> bool {
    let mut highest = 0;
    walk(text, |_, level| highest = highest.max(level));
    highest > PIECE
}

fn deep(text: &[u8]) -> Result<Value, Error> {
    let mut pieces: Vec<Option<Value>> = Vec::new();
    let mut open: Vec<Vec<u8>> = vec![Vec::new()];
    let mut failed = None;
    walk(text, |byte, level| {
        let at_cut = level > 0 && level % PIECE == 0;
        if at_cut && matches!(byte, Bracket::Open(_)) {
            open.push(Vec::new());
        }
        if let Some(top) = open.last_mut() {
            top.push(byte.byte());
        }
        if at_cut
            && matches!(byte, Bracket::Close(_))
            && open.len() > 1
            && let Some(text) = open.pop()
        {
            match read(&text, &mut pieces) {
                Ok(value) => {
                    let placeholder = serde_json::json!({CUT: pieces.len()}).to_string();
                    pieces.push(Some(value));
                    if let Some(top) = open.last_mut() {
                        top.extend_from_slice(placeholder.as_bytes());
                    }
                }
                Err(error) => failed = failed.take().or(Some(error)),
            }
        }
    });
    match failed {
        Some(error) => Err(error),
        // What was not closed is left in the last one, which is no JSON then.
        None => read(&open.concat(), &mut pieces),
    }
}

/// A byte: of a bracket outside of texts, or any other.
#[derive(Clone, Copy)]
enum Bracket {
    Open(u8),
    Close(u8),
    Other(u8),
}

impl Bracket {
    fn byte(self) -> u8 {
        match self {
            Bracket::Open(byte) | Bracket::Close(byte) | Bracket::Other(byte) => byte,
        }
    }
}

/// Calls `take` with every byte, and the level that it is in; a bracket is in the level that it opens or closes.
fn walk(text: &[u8], mut take: impl FnMut(Bracket, usize)) {
    let (mut level, mut quoted, mut escaped) = (0usize, false, false);
    for &byte in text {
        let is_text = quoted;
        (quoted, escaped) = match (quoted, escaped, byte) {
            (true, false, b'\\') => (true, true),
            (true, false, b'"') => (false, false),
            (false, _, b'"') => (true, false),
            (quoted, ..) => (quoted, false),
        };
        match byte {
            b'{' | b'[' if !is_text => {
                level += 1;
                take(Bracket::Open(byte), level);
            }
            b'}' | b']' if !is_text => {
                take(Bracket::Close(byte), level);
                level = level.saturating_sub(1);
            }
            _ => take(Bracket::Other(byte), level),
        }
    }
}

fn read(text: &[u8], pieces: &mut [Option<Value>]) -> Result<Value, Error> {
    let mut value = serde_json::from_slice(text)?;
    fill(&mut value, pieces);
    Ok(value)
}

/// Puts the pieces in the place of what stands for them.
fn fill(value: &mut Value, pieces: &mut [Option<Value>]) {
    let cut = value.as_object().filter(|object| object.len() == 1).and_then(|object| object.get(CUT)?.as_u64());
    if let Some(piece) = cut.and_then(|number| pieces.get_mut(usize::try_from(number).ok()?)?.take()) {
        *value = piece;
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, pieces)),
        Value::Object(fields) => fields.values_mut().for_each(|item| fill(item, pieces)),
        _ => {}
    }
}
