//! Frames on the wire: a four-byte length, then that many bytes.

use bytes::{Buf, Bytes, BytesMut};

/// A length that no peer of ours sends.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a frame of {length} bytes is announced, {limit} are allowed (is this a Kafka listener, and is TLS set on both sides?)"
)]
pub struct FrameError {
    /// The announced length.
    pub length: i64,
    /// The largest accepted.
    pub limit: usize,
}

/// Takes the next whole frame, without its length, from the front of `buffer`; `None` when more
/// bytes are needed. Allocates nothing.
///
/// # Errors
/// [`FrameError`] when the announced length is negative or above `limit`.
pub fn take_frame(buffer: &mut BytesMut, limit: usize) -> Result<Option<Bytes>, FrameError> {
    let Some(length) = buffer.first_chunk::<4>() else {
        return Ok(None);
    };
    let length = i32::from_be_bytes(*length);
    let size = match usize::try_from(length) {
        Ok(size) if size <= limit => size,
        _ => return Err(FrameError { length: i64::from(length), limit }),
    };
    if buffer.len() - 4 < size {
        return Ok(None);
    }
    buffer.advance(4);
    Ok(Some(buffer.split_to(size).freeze()))
}
