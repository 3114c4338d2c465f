//! Processor time of a thread. On a busy machine the clock does not say how long a reader takes: everything waits there.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// A thread of this process.
pub struct Thread(PathBuf);

/// What Linux counts processor time in.
const TICK: Duration = Duration::from_millis(10);

impl Thread {
    /// The one that asks.
    pub fn current() -> Thread {
        let own = std::fs::read_link("/proc/thread-self").expect("procfs");
        Thread(Path::new("/proc").join(own).join("stat"))
    }

    /// How long it has run so far; zero when it has ended.
    pub fn time(&self) -> Duration {
        let stat = std::fs::read_to_string(&self.0).unwrap_or_default();
        // Behind the name, which stands in brackets and may hold anything, times in user and system mode are 12th and 13th.
        let (_, fields) = stat.rsplit_once(')').unwrap_or_default();
        let ticks: u32 = fields.split_whitespace().skip(11).take(2).flat_map(str::parse::<u32>).sum();
        TICK * ticks
    }
}
