//! Files of encoded batches that a checkpoint keeps until their transaction is confirmed.
//!
//! Layout: magic `NKB1`, then per batch the partition (4 bytes), the length (4 bytes), both big-endian, and the batch in
//! Kafka's format, which has its own checksum.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use nutkin_kafka::RawBatch;

use crate::error::{Failure, FailureKind, Result};

const MAGIC: &[u8; 4] = b"NKB1";

pub(crate) fn encode(batches: &[(i32, RawBatch)]) -> Bytes {
    let size: usize = batches.iter().map(|(_, batch)| batch.size() + 8).sum();
    let mut out = BytesMut::with_capacity(size + 4);
    out.put_slice(MAGIC);
    for (partition, batch) in batches {
        out.put_i32(*partition);
        out.put_u32(batch.size() as u32);
        out.put_slice(batch.as_bytes());
    }
    out.freeze()
}

/// The batches of the file at `path`.
pub(crate) fn decode(path: &str, content: &Bytes) -> Result<Vec<(i32, RawBatch)>> {
    let damaged = || Failure::new(FailureKind::Incompatible, format!("the file {path} of kept batches is damaged"));
    let mut rest = content.clone();
    if rest.len() < 4 || rest.split_to(4)[..] != MAGIC[..] {
        return Err(damaged());
    }
    let mut batches = Vec::new();
    while rest.has_remaining() {
        if rest.remaining() < 8 {
            return Err(damaged());
        }
        let partition = rest.get_i32();
        let length = rest.get_u32() as usize;
        if rest.remaining() < length {
            return Err(damaged());
        }
        let batch = RawBatch::from_bytes(rest.split_to(length)).map_err(|_| damaged())?;
        batches.push((partition, batch));
    }
    Ok(batches)
}
