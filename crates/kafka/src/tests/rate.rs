//! How fast records are decoded and built, in records per CPU second. Run with `--ignored
//! --nocapture`; a figure means something in an optimised build only.

use std::time::Instant;

use crate::{BatchBuilder, Compression, DecodeOptions, decode_records};

#[test]
#[ignore = "a measurement"]
fn rate() {
    let value = [b'x'; 92];
    for codec in [Compression::None, Compression::Lz4, Compression::Zstd, Compression::Snappy] {
        let started = Instant::now();
        let mut batches = Vec::new();
        for _ in 0..100 {
            let mut builder = BatchBuilder::new(codec);
            for i in 0..10_000u64 {
                builder.append(i as i64, Some(&i.to_be_bytes()), Some(&value), &[]).unwrap();
            }
            batches.push(builder.build().unwrap().unwrap().as_bytes().clone());
        }
        let built = started.elapsed().as_secs_f64();
        let started = Instant::now();
        let mut bytes = 0;
        for batch in &batches {
            let set = decode_records(batch.clone(), &DecodeOptions::default()).unwrap();
            bytes += (0..set.len()).map(|i| set.value(i).unwrap_or_default().len()).sum::<usize>();
        }
        let read = started.elapsed().as_secs_f64();
        assert_eq!(bytes, 100 * 10_000 * value.len());
        eprintln!("{codec:?}: built {:.1} M/s, read {:.1} M/s", 1.0 / built, 1.0 / read);
    }
}
