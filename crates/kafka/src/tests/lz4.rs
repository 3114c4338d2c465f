//! LZ4 frames of every kind are read as the codec crate's own reader reads them; cut or damaged ones are errors.

use std::io::{Read as _, Write as _};

use lz4_flex::frame::{BlockMode, BlockSize, FrameDecoder, FrameEncoder, FrameInfo};
use proptest::{collection::vec, prelude::*};

use crate::{Compression, decompress};

const LIMIT: usize = 16 << 20;
const SIZES: [BlockSize; 4] = [BlockSize::Max64KB, BlockSize::Max256KB, BlockSize::Max1MB, BlockSize::Max4MB];

fn frame(data: &[u8], info: FrameInfo) -> Vec<u8> {
    let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn unpack(frame: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    // What was there before stays, and is no part of the window.
    let mut out = b"before".to_vec();
    decompress(Compression::Lz4, frame, &mut out, limit)?;
    assert_eq!(&out[..6], b"before");
    Ok(out.split_off(6))
}

/// Some text that repeats itself, near and far, and some that cannot be compressed.
fn sample(length: usize) -> Vec<u8> {
    let mut state = 7u32;
    let mut noise = std::iter::repeat_with(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    let third = length / 3;
    let random: Vec<u8> = noise.by_ref().take(length - 2 * third).collect();
    let text = b"an auction, a bid, a person; ".iter().copied().cycle().take(third);
    let mut all: Vec<u8> = text.chain(random.iter().copied()).collect();
    all.extend_from_slice(&random[..length - all.len()]);
    all
}

fn kinds() -> Vec<FrameInfo> {
    let mut all = Vec::new();
    for size in SIZES {
        for mode in [BlockMode::Independent, BlockMode::Linked] {
            for (blocks, content) in [(false, false), (true, false), (false, true)] {
                let info = FrameInfo::new().block_size(size).block_mode(mode);
                all.push(info.block_checksums(blocks).content_checksum(content));
            }
        }
    }
    all
}

#[test]
fn every_kind_of_frame_is_read() {
    for length in [0, 1, 100, 65_536, 65_537, 700_000, 5_000_000] {
        let data = sample(length);
        for info in kinds() {
            let said = format!("{length} bytes, {info:?}");
            for announced in [None, Some(length as u64)] {
                assert!(unpack(&frame(&data, info.clone().content_size(announced)), LIMIT).unwrap() == data, "{said}");
            }
        }
    }
}

#[test]
fn a_limit_is_kept_to_the_byte() {
    let data = sample(200_000);
    for info in kinds() {
        let packed = frame(&data, info);
        assert!(unpack(&packed, data.len()).unwrap() == data);
        let problem = unpack(&packed, data.len() - 1).unwrap_err();
        assert_eq!(problem, format!("it decompresses to more than {} bytes", data.len() - 1));
    }
}

#[test]
fn a_frame_that_is_cut_off_is_an_error() {
    for mode in [BlockMode::Independent, BlockMode::Linked] {
        let packed = frame(&sample(3000), FrameInfo::new().block_mode(mode).content_size(Some(3000)));
        // Nothing at all is no frame, and no records: as the crate reads it.
        assert_eq!(unpack(&[], LIMIT).unwrap(), b"");
        for length in 1..packed.len() {
            assert!(unpack(&packed[..length], LIMIT).is_err(), "{mode:?}, {length} of {} bytes", packed.len());
        }
        // What follows belongs to nobody.
        let followed = [&packed[..], b"more"].concat();
        assert_eq!(unpack(&followed, LIMIT).unwrap().len(), 3000);
    }
}

#[test]
fn a_frame_of_another_length_than_announced_is_an_error() {
    let mut packed = frame(&sample(3000), FrameInfo::new().content_size(Some(3000)));
    // The announced size begins after magic, flags and block size.
    packed[6] = packed[6].wrapping_add(1);
    assert!(unpack(&packed, LIMIT).unwrap_err().contains("announces"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Where the crate's reader is content, so is ours, with the same bytes; nothing panics. The reverse does not hold: ours leaves the
    /// header's checksum to that of the record batch.
    #[test]
    fn damage_is_seen_as_the_crate_sees_it(
        length in 1usize..2000, linked in any::<bool>(), damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mode = if linked { BlockMode::Linked } else { BlockMode::Independent };
        let mut packed = frame(&sample(length), FrameInfo::new().block_mode(mode));
        for (place, byte) in damage {
            let at = place.index(packed.len());
            packed[at] = byte;
        }
        let mut theirs = Vec::new();
        let read = FrameDecoder::new(&packed[..]).take(LIMIT as u64).read_to_end(&mut theirs);
        let ours = unpack(&packed, LIMIT);
        if read.is_ok() {
            prop_assert_eq!(ours.unwrap(), theirs);
        }
    }
}
