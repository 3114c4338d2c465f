//! Record headers, parsed only when asked for.
//!
//! Their structure is checked while decoding (records without headers pay one compare), so that
//! reading them later cannot fail.

use std::borrow::Cow;

use crate::varint;

/// Iterator over the headers of one record: name and value (`None` is null). A name that is not
/// UTF-8 is shown with replacement characters, as the Java client does.
#[derive(Debug, Clone)]
pub struct Headers<'a> {
    buffer: &'a [u8],
    at: usize,
    left: i64,
}

impl<'a> Headers<'a> {
    pub(super) fn new(buffer: &'a [u8], start: usize) -> Self {
        let mut at = start;
        let left = varint::take(buffer, &mut at).unwrap_or(0);
        Self { buffer, at, left }
    }

    fn field(&mut self) -> Option<Option<&'a [u8]>> {
        let length = varint::take_length(self.buffer, &mut self.at)?;
        let Ok(length) = usize::try_from(length) else {
            return Some(None);
        };
        let bytes = self.buffer.get(self.at..self.at + length)?;
        self.at += length;
        Some(Some(bytes))
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = (Cow<'a, str>, Option<&'a [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.left <= 0 {
            return None;
        }
        self.left -= 1;
        let name = self.field()??;
        let value = self.field()?;
        Some((String::from_utf8_lossy(name), value))
    }
}

/// Checks that `count` headers follow at `at` and end within the record.
pub(super) fn check(record: &[u8], mut at: usize, count: i64) -> Option<()> {
    if count < 0 {
        return None;
    }
    for _ in 0..count {
        let name = varint::take_length(record, &mut at)?;
        at += usize::try_from(name).ok()?;
        let value = varint::take_length(record, &mut at)?;
        at += value.max(0) as usize;
    }
    Some(())
}
