//! [`Cursor`]: Avro's binary primitives, bounds checked.

use crate::fault::{Fault, Outcome};
use crate::varint;

/// Reads forward through one record.
pub(crate) struct Cursor<'a> {
    data: &'a [u8],
    position: usize,
    /// Elements that arrays and maps of this record may still have. Elements can take no bytes at all, so without it ten
    /// bytes could ask for 2^63 of them.
    elements: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(data: &'a [u8]) -> Cursor<'a> {
        Cursor { data, position: 0, elements: data.len().saturating_add(1024) }
    }

    pub fn position(&self) -> usize {
        self.position
    }

    pub fn remaining(&self) -> usize {
        self.data.len() - self.position
    }

    #[cold]
    fn ended(&self, wanted: &str) -> Box<Fault> {
        Fault::new(self.data.len(), format!("the record ends where {wanted} is expected"))
    }

    pub fn fault(&self, cause: impl Into<String>) -> Box<Fault> {
        Fault::new(self.position, cause)
    }

    #[inline]
    pub fn take(&mut self, count: usize) -> Outcome<&'a [u8]> {
        let end = self.position.checked_add(count);
        match end.and_then(|end| self.data.get(self.position..end)) {
            Some(bytes) => {
                self.position += count;
                Ok(bytes)
            }
            None => Err(self.ended("more data")),
        }
    }

    #[inline]
    pub fn array<const N: usize>(&mut self) -> Outcome<[u8; N]> {
        match self.data[self.position..].first_chunk::<N>() {
            Some(bytes) => {
                self.position += N;
                Ok(*bytes)
            }
            None => Err(self.ended("a number")),
        }
    }

    /// Avro `long`.
    #[inline]
    pub fn long(&mut self) -> Outcome<i64> {
        match varint::read(self.data, &mut self.position) {
            Ok(value) => Ok(varint::from_zigzag(value)),
            Err(none) => Err(none.fault(self.position, "record")),
        }
    }

    /// Avro `int`.
    #[inline]
    pub fn int(&mut self) -> Outcome<i32> {
        let start = self.position;
        let value = self.long()?;
        i32::try_from(value).map_err(|_| Fault::new(start, format!("{value} is no 32 bit integer")))
    }

    #[inline]
    pub fn boolean(&mut self) -> Outcome<bool> {
        match self.data.get(self.position) {
            Some(&byte @ (0 | 1)) => {
                self.position += 1;
                Ok(byte == 1)
            }
            Some(byte) => Err(self.fault(format!("byte {byte} is no boolean"))),
            None => Err(self.ended("a boolean")),
        }
    }

    /// Length-prefixed bytes.
    #[inline]
    pub fn bytes(&mut self) -> Outcome<&'a [u8]> {
        let start = self.position;
        let length = self.long()?;
        match usize::try_from(length) {
            Ok(length) if length <= self.remaining() => self.take(length),
            _ => Err(Fault::new(start, format!("a length of {length} with {} bytes left", self.remaining()))),
        }
    }

    /// Index of a union branch or enum symbol below `count`.
    #[inline]
    pub fn index(&mut self, count: usize, what: &str) -> Outcome<usize> {
        let start = self.position;
        let index = self.long()?;
        match usize::try_from(index) {
            Ok(index) if index < count => Ok(index),
            _ => Err(Fault::new(start, format!("{what} {index} of {count}"))),
        }
    }

    /// The number of elements of the next block of an array or map, 0 at its end, and the number of its bytes where the writer
    /// says it.
    pub fn block(&mut self) -> Outcome<(usize, Option<usize>)> {
        let start = self.position;
        let count = self.long()?;
        let mut size = None;
        if count < 0 {
            let bytes = self.long()?;
            let fits = usize::try_from(bytes).ok().filter(|&bytes| bytes <= self.remaining());
            size = Some(fits.ok_or_else(|| Fault::new(start, format!("a block of {bytes} bytes")))?);
        }
        let elements = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
        match self.elements.checked_sub(elements) {
            Some(left) => {
                self.elements = left;
                Ok((elements, size))
            }
            None => {
                Err(Fault::new(start, format!("a block of {elements} elements in a record of {}", self.data.len())))
            }
        }
    }
}
