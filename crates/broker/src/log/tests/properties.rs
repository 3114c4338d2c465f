//! Whatever is appended is read back, before and after a crash at any byte.

use std::fs::OpenOptions;

use proptest::prelude::*;

use super::*;
use crate::log::segment::Segment;

fn one_batch() -> impl Strategy<Value = (i16, Vec<String>)> {
    (0i16..5, proptest::collection::vec("[a-z]{0,60}", 1..6))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn append_crash_recover(batches in proptest::collection::vec(one_batch(), 1..40), cut in 0.0f64..1.0) {
        let dir = tempfile::tempdir().unwrap();
        let settings = config(&[("segment.bytes", "1500")]);
        let mut log = open(dir.path(), settings);
        let mut ends = vec![0];
        for (codec, values) in &batches {
            let all: Vec<_> = values.iter().map(|value| (None, Some(value.as_str()))).collect();
            append(&mut log, &batch(NOBODY, *codec, NOW, &all), NOW).unwrap();
            ends.push(log.ends().end);
        }
        let all = records(&mut log);
        prop_assert_eq!(all.len() as i64, log.ends().end);
        let active = log.segments.last().unwrap();
        let (base, kept) = (active.base, (active.size as f64 * cut) as u64);
        drop(log);
        OpenOptions::new().write(true).open(Segment::path_of(dir.path(), base)).unwrap().set_len(kept).unwrap();
        let mut log = open(dir.path(), settings);
        let end = log.ends().end;
        prop_assert!(ends.contains(&end) && end >= base, "whole batches only");
        prop_assert_eq!(records(&mut log), all[..end as usize].to_vec());
        prop_assert_eq!(put(&mut log, "next", Some("value")), end);
    }

    #[test]
    fn malformed_batches_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200), fix in any::<bool>()) {
        if fix && bytes.len() > 61 {
            let length = (bytes.len() as i32 - 12).to_be_bytes();
            bytes[8..12].copy_from_slice(&length);
            bytes[16] = 2;
            let crc = crc32c::crc32c(&bytes[21..]).to_be_bytes();
            bytes[17..21].copy_from_slice(&crc);
        }
        let _ = prepare(&bytes, &config(&[("cleanup.policy", "compact")]), NOW);
    }

    #[test]
    fn codecs_round_trip(bytes in proptest::collection::vec(any::<u8>(), 0..100_000), codec in 0i16..5) {
        let packed = pack(codec, &bytes).unwrap();
        prop_assert_eq!(crate::log::compression::unpack(codec, &packed).unwrap().into_owned(), bytes);
    }
}
