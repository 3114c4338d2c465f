//! Golden values: stored state depends on them.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int32Array, Int64Array, StringArray};

use crate::keys::{KeyEncoder, hash_keys, key_group, xxh64};

#[test]
fn xxh64_is_the_published_one() {
    assert_eq!(xxh64(b"", 0), 0xEF46_DB37_51D8_E999);
    assert_eq!(xxh64(b"a", 0), 0xD24E_C4F1_A98C_6E5B);
    assert_eq!(xxh64(b"abc", 0), 0x44BC_2CF5_AD77_0999);
    assert_eq!(xxh64(b"Nobody inspects the spammish repetition", 0), 0xFBCE_A83C_8A37_8BF1);
}

#[test]
fn canonical_bytes_and_key_groups() {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![Some(1), None, Some(-1)])),
        Arc::new(StringArray::from(vec![Some("ab"), Some(""), None])),
    ];
    let mut encoder = KeyEncoder::new();
    encoder.encode(&columns, 3).unwrap();
    assert_eq!(encoder.key(0), [1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, b'a', b'b']);
    assert_eq!(encoder.key(1), [0, 1, 0, 0, 0, 0]);
    assert_eq!(encoder.key(2), [1, 255, 255, 255, 255, 255, 255, 255, 255, 0]);
    assert_eq!(encoder.len(), 3);
    let mut groups = Vec::new();
    encoder.key_groups(&mut groups);
    assert_eq!(groups, (0..3).map(|row| key_group(encoder.key(row))).collect::<Vec<_>>());
    assert_eq!(key_group(b""), 0xEF);
}

#[test]
fn key_groups_spread_evenly() {
    let column: ArrayRef = Arc::new(Int32Array::from_iter_values(0..25_600));
    let mut encoder = KeyEncoder::new();
    encoder.encode(&[column], 25_600).unwrap();
    let mut groups = Vec::new();
    encoder.key_groups(&mut groups);
    let mut counts = [0u32; 256];
    groups.iter().for_each(|&group| counts[group as usize] += 1);
    assert!(counts.iter().all(|count| (50..170).contains(count)), "{counts:?}");
}

#[test]
fn equal_keys_hash_equally() {
    let column: ArrayRef = Arc::new(Float64Array::from(vec![0.0, -0.0, f64::NAN, -f64::NAN, 1.0]));
    let mut hashes = Vec::new();
    hash_keys(std::slice::from_ref(&column), 5, &mut hashes).unwrap();
    assert_eq!(hashes[0], hashes[1]);
    assert_eq!(hashes[2], hashes[3]);
    assert_ne!(hashes[0], hashes[4]);
    let mut sliced = Vec::new();
    hash_keys(&[column.slice(3, 2)], 2, &mut sliced).unwrap();
    assert_eq!(sliced, hashes[3..]);
    hash_keys(&[], 3, &mut hashes).unwrap();
    assert_eq!(hashes.len(), 3);
}
