//! Bytes as text, with Java's number of replacement characters where they are no UTF-8.

use std::borrow::Cow;

/// The text. As the standard library has it, but for the halves of surrogate pairs, which Java replaces as one.
pub(crate) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let (mut text, mut rest) = (String::with_capacity(bytes.len()), bytes);
    while let Some(chunk) = rest.utf8_chunks().next() {
        text.push_str(chunk.valid());
        let tail = rest.get(chunk.valid().len()..).unwrap_or_default();
        let replaced = match tail {
            [0xED, 0xA0..=0xBF, 0x80..=0xBF, ..] => 3,
            [0xED, 0xA0..=0xBF, ..] => 2,
            _ => chunk.invalid().len(),
        };
        if replaced > 0 {
            text.push(char::REPLACEMENT_CHARACTER);
        }
        rest = tail.get(replaced..).unwrap_or_default();
    }
    Cow::Owned(text)
}
