//! Avro's binary primitives, written.

use crate::varint;

/// `int` and `long`: zigzag, seven bits a byte.
#[inline]
pub(crate) fn long(value: i64, out: &mut Vec<u8>) {
    varint::write(varint::to_zigzag(value), out);
}

/// Length and bytes.
#[inline]
pub(crate) fn bytes(value: &[u8], out: &mut Vec<u8>) {
    long(value.len() as i64, out);
    out.extend_from_slice(value);
}

/// Start of the only block of an array or map; nothing when it is empty.
pub(crate) fn block(count: usize, out: &mut Vec<u8>) {
    if count > 0 {
        long(count as i64, out);
    }
}

/// End of an array or map.
pub(crate) fn end_of_blocks(out: &mut Vec<u8>) {
    out.push(0);
}
