//! Making a failing input small: pieces are left out, from halves down to single bytes, as long as it fails.

use std::time::{Duration, Instant};

use crate::run::{Target, probe, quietly};

/// How long to try.
const TIME: Duration = Duration::from_secs(10);

/// A smaller input that fails too, and how it fails.
pub fn shrink(target: Target, mut input: Vec<u8>, mut complaint: String) -> (Vec<u8>, String) {
    let start = Instant::now();
    let mut check = (target.check)();
    let mut size = input.len().next_power_of_two();
    while size > 0 {
        let mut at = 0;
        while at < input.len() {
            if start.elapsed() > TIME {
                return (input, complaint);
            }
            let mut smaller = input.clone();
            smaller.drain(at..(at + size).min(input.len()));
            match quietly(|| probe(&mut check, &smaller)) {
                Ok(_) => at += size,
                Err(found) => {
                    // A check that panicked may be left in any state.
                    check = (target.check)();
                    (input, complaint) = (smaller, found);
                }
            }
        }
        size /= 2;
    }
    (input, complaint)
}
