//! Records that were read give their memory to those that come next, and records that are still held keep theirs.

use crate::{BatchBuilder, Buffers, Compression, DecodeOptions, RecordSet, decode_records};

fn read(buffers: &Buffers, codec: Compression, value: &[u8]) -> RecordSet {
    let mut builder = BatchBuilder::new(codec);
    builder.append(1, None, Some(value), &[]).unwrap();
    let batch = builder.build().unwrap().unwrap();
    let options = DecodeOptions { buffers: Some(buffers), ..DecodeOptions::default() };
    decode_records(batch.as_bytes().clone(), &options).unwrap()
}

#[test]
fn memory_of_dropped_records_is_used_again() {
    let buffers = Buffers::default();
    for codec in [Compression::Gzip, Compression::Snappy, Compression::Lz4, Compression::Zstd] {
        let first = read(&buffers, codec, &[b'a'; 5000]);
        let place = first.buffer().as_ptr();
        let held = first.clone();
        drop(first);
        let second = read(&buffers, codec, &[b'b'; 4000]);
        assert_ne!(second.buffer().as_ptr(), place, "{codec:?}: records that are held lost their memory");
        assert_eq!(held.value(0), Some(&[b'a'; 5000][..]));
        drop(held);
        let third = read(&buffers, codec, &[b'c'; 3000]);
        assert_eq!(third.buffer().as_ptr(), place, "{codec:?}: memory was not used again");
        assert_eq!((third.value(0), second.value(0)), (Some(&[b'c'; 3000][..]), Some(&[b'b'; 4000][..])));
        drop((second, third));
        buffers.clear();
    }
}

#[test]
fn records_outlive_their_reader() {
    let buffers = Buffers::default();
    let set = read(&buffers, Compression::Lz4, b"still here");
    drop(buffers);
    assert_eq!(set.value(0), Some(&b"still here"[..]));
}
