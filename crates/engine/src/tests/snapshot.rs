//! State files: deltas over full ones, key-group ranges, and the index of keys.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Float64Array, Int64Array, StringArray};
use arrow_schema::DataType as ArrowType;

use crate::state::snapshot::{TableWriter, live_rows};
use crate::state::{KeyGroupRange, KeyIndex};

fn column(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

#[test]
fn every_key_group_has_one_owner() {
    for parallelism in 1..=10 {
        for group in 0..=255u8 {
            let owner = KeyGroupRange::owner(group, parallelism);
            for subtask in 0..parallelism {
                let owns = KeyGroupRange::of(subtask, parallelism).contains(group);
                assert_eq!(owns, subtask == owner, "group {group}, subtask {subtask} of {parallelism}");
            }
        }
    }
}

#[test]
fn later_rows_win_and_emptied_slots_are_gone() {
    let types = [ArrowType::Int64];
    let write = |full, live: &[u32], values: &[i64], dead: &[u32]| {
        let mut table = TableWriter::new("t", full, &types);
        table.dead(3, dead).unwrap();
        table.live(3, live, |slots| Ok((vec![column(values)], slots.iter().map(|s| *s as u8).collect()))).unwrap();
        table.finish().batches
    };
    let mut batches = write(true, &[0, 1, 2], &[10, 11, 12], &[]);
    batches.extend(write(false, &[1], &[21], &[2]));
    batches.extend(write(false, &[2, 200], &[32, 99], &[0]));
    let rows = |range| {
        let mut found = Vec::new();
        for restored in live_rows(&batches, range, &types).unwrap() {
            assert_eq!(restored.space, 3);
            found.extend(restored.columns[0].as_primitive::<Int64Type>().values().to_vec());
        }
        found.sort_unstable();
        found
    };
    assert_eq!(rows(KeyGroupRange::of(0, 1)), vec![21, 32, 99]);
    assert_eq!(rows(KeyGroupRange::of(0, 2)), vec![21, 32]);
    assert_eq!(rows(KeyGroupRange::of(1, 2)), vec![99]);
    assert!(live_rows(&batches, KeyGroupRange::of(0, 1), &[ArrowType::Utf8]).is_err());
}

#[test]
fn keys_keep_their_slots_until_they_are_removed() {
    let mut index = KeyIndex::new(&[ArrowType::Utf8, ArrowType::Int64]).unwrap();
    let names: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some("a"), Some("")]));
    let keys = [names, column(&[1, 1, 1, 1])];
    let (mut slots, mut new) = (Vec::new(), Vec::new());
    index.insert(&keys, 4, &mut slots, |slot| new.push(slot)).unwrap();
    assert_eq!((slots.clone(), new), (vec![0, 1, 0, 2], vec![0, 1, 2]));
    assert_eq!(index.take_dirty(), vec![0, 1, 2]);
    index.remove(1);
    index.find(&keys, 4, &mut slots).unwrap();
    assert_eq!(slots, vec![0, u32::MAX, 0, 2]);
    index.insert(&keys, 4, &mut slots, |_| {}).unwrap();
    assert_eq!(slots, vec![0, 1, 0, 2]);
    assert_eq!(index.take_dirty(), vec![1]);
    let columns = index.columns(&[1, 2]).unwrap();
    assert_eq!(columns[0].as_string::<i32>().iter().collect::<Vec<_>>(), vec![None, Some("")]);
}

#[test]
fn both_zeros_and_all_nans_are_one_key() {
    let mut index = KeyIndex::new(&[ArrowType::Float64]).unwrap();
    let odd_nan = f64::from_bits(0x7ff8_0000_0000_0001);
    let keys: [ArrayRef; 1] = [Arc::new(Float64Array::from(vec![0.0, -0.0, f64::NAN, odd_nan, 1.0]))];
    let mut slots = Vec::new();
    index.insert(&keys, 5, &mut slots, |_| {}).unwrap();
    assert_eq!(slots, vec![0, 0, 1, 1, 2]);
}

#[test]
fn many_keys_come_and_go() {
    let mut index = KeyIndex::new(&[ArrowType::Int64]).unwrap();
    let mut slots = Vec::new();
    for round in 0..20i64 {
        let keys: Vec<i64> = (round * 100..round * 100 + 1000).collect();
        index.insert(&[column(&keys)], keys.len(), &mut slots, |_| {}).unwrap();
        let back = index.columns(&slots).unwrap();
        assert_eq!(back[0].as_primitive::<Int64Type>().values(), &keys[..]);
        for slot in &slots[..100] {
            index.remove(*slot);
        }
    }
    assert_eq!(index.slots().len(), 900);
    assert!(index.capacity() <= 1100);
}
