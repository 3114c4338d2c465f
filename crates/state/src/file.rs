//! State files: record batches of one schema as bytes.
//!
//! Layout: 4 bytes magic `NKS1`, 4 bytes CRC-32 (big-endian) of the rest, then an Arrow IPC stream with LZ4 buffers. Arrow's
//! own format keeps types and nulls; the checksum finds a torn or damaged file before Arrow reads it.

use std::io::Cursor;

use arrow_array::RecordBatch;
use arrow_ipc::CompressionType;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use arrow_schema::{ArrowError, SchemaRef};
use bytes::Bytes;

use crate::error::StateError;

const MAGIC: &[u8; 4] = b"NKS1";

/// The bytes of `batches`, all of `schema`; there may be none.
pub fn encode(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Bytes, ArrowError> {
    let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME))?;
    let head = [MAGIC.as_slice(), &[0; 4]].concat();
    let mut writer = StreamWriter::try_new_with_options(head, schema, options)?;
    for batch in batches {
        writer.write(batch)?;
    }
    let mut content = writer.into_inner()?;
    let crc = crc32fast::hash(&content[8..]);
    content[4..8].copy_from_slice(&crc.to_be_bytes());
    Ok(Bytes::from(content))
}

/// The batches of the file at `path` (named in errors) with this content.
pub fn decode(path: &str, content: &Bytes) -> Result<(SchemaRef, Vec<RecordBatch>), StateError> {
    let corrupt = |problem: String| StateError::Corrupt { path: path.to_owned(), problem };
    let Some((head, body)) = content.split_at_checked(8) else { return Err(corrupt("it is too short".to_owned())) };
    if !head.starts_with(MAGIC) {
        return Err(corrupt("it does not begin as a state file".to_owned()));
    }
    if head[4..] != crc32fast::hash(body).to_be_bytes() {
        return Err(corrupt("its checksum differs".to_owned()));
    }
    let reader = StreamReader::try_new(Cursor::new(body), None).map_err(|e| corrupt(e.to_string()))?;
    let schema = reader.schema();
    let batches = reader.collect::<Result<Vec<_>, _>>().map_err(|e| corrupt(e.to_string()))?;
    Ok((schema, batches))
}
