//! The five codecs of Kafka record batches.
//!
//! Written on the codec crates and not on the protocol crate's helpers: those go through several
//! copies and let a small batch claim an unbounded size. Here output is appended to the caller's
//! buffer and stops at a limit, so a hostile batch costs no more than the limit. Snappy is framed
//! as the Java client does it (and read with and without the frame, as librdkafka writes none);
//! LZ4 is the frame format with independent blocks, which is what Java can read.

mod lz4;

use std::{
    cell::RefCell,
    io::{Read, Write},
    str::FromStr,
};

use zstd::stream::raw::{Decoder as ZstdDecoder, InBuffer, Operation, OutBuffer};

/// How the records of a batch are compressed; the numbers are those of the batch attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Compression {
    /// Not at all.
    #[default]
    None = 0,
    /// RFC 1952.
    Gzip = 1,
    /// Snappy in the frame of its Java library.
    Snappy = 2,
    /// LZ4 frames.
    Lz4 = 3,
    /// Zstandard.
    Zstd = 4,
}

impl Compression {
    /// From the three low bits of the batch attributes.
    pub fn from_attributes(attributes: i16) -> Option<Self> {
        match attributes & 0x7 {
            0 => Some(Self::None),
            1 => Some(Self::Gzip),
            2 => Some(Self::Snappy),
            3 => Some(Self::Lz4),
            4 => Some(Self::Zstd),
            _ => None,
        }
    }
}

impl FromStr for Compression {
    type Err = crate::Error;

    /// The values of Kafka's `compression.type`.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "none" => Ok(Self::None),
            "gzip" => Ok(Self::Gzip),
            "snappy" => Ok(Self::Snappy),
            "lz4" => Ok(Self::Lz4),
            "zstd" => Ok(Self::Zstd),
            other => Err(crate::Error::config(
                "compression.type",
                format!("'{other}' is not one of none, gzip, snappy, lz4, zstd"),
            )),
        }
    }
}

const XERIAL_MAGIC: &[u8; 8] = b"\x82SNAPPY\x00";
const XERIAL_HEADER: usize = 16;
const XERIAL_BLOCK: usize = 32 * 1024;
const ZSTD_LEVEL: i32 = 3;
/// One byte of Snappy data expands to no more than this (a 3-byte copy gives 64 bytes).
const SNAPPY_MAX_RATIO: usize = 64;

thread_local! {
    // Contexts of Zstandard are large; one of each per thread is reused for every batch.
    static ZSTD_IN: RefCell<Option<ZstdDecoder<'static>>> = const { RefCell::new(None) };
    static ZSTD_OUT: RefCell<Option<zstd::bulk::Compressor<'static>>> = const { RefCell::new(None) };
}

/// Appends `input` compressed to `out`.
pub fn compress(codec: Compression, input: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
    match codec {
        Compression::None => out.extend_from_slice(input),
        Compression::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::default());
            encoder.write_all(input).map_err(|e| e.to_string())?;
            encoder.finish().map_err(|e| e.to_string())?;
        }
        Compression::Snappy => compress_snappy(input, out)?,
        Compression::Lz4 => {
            let info = lz4_flex::frame::FrameInfo::new()
                .block_size(lz4_flex::frame::BlockSize::Max64KB)
                .block_mode(lz4_flex::frame::BlockMode::Independent);
            let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, out);
            encoder.write_all(input).map_err(|e| e.to_string())?;
            encoder.finish().map_err(|e| e.to_string())?;
        }
        Compression::Zstd => compress_zstd(input, out)?,
    }
    Ok(())
}

fn compress_snappy(input: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
    out.extend_from_slice(XERIAL_MAGIC);
    out.extend_from_slice(&1u32.to_be_bytes());
    out.extend_from_slice(&1u32.to_be_bytes());
    let mut encoder = snap::raw::Encoder::new();
    for block in input.chunks(XERIAL_BLOCK) {
        let start = out.len();
        out.resize(start + 4 + snap::raw::max_compress_len(block.len()), 0);
        let written = encoder.compress(block, &mut out[start + 4..]).map_err(|e| e.to_string())?;
        out[start..start + 4].copy_from_slice(&(written as u32).to_be_bytes());
        out.truncate(start + 4 + written);
    }
    Ok(())
}

fn compress_zstd(input: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
    ZSTD_OUT.with_borrow_mut(|slot| {
        let compressor = match slot {
            Some(compressor) => compressor,
            None => slot.insert(zstd::bulk::Compressor::new(ZSTD_LEVEL).map_err(|e| e.to_string())?),
        };
        let start = out.len();
        out.resize(start + zstd::zstd_safe::compress_bound(input.len()), 0);
        let written = compressor.compress_to_buffer(input, &mut out[start..]).map_err(|e| e.to_string())?;
        out.truncate(start + written);
        Ok(())
    })
}

/// Appends `input` decompressed to `out`, refusing to append more than `limit` bytes.
///
/// # Errors
/// A text that says what is wrong with the bytes; `out` may then hold a part of the output.
pub fn decompress(codec: Compression, input: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<(), String> {
    match codec {
        Compression::None => {
            if input.len() > limit {
                return Err(too_large(limit));
            }
            out.extend_from_slice(input);
            Ok(())
        }
        Compression::Gzip => read_all(flate2::read::MultiGzDecoder::new(input), out, limit),
        Compression::Snappy => decompress_snappy(input, out, limit),
        Compression::Lz4 => lz4::decompress(input, out, limit),
        Compression::Zstd => decompress_zstd(input, out, limit),
    }
}

fn too_large(limit: usize) -> String {
    format!("it decompresses to more than {limit} bytes")
}

fn read_all(reader: impl Read, out: &mut Vec<u8>, limit: usize) -> Result<(), String> {
    let read = reader.take(limit as u64 + 1).read_to_end(out).map_err(|e| e.to_string())?;
    if read > limit { Err(too_large(limit)) } else { Ok(()) }
}

fn decompress_snappy(input: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<(), String> {
    let end = out.len().saturating_add(limit);
    let mut decoder = snap::raw::Decoder::new();
    let mut block = |bytes: &[u8], out: &mut Vec<u8>| {
        let length = snap::raw::decompress_len(bytes).map_err(|e| e.to_string())?;
        if length > bytes.len().saturating_mul(SNAPPY_MAX_RATIO) {
            return Err(format!("a Snappy block of {} bytes claims {length}", bytes.len()));
        }
        let start = out.len();
        if start + length > end {
            return Err(too_large(limit));
        }
        out.resize(start + length, 0);
        decoder.decompress(bytes, &mut out[start..]).map_err(|e| e.to_string())?;
        Ok(())
    };
    if !input.starts_with(XERIAL_MAGIC) {
        return block(input, out);
    }
    let mut rest = input.get(XERIAL_HEADER..).ok_or("the Snappy header is cut off")?;
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        let bytes = tail.get(..length).ok_or("a Snappy block is cut off")?;
        block(bytes, out)?;
        rest = &tail[length..];
    }
    if rest.is_empty() { Ok(()) } else { Err("a Snappy block length is cut off".to_owned()) }
}

fn decompress_zstd(input: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<(), String> {
    ZSTD_IN.with_borrow_mut(|slot| {
        let decoder = match slot {
            Some(decoder) => decoder,
            None => slot.insert(ZstdDecoder::new().map_err(|e| e.to_string())?),
        };
        decoder.reinit().map_err(|e| e.to_string())?;
        let start = out.len();
        let mut source = InBuffer::around(input);
        loop {
            out.reserve(input.len().saturating_mul(4).clamp(4096, 1 << 20));
            let filled = out.len();
            let mut sink = OutBuffer::around_pos(out, filled);
            let hint = decoder.run(&mut source, &mut sink).map_err(|e| e.to_string())?;
            let full = sink.pos() == sink.capacity();
            if out.len() - start > limit {
                return Err(too_large(limit));
            }
            if source.pos() == input.len() {
                if hint == 0 {
                    return Ok(());
                }
                if !full {
                    return Err("a Zstandard frame is cut off".to_owned());
                }
            }
        }
    })
}
