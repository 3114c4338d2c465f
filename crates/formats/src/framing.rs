//! The five bytes before a registry-framed body: magic 0 and the schema id, big-endian.

use crate::fault::{Fault, Outcome};

/// Length of the header.
pub(crate) const HEADER: usize = 5;

/// Schema id and body of a framed payload.
pub(crate) fn split(payload: &[u8]) -> Outcome<(i32, &[u8])> {
    match payload.split_first_chunk::<HEADER>() {
        Some(([0, a, b, c, d], body)) => Ok((i32::from_be_bytes([*a, *b, *c, *d]), body)),
        Some(([magic, ..], _)) => Err(Fault::new(
            0,
            format!("the payload starts with byte {magic}, not with the magic byte 0 of a schema registry serializer"),
        )),
        None => Err(Fault::new(
            payload.len(),
            format!("the payload has {} bytes, fewer than the 5 of its schema id header", payload.len()),
        )),
    }
}

/// Appends the header of schema `id`.
pub(crate) fn write_header(id: i32, out: &mut Vec<u8>) {
    out.push(0);
    out.extend_from_slice(&id.to_be_bytes());
}
