//! Runs cases side by side, one thread per core; the results come in the order of the cases. A case that does not end is given
//! up: its thread is left behind and another one takes its place.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::case::{Body, Case, Outcome};

/// Stack of a thread that runs cases: that of a process, because the parser's limit of depth is made for it.
const STACK: usize = 8 << 20;
/// How often is looked for cases that do not end.
const LOOK: Duration = Duration::from_millis(200);

/// A case that has run.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Position among the cases given.
    pub case: usize,
    pub outcome: Outcome,
    pub duration: Duration,
}

/// How cases are run.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    pub seed: u64,
    pub threads: usize,
    /// Real time after which a case counts as one that never ends.
    pub limit: Duration,
}

/// What the threads share.
struct Work {
    cases: Arc<Vec<Case>>,
    seed: u64,
    /// The next case, and the cases that are on their way.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    next: usize,
    running: Vec<(usize, Instant)>,
}

impl Work {
    fn take(&self) -> Option<usize> {
        let mut state = self.state.lock();
        let case = (state.next < self.cases.len()).then_some(state.next)?;
        state.next += 1;
        state.running.push((case, Instant::now()));
        Some(case)
    }

    /// False when the case was given up in the meantime.
    fn end(&self, case: usize) -> bool {
        let mut state = self.state.lock();
        let place = state.running.iter().position(|(running, _)| *running == case);
        place.map(|place| state.running.swap_remove(place)).is_some()
    }

    /// Cases that run for longer than `limit`; their results do not count any more.
    fn give_up(&self, limit: Duration) -> Vec<usize> {
        let mut given_up = Vec::new();
        self.state.lock().running.retain(|(case, begin)| {
            let goes_on = begin.elapsed() < limit;
            if !goes_on {
                given_up.push(*case);
            }
            goes_on
        });
        given_up
    }
}

/// Runs every case.
pub fn run(cases: &Arc<Vec<Case>>, rules: Rules) -> Vec<Finished> {
    let work = Arc::new(Work { cases: cases.clone(), seed: rules.seed, state: Mutex::default() });
    let (sender, receiver) = channel();
    for _ in 0..rules.threads.clamp(1, cases.len().max(1)) {
        start(&work, &sender);
    }
    let mut finished = collect(&work, &sender, &receiver, rules);
    finished.sort_by_key(|finished| finished.case);
    finished
}

/// A thread that takes cases until none is left. Where no thread can be had, this one does the work.
fn start(work: &Arc<Work>, sender: &Sender<Finished>) {
    let (own, answers) = (work.clone(), sender.clone());
    let started = std::thread::Builder::new().stack_size(STACK).spawn(move || take_cases(&own, &answers));
    if started.is_err() {
        take_cases(work, sender);
    }
}

fn take_cases(work: &Work, sender: &Sender<Finished>) {
    while let Some(case) = work.take() {
        let begin = Instant::now();
        let outcome = run_case(&work.cases[case], work.seed);
        let was_waited_for = work.end(case);
        let finished = Finished { case, outcome, duration: begin.elapsed() };
        if !was_waited_for || sender.send(finished).is_err() {
            return;
        }
    }
}

fn collect(work: &Arc<Work>, sender: &Sender<Finished>, receiver: &Receiver<Finished>, rules: Rules) -> Vec<Finished> {
    let mut finished = Vec::with_capacity(work.cases.len());
    while finished.len() < work.cases.len() {
        match receiver.recv_timeout(LOOK) {
            Ok(case) => finished.push(case),
            Err(RecvTimeoutError::Timeout) => {
                for case in work.give_up(rules.limit) {
                    let message = format!("it did not end within {} s", rules.limit.as_secs());
                    finished.push(Finished { case, outcome: Outcome::Panicked(message), duration: rules.limit });
                    start(work, sender);
                }
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    finished
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
