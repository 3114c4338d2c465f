//! Comparison of two graphs of types, pair by pair.
//!
//! A pair that is met again while it is being compared is assumed compatible, which is what makes
//! recursive types terminate. An answer found under an assumption that later fails would be wrong,
//! so [`Memo::run`] repeats the comparison with the pairs found incompatible until nothing is added:
//! the greatest fixpoint, whatever the order. Differences carry paths relative to their pair and are
//! moved under the path of whoever asked. Steps, depth and the length of lists are bounded.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// One incompatibility.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Name of the kind, as in Confluent's messages.
    pub kind: &'static str,
    /// Where, relative to the pair; segments start with `/`.
    pub path: String,
    /// What exactly: a field, a symbol, a pair of types.
    pub info: String,
}

impl Difference {
    pub fn new(kind: &'static str, path: impl Into<String>, info: impl Into<String>) -> Self {
        Self { kind, path: path.into(), info: info.into() }
    }
}

/// The incompatibilities of a pair, or the refusal to go on.
pub(crate) type Found = Result<Vec<Difference>, TooComplex>;

/// The two schemas are too large to be compared within the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the schemas are nested too deeply or have too many combinations to be compared")]
pub struct TooComplex;

const MAX_DEPTH: usize = 400;
const MAX_STEPS: usize = 500_000;
const MAX_DIFFERENCES: usize = 64;

/// What is known about pairs during one pass.
pub(crate) struct Memo<K> {
    done: HashMap<K, Vec<Difference>>,
    active: HashSet<K>,
    incompatible: HashMap<K, Vec<Difference>>,
    assumed: bool,
    steps: usize,
}

impl<K: Clone + Eq + Hash> Memo<K> {
    /// Runs `compare` to the fixpoint and returns what it found.
    pub fn run(mut compare: impl FnMut(&mut Self) -> Found) -> Found {
        let mut incompatible = HashMap::new();
        let mut steps = 0;
        loop {
            let mut memo = Self { done: HashMap::new(), active: HashSet::new(), incompatible, assumed: false, steps };
            let found = compare(&mut memo)?;
            let before = memo.incompatible.len();
            steps = memo.steps;
            let assumed = memo.assumed;
            incompatible = memo.incompatible;
            incompatible.extend(memo.done.into_iter().filter(|(_, differences)| !differences.is_empty()));
            if !assumed || incompatible.len() == before {
                return Ok(found);
            }
        }
    }

    /// Compares one pair through the memory.
    pub fn pair(&mut self, key: K, compare: impl FnOnce(&mut Self) -> Found) -> Found {
        if let Some(known) = self.done.get(&key) {
            return Ok(known.clone());
        }
        if self.active.contains(&key) {
            if let Some(known) = self.incompatible.get(&key) {
                return Ok(known.clone());
            }
            self.assumed = true;
            return Ok(Vec::new());
        }
        self.steps += 1;
        if self.steps > MAX_STEPS || self.active.len() >= MAX_DEPTH {
            return Err(TooComplex);
        }
        self.active.insert(key.clone());
        let found = compare(self);
        self.active.remove(&key);
        let mut found = found?;
        found.truncate(MAX_DIFFERENCES);
        self.done.insert(key, found.clone());
        Ok(found)
    }
}

/// Appends `found` under `prefix`.
pub(crate) fn append(into: &mut Vec<Difference>, prefix: &str, found: Vec<Difference>) {
    for mut difference in found {
        if into.len() >= MAX_DIFFERENCES {
            return;
        }
        difference.path.insert_str(0, prefix);
        into.push(difference);
    }
}
