//! Runs cases side by side, one thread per core; the results come in the order of the cases.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::case::{Body, Case, Outcome};

/// A case that has run.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Position among the cases given.
    pub case: usize,
    pub outcome: Outcome,
    pub duration: Duration,
}

/// Runs every case on `threads` threads.
pub fn run(cases: &[Case], seed: u64, threads: usize) -> Vec<Finished> {
    let next = AtomicUsize::new(0);
    let finished = Mutex::new(Vec::with_capacity(cases.len()));
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, cases.len().max(1)) {
            scope.spawn(|| {
                while let Some(case) = take(&next, cases.len()) {
                    let begin = Instant::now();
                    let outcome = run_case(&cases[case], seed);
                    finished.lock().push(Finished { case, outcome, duration: begin.elapsed() });
                }
            });
        }
    });
    let mut finished = finished.into_inner();
    finished.sort_by_key(|finished| finished.case);
    finished
}

fn take(next: &AtomicUsize, count: usize) -> Option<usize> {
    let case = next.fetch_add(1, Relaxed);
    (case < count).then_some(case)
}

/// Runs one case. A defect that panics is that case's outcome, and nobody else's.
pub fn run_case(case: &Case, seed: u64) -> Outcome {
    let test = match &case.body {
        Body::Test(test) => test,
        Body::Skip(reason) => return Outcome::Skipped(reason.clone()),
        Body::Broken(problem) => return Outcome::Broken(problem.clone()),
    };
    match catch_unwind(AssertUnwindSafe(|| test.run(&case.id, seed))) {
        Ok(Ok(passed)) => Outcome::Passed(passed),
        Ok(Err(trouble)) => Outcome::Failed(trouble),
        Err(panic) => Outcome::Panicked(panic_text(&*panic)),
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "no message".to_owned())
}
