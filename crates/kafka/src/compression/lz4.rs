//! LZ4 frames, decoded block by block into the caller's buffer.
//!
//! The codec crate's reader of frames decodes into a buffer of its own and copies from there, into room that it fills with zeros
//! before; with a megabyte of records in a batch that costs more than the decoding. Frames as Kafka's clients write them are read here
//! instead. Rare ones (checksums of their own, a dictionary, the old format) still go through the crate. The checksum of the frame's
//! header is not compared: record batches have one over all of it.

use lz4_flex::block::{DecompressError, decompress_into, decompress_into_with_dict};

use super::{read_all, too_large};

const MAGIC: [u8; 4] = 0x184D_2204_u32.to_le_bytes();
const VERSION_MASK: u8 = 0b1100_0000;
const VERSION: u8 = 0b0100_0000;
const INDEPENDENT: u8 = 0b0010_0000;
const CONTENT_SIZE: u8 = 0b0000_1000;
/// Block checksums, content checksum, a reserved bit, a dictionary.
const RARE: u8 = 0b0001_0111;
/// Magic number, flags, block size, checksum.
const SHORTEST_HEADER: usize = 7;
const STORED: u32 = 1 << 31;
/// How far back a block may refer to the blocks before it.
const WINDOW: usize = 64 << 10;
/// One byte of a block gives no more than this.
const MAX_RATIO: usize = 255;

/// What the header of a frame says.
struct Frame {
    independent: bool,
    block_size: usize,
    content_size: Option<usize>,
    /// Bytes of the header.
    length: usize,
}

/// Appends the frame at the start of `input` to `out`; what follows the frame is left alone, as in Kafka's Java client.
pub(super) fn decompress(input: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<(), String> {
    match usual_header(input) {
        // The crate's reader takes a magic number without more for the end of its input.
        None if !input.is_empty() && input.len() < SHORTEST_HEADER => Err(cut_off()),
        Some(frame) => blocks(&frame, &input[frame.length..], out, limit),
        None => read_all(lz4_flex::frame::FrameDecoder::new(input), out, limit),
    }
}

/// None for a frame that the crate has to read, or complain about.
fn usual_header(input: &[u8]) -> Option<Frame> {
    let (magic, rest) = input.split_first_chunk::<4>()?;
    let ([flags, block], rest) = rest.split_first_chunk::<2>()?;
    let block_size = match (block & 0x70) >> 4 {
        size @ 4..=7 if block & 0x8f == 0 => 1 << (8 + 2 * size),
        _ => return None,
    };
    if *magic != MAGIC || flags & VERSION_MASK != VERSION || flags & RARE != 0 {
        return None;
    }
    let (content_size, rest) = match flags & CONTENT_SIZE {
        0 => (None, rest),
        _ => {
            let (size, rest) = rest.split_first_chunk::<8>()?;
            (Some(usize::try_from(u64::from_le_bytes(*size)).ok()?), rest)
        }
    };
    let (_checksum, rest) = rest.split_first()?;
    let length = input.len() - rest.len();
    Some(Frame { independent: flags & INDEPENDENT != 0, block_size, content_size, length })
}

fn blocks(frame: &Frame, mut rest: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<(), String> {
    let start = out.len();
    loop {
        let (word, tail) = rest.split_first_chunk::<4>().ok_or_else(cut_off)?;
        let word = u32::from_le_bytes(*word);
        if word == 0 {
            break;
        }
        let length = (word & !STORED) as usize;
        let block = tail.get(..length).ok_or_else(cut_off)?;
        rest = &tail[length..];
        let left = limit - (out.len() - start);
        if word & STORED != 0 {
            if length > frame.block_size {
                return Err("an LZ4 block is larger than its frame allows".to_owned());
            }
            if length > left {
                return Err(too_large(limit));
            }
            out.extend_from_slice(block);
        } else {
            let room = frame.block_size.min(length.saturating_mul(MAX_RATIO));
            append_block(frame, block, out, start, room.min(left)).map_err(|error| match error {
                DecompressError::OutputTooSmall { .. } if left < room => too_large(limit),
                error => format!("a damaged LZ4 block: {error}"),
            })?;
        }
    }
    match frame.content_size {
        Some(size) if size != out.len() - start => {
            Err(format!("its LZ4 frame has not the {size} bytes that it announces"))
        }
        _ => Ok(()),
    }
}

fn append_block(
    frame: &Frame,
    block: &[u8],
    out: &mut Vec<u8>,
    start: usize,
    room: usize,
) -> Result<(), DecompressError> {
    let begin = out.len();
    out.resize(begin + room, 0);
    let written = if frame.independent {
        decompress_into(block, &mut out[begin..])
    } else {
        let (before, free) = out.split_at_mut(begin);
        decompress_into_with_dict(block, free, &before[start.max(begin.saturating_sub(WINDOW))..])
    };
    out.truncate(begin + written.as_ref().copied().unwrap_or(0));
    written.map(|_| ())
}

fn cut_off() -> String {
    "an LZ4 frame is cut off".to_owned()
}
