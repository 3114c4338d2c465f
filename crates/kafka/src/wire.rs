//! A bounded reader of protocol primitives, for the answers decoded by hand.
//!
//! The generated message types allocate an array's announced length up front. That is fine for
//! small answers of a broker we logged in to; the fetch answer, which is large, frequent and the
//! target of fuzzing, is read with this instead: nothing is allocated before its bytes are there.

use bytes::Bytes;
use uuid::Uuid;

/// Reads from the front of one answer. `None` means that the bytes end too early or make no sense.
pub(crate) struct Reader {
    bytes: Bytes,
    at: usize,
    flexible: bool,
}

impl Reader {
    pub fn new(bytes: Bytes, flexible: bool) -> Self {
        Self { bytes, at: 0, flexible }
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let taken = self.bytes.get(self.at..)?.first_chunk::<N>()?;
        self.at += N;
        Some(*taken)
    }

    pub fn i16(&mut self) -> Option<i16> {
        self.take().map(i16::from_be_bytes)
    }

    pub fn i32(&mut self) -> Option<i32> {
        self.take().map(i32::from_be_bytes)
    }

    pub fn i64(&mut self) -> Option<i64> {
        self.take().map(i64::from_be_bytes)
    }

    pub fn uuid(&mut self) -> Option<Uuid> {
        self.take().map(Uuid::from_bytes)
    }

    fn unsigned_varint(&mut self) -> Option<u32> {
        let mut value = 0u32;
        for shift in 0..5 {
            let [byte] = self.take::<1>()?;
            value |= u32::from(byte & 0x7f).checked_shl(7 * shift)?;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    // A length of bytes or elements; the outer `None` is an error, the inner one null.
    fn length(&mut self, short: bool) -> Option<Option<usize>> {
        let length = match (self.flexible, short) {
            (true, _) => i64::from(self.unsigned_varint()?) - 1,
            (false, true) => i64::from(self.i16()?),
            (false, false) => i64::from(self.i32()?),
        };
        match length {
            -1 => Some(None),
            length => {
                let length = usize::try_from(length).ok()?;
                // Every element takes at least a byte.
                (length <= self.bytes.len() - self.at).then_some(Some(length))
            }
        }
    }

    /// Bytes without a copy; the inner `None` is null.
    pub fn nullable_bytes(&mut self) -> Option<Option<Bytes>> {
        let Some(length) = self.length(false)? else { return Some(None) };
        let slice = self.bytes.slice(self.at..self.at + length);
        self.at += length;
        Some(Some(slice))
    }

    pub fn string(&mut self) -> Option<String> {
        let length = self.length(true)??;
        let text = std::str::from_utf8(self.bytes.get(self.at..self.at + length)?).ok()?;
        let text = text.to_owned();
        self.at += length;
        Some(text)
    }

    /// An array; null counts as empty.
    pub fn array<T>(&mut self, mut element: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = self.length(false)?.unwrap_or(0);
        let mut elements = Vec::new();
        for _ in 0..length {
            elements.push(element(self)?);
        }
        Some(elements)
    }

    /// Skips tagged fields, where the version has them.
    pub fn tags(&mut self) -> Option<()> {
        if !self.flexible {
            return Some(());
        }
        for _ in 0..self.unsigned_varint()? {
            self.unsigned_varint()?;
            let size = self.unsigned_varint()? as usize;
            self.at = self.at.checked_add(size).filter(|at| *at <= self.bytes.len())?;
        }
        Some(())
    }
}
