//! The loop: a bounded number of inputs, each watched for panics, time and memory.
//!
//! How many there are does not depend on the machine, so that a run finds what the one before it found and is red only for
//! what was changed since; only who asks for it gets new seeds, by the clock. A target runs on a thread of its own with the stack of a worker thread, so that recursion without a limit is found, and
//! is watched by the test's thread, so that an endless loop is found. Seeds go to the terminal past the test harness:
//! a stack overflow or a failed allocation ends the process without another word.

use std::cell::Cell;
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, Once};
use std::time::{Duration, Instant, SystemTime};

use crate::cpu::Thread;
use crate::mutate::{self, Mutation};
use crate::random::Random;
use crate::shrink::shrink;

/// One reader under test.
#[derive(Clone, Copy)]
pub struct Target {
    /// Valid inputs.
    pub samples: fn() -> Vec<Vec<u8>>,
    /// How samples are changed.
    pub mutations: &'static [Mutation],
    /// Makes the check, which panics when the reader breaks a promise.
    pub check: fn() -> Check,
    /// About as many inputs as a core reads in a minute, in a build for tests.
    pub a_minute: u64,
}

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    /// After so many inputs, without the samples.
    Inputs(u64),
    /// After so long.
    Time(Duration),
}

/// Reads one input and holds the result to what is documented. True when it was read, false when it was refused.
pub type Check = Box<dyn FnMut(&[u8]) -> bool>;

/// No input of [`mutate::MAX_INPUT`] bytes may take longer, of a processor and without optimisation.
const TIME: Duration = Duration::from_secs(5);
/// Nor more memory than this and [`MEMORY_PER_BYTE`] for each of its bytes.
const MEMORY: u64 = 64 << 20;
const MEMORY_PER_BYTE: u64 = 1024;
/// Stack of the threads that read in production (Tokio's default).
const STACK: usize = 2 << 20;

/// How many inputs there were, and how many of them the reader did not refuse: the promises about results are tried by these.
#[derive(Debug, Clone, Copy, Default)]
pub struct Inputs {
    /// All, without the samples.
    pub made: u64,
    /// Those that were read.
    pub read: u64,
    /// What they took of a processor: [`Target::a_minute`] comes from it.
    pub time: Duration,
}

/// What is being read, by seed.
type Current = Arc<Mutex<Option<(u64, Vec<u8>)>>>;

/// Runs `target` with as many inputs as take about `NUTKIN_FUZZ_MINUTES` (default: two seconds; 0: the samples alone), or
/// for `NUTKIN_FUZZ_SECONDS` by the clock. From seed `NUTKIN_FUZZ_SEED`; without it, by the clock from a new one, else from 1.
///
/// # Panics
/// When an input breaks a promise; the message has the promise, the input made small, and its seed.
pub fn run(name: &'static str, target: Target) {
    let number = |variable: &str| std::env::var(variable).ok().map(|text| text.parse::<u64>().expect("a number"));
    let clock = || SystemTime::UNIX_EPOCH.elapsed().map_or(1, |elapsed| elapsed.as_micros() as u64);
    let (until, seed) = match (number("NUTKIN_FUZZ_SECONDS"), number("NUTKIN_FUZZ_MINUTES")) {
        (Some(seconds), _) => (Until::Time(Duration::from_secs(seconds)), clock()),
        (None, Some(minutes)) => (Until::Inputs(target.a_minute * minutes), 1),
        (None, None) => (Until::Inputs(target.a_minute / 30), 1),
    };
    let seed = number("NUTKIN_FUZZ_SEED").unwrap_or(seed);
    tell(&format!("fuzz {name}: {until:?} from seed {seed}"));
    match watch(name, target, seed, until) {
        Ok(inputs) => {
            let Inputs { made, read, time } = inputs;
            tell(&format!("fuzz {name}: {made} inputs, {read} were read, {time:?} of a processor"));
        }
        Err(complaint) => panic!("fuzz {name}: {complaint}"),
    }
}

/// Runs `target` on a thread and looks after it. Gives the numbers of inputs, or what is wrong with one.
pub fn watch(name: &'static str, target: Target, seed: u64, until: Until) -> Result<Inputs, String> {
    let current = Current::default();
    let (to_watch, worker) = mpsc::channel();
    let (sender, receiver) = mpsc::channel();
    let shared = Arc::clone(&current);
    let work = move || {
        to_watch.send(Thread::current()).expect("it is watched");
        sender.send(work(name, target, seed, until, &shared))
    };
    std::thread::Builder::new().name(name.to_owned()).stack_size(STACK).spawn(work).expect("a thread");
    let worker = worker.recv().expect("a thread");
    // The input at the last look, and what the thread had used when it was first seen.
    let (mut last, mut since) = (None, Duration::ZERO);
    loop {
        match receiver.recv_timeout(Duration::from_millis(100)) {
            Ok(outcome) => return outcome,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(format!("its samples or checks cannot be made; seed {seed}"));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        let now = worker.time();
        let current = current.lock().expect("no panic while locked");
        let Some((seed, input)) = &*current else { continue };
        if last != Some(*seed) {
            (last, since) = (Some(*seed), now);
        }
        // Twice the time: what ends at all is found, and made small, by the thread itself.
        if now.saturating_sub(since) > 2 * TIME {
            return Err(report(name, "it does not come to an end", *seed, input));
        }
    }
}

fn work(name: &str, target: Target, seed: u64, until: Until, current: &Current) -> Result<Inputs, String> {
    let samples = (target.samples)();
    let mut check = (target.check)();
    let start = Instant::now();
    let mut inputs = Inputs::default();
    let mut next = |seed: u64, input: Vec<u8>| {
        *current.lock().expect("no panic while locked") = Some((seed, input.clone()));
        let outcome = probe(&mut check, &input);
        *current.lock().expect("no panic while locked") = None;
        outcome.map_err(|complaint| {
            let (small, complaint) = shrink(target, input, complaint);
            report(name, &complaint, seed, &small)
        })
    };
    for sample in &samples {
        next(seed, sample.clone())?;
    }
    let more = |inputs: &Inputs| match until {
        Until::Inputs(number) => inputs.made < number,
        Until::Time(time) => start.elapsed() < time,
    };
    while more(&inputs) {
        let seed = seed.wrapping_add(inputs.made);
        let read = next(seed, mutate::input(&mut Random::new(seed), &samples, target.mutations))?;
        inputs.made += 1;
        inputs.read += u64::from(read);
    }
    inputs.time = Thread::current().time();
    Ok(inputs)
}

/// Checks one input: whether it was read. The error says which promise is broken.
pub fn probe(check: &mut Check, input: &[u8]) -> Result<bool, String> {
    let start = Instant::now();
    let mut read = measured(check, input)?;
    // Waiting for a processor does not count; looking at what it does each time would take longer than most inputs.
    if start.elapsed() > TIME {
        let thread = Thread::current();
        let start = thread.time();
        read = measured(check, input)?;
        let used = thread.time() - start;
        if used > TIME {
            return Err(format!("it takes {used:?}"));
        }
    }
    Ok(read)
}

/// Checks one input but for its time.
fn measured(check: &mut Check, input: &[u8]) -> Result<bool, String> {
    let mut outcome = Ok(false);
    let used = allocation_counter::measure(|| outcome = catch_unwind(AssertUnwindSafe(|| check(input))));
    let read = outcome.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        text.unwrap_or("panic").to_owned()
    })?;
    if used.bytes_max > MEMORY + MEMORY_PER_BYTE * input.len() as u64 {
        return Err(format!("it takes {} bytes of memory", used.bytes_max));
    }
    Ok(read)
}

fn report(name: &str, complaint: &str, seed: u64, input: &[u8]) -> String {
    let mut text = format!("{complaint}\nreplay: NUTKIN_FUZZ_SEED={seed} cargo test -p nutkin-fuzz {name}\n");
    let _ = write!(text, "an input of {} bytes: b\"{}\"", input.len(), input.escape_ascii());
    text
}

fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` without the messages of its panics.
pub fn quietly<T>(work: impl FnOnce() -> T) -> T {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                usual(info);
            }
        }));
    });
    QUIET.set(true);
    let result = work();
    QUIET.set(false);
    result
}
