//! Changes to the nodes of a JSON value: the text stays JSON, its meaning does not.

use serde_json::{Value, json};

use super::text;
use crate::random::Random;

/// One change; to the tokens, where the input is no JSON (any more).
pub fn mutate(random: &mut Random, samples: &[Vec<u8>], input: &mut Vec<u8>) {
    let Ok(mut value) = serde_json::from_slice::<Value>(input) else { return text::mutate(random, samples, input) };
    change(random, samples, &mut value);
    *input = value.to_string().into_bytes();
}

fn change(random: &mut Random, samples: &[Vec<u8>], value: &mut Value) {
    let at = random.below(count(value));
    let Some(node) = nth(value, &mut { at }) else { return };
    match random.below(8) {
        0 => *node = scalar(random),
        1 => remove(random, node),
        2 => rename(random, node),
        3 => {
            for _ in 0..random.length(300) {
                *node = if random.once_in(2) { json!([node.take()]) } else { json!({"type": node.take()}) };
            }
        }
        4 => {
            if let Value::Array(items) = node {
                let times = random.length(100);
                let piece = items.clone();
                (0..times).take_while(|_| piece.len() < 1000).for_each(|_| items.extend_from_slice(&piece));
            }
        }
        5 => number(random, node),
        _ => {
            let Ok(mut other) = serde_json::from_slice::<Value>(random.pick::<Vec<u8>>(samples)) else { return };
            let from = random.below(count(&other));
            if let Some(piece) = nth(&mut other, &mut { from }) {
                *node = piece.take();
            }
        }
    }
}

fn scalar(random: &mut Random) -> Value {
    match random.below(12) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(""),
        3 => json!([]),
        4 => json!({}),
        5 => json!(-1),
        6 => json!(u64::MAX),
        7 => json!(i64::MIN),
        8 => json!(1e308),
        9 => json!(random.bits() as u32),
        10 => json!("#"),
        _ => json!("null"),
    }
}

fn number(random: &mut Random, node: &mut Value) {
    if let Some(known) = node.as_i64() {
        *node = json!(known.wrapping_add(random.below(5) as i64 - 2));
    }
}

fn remove(random: &mut Random, node: &mut Value) {
    match node {
        Value::Array(items) if !items.is_empty() => drop(items.remove(random.below(items.len()))),
        Value::Object(entries) => {
            if let Some(key) = entries.keys().nth(random.below(entries.len())).cloned() {
                entries.remove(&key);
            }
        }
        _ => *node = Value::Null,
    }
}

/// Gives an entry the name of another one, in place of it.
fn rename(random: &mut Random, node: &mut Value) {
    if let Value::Object(entries) = node
        && let Some(from) = entries.keys().nth(random.below(entries.len())).cloned()
        && let Some(to) = entries.keys().nth(random.below(entries.len())).cloned()
        && let Some(value) = entries.remove(&from)
    {
        entries.insert(to, value);
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum::<usize>(),
        Value::Object(entries) => entries.values().map(count).sum(),
        _ => 0,
    }
}

/// The node at place `at` of a walk from the top.
fn nth<'a>(value: &'a mut Value, at: &mut usize) -> Option<&'a mut Value> {
    if *at == 0 {
        return Some(value);
    }
    *at -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| nth(item, at)),
        Value::Object(entries) => entries.values_mut().find_map(|item| nth(item, at)),
        _ => None,
    }
}
