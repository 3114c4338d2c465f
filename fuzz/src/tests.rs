//! The loop finds what it is for.

use std::time::Duration;

use crate::cpu::Thread;
use crate::mutate::{self, BINARY, JSON, TEXT};
use crate::random::Random;
use crate::run::{Check, Target, Until, watch};

fn target(check: fn() -> Check) -> Target {
    Target { samples: || vec![b"a sample [with] some words".to_vec()], mutations: TEXT, check, a_minute: 0 }
}

fn complaint(check: fn() -> Check) -> String {
    watch("tests", target(check), 1, Until::Time(Duration::from_secs(60))).unwrap_err()
}

#[test]
fn a_panic_is_found_and_its_input_made_small() {
    let found = complaint(|| {
        Box::new(|input| {
            assert!(!input.windows(3).any(|three| three == b"[[["), "three brackets");
            true
        })
    });
    assert!(found.starts_with("three brackets\nreplay: NUTKIN_FUZZ_SEED="), "{found}");
    assert!(found.ends_with("an input of 3 bytes: b\"[[[\""), "{found}");
}

#[test]
fn memory_out_of_proportion_is_found() {
    let found = complaint(|| Box::new(|input| Vec::<u8>::with_capacity(input.len() << 20).is_empty()));
    assert!(found.contains("bytes of memory"), "{found}");
}

#[test]
fn waiting_takes_no_time_of_the_processor() {
    let thread = Thread::current();
    let start = thread.time();
    std::thread::sleep(Duration::from_millis(300));
    assert!(thread.time() - start < Duration::from_millis(200));
    while thread.time() - start < Duration::from_millis(200) {
        std::hint::spin_loop();
    }
}

#[test]
fn as_many_inputs_are_made_as_are_asked_for() {
    let made = watch("tests", target(|| Box::new(|_| true)), 1, Until::Inputs(1000)).unwrap();
    assert_eq!((made.made, made.read), (1000, 1000));
}

#[test]
fn a_seed_gives_the_same_input_again() {
    let samples = [b"{\"a\": [1, 2.5, \"x\"], \"b\": null}".to_vec(), b"[{}]".to_vec()];
    for mutations in [BINARY, TEXT, JSON] {
        for seed in 0..2000 {
            let input = || mutate::input(&mut Random::new(seed), &samples, mutations);
            assert_eq!(input(), input());
        }
    }
}
