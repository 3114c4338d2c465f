//! Operator ids that come from what an operator means.
//!
//! The id is a 64-bit FNV-1a hash of the operator's own description and of its inputs' ids, so it does not change when an
//! unrelated part of the plan does. Operators with equal meaning get an ordinal.

use std::collections::HashMap;
use std::fmt::{Display, Formatter};

use serde::{Deserialize, Serialize};

/// Names an operator and its state for the life of a statement.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OperatorId(pub String);

impl Display for OperatorId {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Gives out ids while a plan is put together.
#[derive(Debug, Default)]
pub struct IdAssigner {
    seen: HashMap<u64, u32>,
}

impl IdAssigner {
    /// Id of an operator of kind `name` whose state is described by `meaning` (anything that must match for its state to be
    /// used again: keys, aggregates, windows), above `inputs`.
    pub fn assign(&mut self, name: &str, meaning: &str, inputs: &[&OperatorId]) -> OperatorId {
        let mut hash = Fnv::new();
        hash.write(name);
        hash.write(meaning);
        for input in inputs {
            hash.write(&input.0);
        }
        let ordinal = self.seen.entry(hash.0).or_insert(0);
        let id = match *ordinal {
            0 => format!("{:016x}", hash.0),
            n => format!("{:016x}-{n}", hash.0),
        };
        *ordinal += 1;
        OperatorId(id)
    }
}

/// FNV-1a: stable for ever, which the standard library's hashers do not promise.
struct Fnv(u64);

impl Fnv {
    fn new() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }

    fn write(&mut self, text: &str) {
        for byte in text.bytes().chain([0xff]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}
