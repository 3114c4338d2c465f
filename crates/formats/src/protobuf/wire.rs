//! Protobuf's wire primitives.

use crate::fault::{Fault, Outcome};
use crate::varint;

/// Groups nested deeper are an error of their record.
const MAX_GROUPS: usize = 64;

/// How a field's value is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    Varint,
    Fixed64,
    Bytes,
    StartGroup,
    EndGroup,
    Fixed32,
}

/// Reads forward through one message. `base` is where it starts in the record, for messages.
#[derive(Clone)]
pub(crate) struct Reader<'a> {
    data: &'a [u8],
    position: usize,
    base: usize,
}

impl<'a> Reader<'a> {
    pub fn new(data: &'a [u8]) -> Reader<'a> {
        Reader { data, position: 0, base: 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.position >= self.data.len()
    }

    pub fn len(&self) -> usize {
        self.data.len() - self.position
    }

    #[cold]
    pub fn fault(&self, cause: impl Into<String>) -> Box<Fault> {
        Fault::new(self.base + self.position, cause)
    }

    #[inline]
    pub fn varint(&mut self) -> Outcome<u64> {
        varint::read(self.data, &mut self.position).map_err(|none| none.fault(self.base + self.position, "message"))
    }

    #[inline]
    pub fn array<const N: usize>(&mut self) -> Outcome<[u8; N]> {
        match self.data[self.position..].first_chunk::<N>() {
            Some(bytes) => {
                self.position += N;
                Ok(*bytes)
            }
            None => Err(self.fault("the message ends inside a number")),
        }
    }

    /// Length-delimited bytes as a message of their own.
    #[inline]
    pub fn delimited(&mut self) -> Outcome<Reader<'a>> {
        let length = self.varint()?;
        match usize::try_from(length) {
            Ok(length) if length <= self.len() => {
                let start = self.position;
                self.position += length;
                Ok(Reader { data: &self.data[start..self.position], position: 0, base: self.base + start })
            }
            _ => Err(self.fault(format!("a length of {length} with {} bytes left", self.len()))),
        }
    }

    pub fn rest(&self) -> &'a [u8] {
        &self.data[self.position..]
    }

    /// Number and delimiting of the next field.
    #[inline]
    pub fn tag(&mut self) -> Outcome<(u32, Wire)> {
        let tag = self.varint()?;
        let wire = match tag & 7 {
            0 => Wire::Varint,
            1 => Wire::Fixed64,
            2 => Wire::Bytes,
            3 => Wire::StartGroup,
            4 => Wire::EndGroup,
            5 => Wire::Fixed32,
            other => return Err(self.fault(format!("wire type {other} does not exist"))),
        };
        match u32::try_from(tag >> 3) {
            Ok(number) if number > 0 => Ok((number, wire)),
            _ => Err(self.fault("a field number out of range")),
        }
    }

    /// Passes over a field's value.
    #[inline]
    pub fn skip(&mut self, number: u32, wire: Wire) -> Outcome {
        match wire {
            Wire::Varint => self.varint().map(|_| ()),
            Wire::Fixed64 => self.array::<8>().map(|_| ()),
            Wire::Fixed32 => self.array::<4>().map(|_| ()),
            Wire::Bytes => self.delimited().map(|_| ()),
            Wire::StartGroup => self.skip_group(number),
            Wire::EndGroup => Err(self.fault("the end of a group that did not start")),
        }
    }

    fn skip_group(&mut self, number: u32) -> Outcome {
        let mut open = vec![number];
        while let Some(&innermost) = open.last() {
            let (number, wire) = self.tag()?;
            match wire {
                Wire::StartGroup if open.len() >= MAX_GROUPS => {
                    return Err(self.fault(format!("groups nested deeper than {MAX_GROUPS} levels")));
                }
                Wire::StartGroup => open.push(number),
                Wire::EndGroup if number == innermost => {
                    open.pop();
                }
                _ => self.skip(number, wire)?,
            }
        }
        Ok(())
    }
}

/// Number and delimiting of a field, ready to be copied.
pub(crate) fn tag(number: u32, wire: Wire) -> Vec<u8> {
    let code = match wire {
        Wire::Varint => 0,
        Wire::Fixed64 => 1,
        Wire::Bytes => 2,
        Wire::StartGroup => 3,
        Wire::EndGroup => 4,
        Wire::Fixed32 => 5,
    };
    let mut out = Vec::new();
    varint::write(u64::from(number) << 3 | code, &mut out);
    out
}

/// Appends what `body` writes, with its length in front.
#[inline]
pub(crate) fn write_delimited(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>) -> Outcome) -> Outcome {
    let start = out.len();
    // Most bodies are shorter than 128 bytes: room for one byte, and more is moved in where that was wrong.
    out.push(0);
    body(out)?;
    let length = out.len() - start - 1;
    if length < 0x80 {
        out[start] = length as u8;
        return Ok(());
    }
    let mut prefix = Vec::new();
    varint::write(length as u64, &mut prefix);
    out.splice(start..=start, prefix);
    Ok(())
}
