//! `nutkin test`: tests of SQL without a server, a broker or a clock.
//!
//! A [`case`] is read from a file ([`read`]), run by its [`kind`] in a [`world`] of tables in memory on virtual time, and
//! compared with what it expects ([`compare`]). A streaming case runs three ways against one expectation: straight, at
//! parallelism 2 with random batches and checkpoints, and restored at parallelism 3. Planner and engine are the service's
//! own; nothing of them is simulated but time and topics.

mod arguments;
mod case;
mod changes;
mod compare;
mod error;
mod kind;
mod ledger;
mod random;
mod read;
mod refusal;
mod report;
mod runner;
mod update;
mod value;
mod world;

#[cfg(test)]
mod tests;

pub use arguments::Arguments;
pub use error::Error;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use case::Case;
use ledger::Ledger;
use runner::Rules;

/// Runs the cases and reports; true when every case passed that the ledger does not list.
///
/// # Errors
/// When cases cannot be read or reports not be written.
pub fn run(arguments: Arguments) -> Result<bool, Error> {
    let begin = Instant::now();
    let cases = filtered(read::read(&arguments.paths)?, arguments.filter.as_deref())?;
    let seed = arguments.seed.unwrap_or_else(any_seed);
    let threads = arguments.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let rules = Rules { seed, threads, limit: Duration::from_secs(arguments.limit) };
    let cases = Arc::new(cases);
    let finished = quietly(|| runner::run(&cases, rules));
    if arguments.update {
        update::update(&cases, &finished, seed)?;
    }
    let mut ledger = arguments.ledger.as_deref().map(Ledger::read).transpose()?;
    if arguments.update
        && let (Some(path), Some(ledger)) = (&arguments.ledger, &mut ledger)
    {
        *ledger = Ledger::of(&cases, &finished);
        ledger.write(path)?;
    }
    let elapsed = begin.elapsed();
    let run = report::Run { cases: &cases, finished: &finished, ledger: ledger.as_ref(), seed, elapsed };
    report::write(&run, &arguments.reports, arguments.color)?;
    Ok(run.new_failures() == 0)
}

fn filtered(cases: Vec<Case>, filter: Option<&str>) -> Result<Vec<Case>, Error> {
    let Some(filter) = filter else { return Ok(cases) };
    let pattern = regex::Regex::new(filter)?;
    let cases: Vec<Case> = cases.into_iter().filter(|case| pattern.is_match(&case.id)).collect();
    match cases.is_empty() {
        true => Err(Error::Usage(format!("no case matches --filter '{filter}'"))),
        false => Ok(cases),
    }
}

/// Any number that is easy to type again.
fn any_seed() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(since.subsec_nanos()) % 1_000_000
}

/// A case that panics is reported as such; its message need not stand twice on the screen.
fn quietly<T>(work: impl FnOnce() -> T) -> T {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = work();
    std::panic::set_hook(hook);
    result
}
