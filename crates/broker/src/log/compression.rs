//! The four codecs of record batches, with a limit on what a batch may unpack to.
//!
//! Batches are stored as received; they are unpacked only where their records matter (compaction, look-up by time, a topic
//! whose `compression.type` is not `producer`). Snappy comes in two framings, the raw block and the chunked one of the
//! Java client; both are read, the chunked one is written.

use std::borrow::Cow;
use std::io::{Read, Write};

use super::LogError;

/// Largest record section that is unpacked; a bomb stops here.
const MAX_UNPACKED: u64 = 256 << 20;

const XERIAL_MAGIC: &[u8] = b"\x82SNAPPY\x00";
const XERIAL_HEADER: &[u8] = b"\x82SNAPPY\x00\x00\x00\x00\x01\x00\x00\x00\x01";
const XERIAL_BLOCK: usize = 32 << 10;

const BAD: LogError = LogError::InvalidRecord("the compressed records of a batch cannot be unpacked");

/// The codec numbers by their configuration names (`compression.type`).
pub fn codec_by_name(name: &str) -> Option<i16> {
    ["none", "gzip", "snappy", "lz4", "zstd"]
        .iter()
        .position(|known| *known == name || (name == "uncompressed" && *known == "none"))
        .map(|at| at as i16)
}

/// Unpacks a record section.
pub fn unpack(codec: i16, section: &[u8]) -> Result<Cow<'_, [u8]>, LogError> {
    let out = match codec {
        0 => return Ok(Cow::Borrowed(section)),
        1 => read_limited(flate2::read::MultiGzDecoder::new(section))?,
        2 => unpack_snappy(section)?,
        3 => read_limited(lz4_flex::frame::FrameDecoder::new(section))?,
        4 => read_limited(zstd::stream::read::Decoder::new(section).map_err(|_| BAD)?)?,
        _ => return Err(LogError::UnsupportedCodec(codec)),
    };
    Ok(Cow::Owned(out))
}

fn read_limited(reader: impl Read) -> Result<Vec<u8>, LogError> {
    let mut out = Vec::new();
    reader.take(MAX_UNPACKED + 1).read_to_end(&mut out).map_err(|_| BAD)?;
    if out.len() as u64 > MAX_UNPACKED { Err(BAD) } else { Ok(out) }
}

fn unpack_snappy(section: &[u8]) -> Result<Vec<u8>, LogError> {
    let mut out = Vec::new();
    if !section.starts_with(XERIAL_MAGIC) {
        unpack_snappy_block(section, &mut out)?;
        return Ok(out);
    }
    let mut rest = section.get(XERIAL_HEADER.len()..).ok_or(BAD)?;
    while !rest.is_empty() {
        let (len, tail) = rest.split_first_chunk::<4>().ok_or(BAD)?;
        let (block, tail) = tail.split_at_checked(u32::from_be_bytes(*len) as usize).ok_or(BAD)?;
        unpack_snappy_block(block, &mut out)?;
        rest = tail;
    }
    Ok(out)
}

fn unpack_snappy_block(block: &[u8], out: &mut Vec<u8>) -> Result<(), LogError> {
    let len = snap::raw::decompress_len(block).map_err(|_| BAD)?;
    let start = out.len();
    if (start + len) as u64 > MAX_UNPACKED {
        return Err(BAD);
    }
    out.resize(start + len, 0);
    snap::raw::Decoder::new().decompress(block, &mut out[start..]).map_err(|_| BAD)?;
    Ok(())
}

/// Packs a record section.
pub fn pack(codec: i16, section: &[u8]) -> Result<Vec<u8>, LogError> {
    match codec {
        0 => Ok(section.to_vec()),
        1 => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(section)?;
            Ok(encoder.finish()?)
        }
        2 => {
            let mut out = XERIAL_HEADER.to_vec();
            for chunk in section.chunks(XERIAL_BLOCK) {
                let block = snap::raw::Encoder::new().compress_vec(chunk).map_err(|_| BAD)?;
                out.extend_from_slice(&(block.len() as u32).to_be_bytes());
                out.extend_from_slice(&block);
            }
            Ok(out)
        }
        3 => {
            let info = lz4_flex::frame::FrameInfo::new().block_mode(lz4_flex::frame::BlockMode::Independent);
            let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
            encoder.write_all(section)?;
            encoder.finish().map_err(|_| BAD)
        }
        4 => Ok(zstd::stream::encode_all(section, 0)?),
        _ => Err(LogError::UnsupportedCodec(codec)),
    }
}
